"""A long step shows signs of life while it works, as AWX sees them: events of ansible-runner, at either place."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import ansible_runner
import pytest

from tests.integration.sshd import PROGRAM
from tests.integration.test_machine_front_end import a_machine
from tests.integration.toy import World

SECONDS = 25
STILL = "at work, nothing new for"


@pytest.fixture(params=["controller", "machine"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with ExitStack() as kept:
        if request.param == "machine":
            if PROGRAM is None:
                pytest.skip("NOT RUN: openssh-server is not installed")
            yield kept.enter_context(a_machine(tmp_path))
            return
        made = World(tmp_path)
        made.initialise()
        kept.callback(made.kill_all)
        yield made


def shown(world: World, **variables: object) -> list[tuple[str, str]]:
    """Run the switch; return kind and text of the events, in the order in which the job's page shows them."""
    home = world.base / "job data"
    home.mkdir()
    run = ansible_runner.run(
        private_data_dir=str(home),
        playbook=str(world.play),
        inventory=str(world.inventory),
        extravars={"switch_action": "switch", **variables},
        envvars=world.variables(PATH=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"),
        quiet=True,
    )
    assert run.rc == 0, run.stdout.read()
    events = sorted(run.events, key=lambda event: event["counter"])
    return [(event["event"], event["stdout"]) for event in events if event["stdout"]]


def test_a_silent_step_shows_signs_of_life_before_its_end(world: World) -> None:
    events = shown(world, seconds=SECONDS, silent=True)
    plan = next(place for place, (_kind, text) in enumerate(events) if "| plan: Write one" in text)
    end = next(place for place, (_kind, text) in enumerate(events) if "changed: [api" in text)
    signs = [place for place, (kind, text) in enumerate(events) if kind == "verbose" and STILL in text]
    assert len(signs) >= 2, events
    assert plan < signs[0] and signs[-1] < end, events
    assert events[end][0] == "runner_on_ok"
