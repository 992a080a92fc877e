"""How long a person hears nothing while a step of 60 s works, and what it costs to listen.

The silence is that between two events of ansible-runner, at either place, of a module that itself says nothing. At
place controller the front end may slow the module by 2 % at most: the module's own time, as the shim that starts it
sees it, with the front end beside plain Ansible, in pairs; each side against itself is the null. At place machine the
cost is reported: CPU seconds of the whole run there beside those at place controller.
"""

from __future__ import annotations

import datetime
import itertools
import os
import resource
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ansible_runner

from tests.benchmarks.pairs import Cost, compare
from tests.integration.sshd import PROGRAM
from tests.integration.test_machine_front_end import a_machine
from tests.integration.toy import World

STEP_SECONDS = 60
PAIR_SECONDS = 20
SILENCE_LIMIT = 10.0
OVERHEAD_LIMIT = 1.02
SHIM = """
import subprocess, sys, time
began = time.monotonic()
rc = subprocess.call([{python!r}, *sys.argv[1:]])
with open({log!r}, "a") as log:
    log.write(f"{{time.monotonic() - began}}\\n")
raise SystemExit(rc)
"""


def measure() -> dict[str, Any]:
    """Return the figures and whether both limits hold."""
    with a_controller() as world:
        controller = heard(world)
    machine: dict[str, Any] = {"not_run": "openssh-server is not installed"}
    if PROGRAM is not None:
        with tempfile.TemporaryDirectory(prefix="bench-") as scratch, a_machine(Path(scratch)) as there:
            machine = heard(there)
    overhead = compare(lambda: None, lambda: None, measure=_Pairs(streamed=True))
    null = compare(lambda: None, lambda: None, measure=_Pairs(streamed=False))
    silences = [side["longest_silence_seconds"] for side in (controller, machine) if "not_run" not in side]
    return {
        "holds": max(silences) <= SILENCE_LIMIT and overhead.holds(OVERHEAD_LIMIT),
        "silence_limit_seconds": SILENCE_LIMIT,
        "overhead_limit": OVERHEAD_LIMIT,
        "controller": controller,
        "machine": machine,
        "module_with_front_end_over_without": overhead.as_dict()["ratio"],
        "null": null.as_dict()["ratio"],
        "module_seconds": round(statistics.median(cost.wall for cost in overhead.b), 3),
    }


@contextmanager
def a_controller() -> Iterator[World]:
    """Give a world whose module runs where Ansible does."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        world = World(Path(scratch))
        world.initialise()
        yield world
        world.kill_all()


def heard(world: World) -> dict[str, float]:
    """Run a silent step; return the longest time without an event in it, and the CPU seconds of the run."""
    before = _cpu()
    events = played(world, seconds=STEP_SECONDS, silent=True)
    begun = next(place for place, event in enumerate(events) if "| plan: " in event["stdout"])
    times = [datetime.datetime.fromisoformat(event["created"]).timestamp() for event in events[begun:]]
    ended = next(place for place, event in enumerate(events[begun:]) if event["event"] == "runner_on_ok")
    gaps = [later - earlier for earlier, later in itertools.pairwise(times[: ended + 1])]
    return {"longest_silence_seconds": round(max(gaps), 2), "cpu_seconds": round(_cpu() - before, 2)}


def played(world: World, **variables: object) -> list[dict[str, Any]]:
    """Run the switch to its end and return its events in order."""
    home = world.base / "job data"
    home.mkdir(exist_ok=True)
    run = ansible_runner.run(
        private_data_dir=str(home),
        playbook=str(world.play),
        inventory=str(world.inventory),
        extravars={"switch_action": "switch", **variables},
        envvars=world.variables(PATH=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"),
        quiet=True,
    )
    if run.rc != 0:
        raise SystemExit(f"the run failed:\n{run.stdout.read()}")
    return sorted((dict(event) for event in run.events), key=lambda event: event["counter"])


class _Pairs:
    """Costs of a step's module: of the first side with the front end, or as the null without it, of the second without.

    :param streamed: whether the first side has the front end.
    """

    def __init__(self, *, streamed: bool) -> None:
        self._first, self._sides = streamed, dict[int, bool]()

    def __call__(self, side: Any) -> Cost:
        """Run the step once as this side does."""
        streamed = self._sides.setdefault(id(side), self._first and not self._sides)
        with a_controller() as world:
            log = world.base / "modules.log"
            world.put(world.base / "inventory" / "host_vars" / "api.yml", f"ansible_python_interpreter: {_shim(log)}\n")
            if not streamed:
                routing = world.base / "collections" / "ansible_collections" / "acme" / "toy" / "meta" / "runtime.yml"
                routing.unlink()
            before = _cpu()
            played(world, seconds=PAIR_SECONDS)
            # the plan is made by a call of its own, and takes no time
            longest = max(float(line) for line in log.read_text().split())
            return Cost(longest, _cpu() - before)


def _shim(log: Path) -> Path:
    shim, program = log.with_name("python"), log.with_name("shim.py")
    program.write_text(SHIM.format(python=sys.executable, log=str(log)))
    # through sh: the first line of a script holds no path with a blank
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{program}" "$@"\n')
    shim.chmod(0o700)
    return shim


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
