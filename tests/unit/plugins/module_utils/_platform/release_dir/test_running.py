"""What really runs beside what the link leads to."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.intent import Intent
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.layout import Layout, Link
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.processes import Process
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.running import Running, Steady
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.supervisor import Health, State
from tests.release_world import VirtualClock

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LAYOUT = Layout(Path("/srv/api"))
LINK = Link("link-1", LAYOUT.releases / "b", NOW - timedelta(seconds=30))
INTENT = Intent("link-1", "b", "a", "boot", 70.0, NOW)
UP = State(Health.RUNNING, "running", (7,))


class Machine:
    """Processes as they are put, on one boot."""

    def __init__(self, *found: Process) -> None:
        self.found = {process.pid: process for process in found}

    def one(self, pid: int) -> Process | None:
        return self.found.get(pid)

    def every(self) -> Any:
        return iter(self.found.values())

    def boot(self) -> str:
        return "boot"


def running(*found: Process) -> Running:
    clock = VirtualClock()
    clock.seconds = 100.0
    clock.now = lambda: NOW  # type: ignore[method-assign]
    return Running(LAYOUT, None, Machine(*found), clock)  # type: ignore[arg-type]


def at(place: str, started: float = 90.0) -> Process:
    return Process(7, 1, started, (place,))


IN_A, IN_B = at("/srv/api/releases/a"), at("/srv/api/releases/b")
STOOD = Steady("link-1", ((7, 90.0),), 0)


@pytest.mark.parametrize(
    ("process", "state", "steady", "said"),
    [
        (IN_B, UP, None, ""),
        (IN_A, UP, None, "/srv/api/current leads to b, but process 7 runs a"),
        (
            at("/", 65.0),
            UP,
            None,
            "/srv/api/current leads to b, but process 7 runs what served before the link was switched",
        ),
        (IN_A, State(Health.FAILED, "failed", (7,)), None, ""),
        (IN_B, UP, STOOD, ""),
        (IN_B, dataclasses.replace(UP, restarts=1), STOOD, "its process restarted while it was proved"),
        (at("/srv/api/releases/b", 95.0), UP, STOOD, "its process restarted while it was proved"),
        (IN_B, UP, Steady("link-0", (), 0), ""),
    ],
)
def test_what_is_not_known(process: Process, state: State, steady: Steady | None, said: str) -> None:
    assert running(process).moved(LINK, INTENT, state, steady) == said


def test_a_process_that_ended_in_between() -> None:
    look = running().look("b", 0.0, UP)
    assert (look.state.health, look.state.word, look.identity) == (Health.STARTING, "a process is gone", ())


@pytest.mark.parametrize(
    ("intent", "since"),
    [
        (INTENT, 70.0),
        (dataclasses.replace(INTENT, boot="before"), 0.0),
        # the link of another hand: by the clock on the wall
        (dataclasses.replace(INTENT, operation="link-0"), 70.0),
        (None, 70.0),
    ],
)
def test_when_it_was_switched(intent: Intent | None, since: float) -> None:
    assert running().switched(LINK, intent) == since


def test_a_link_from_before_the_boot() -> None:
    assert running().switched(dataclasses.replace(LINK, made=NOW - timedelta(days=9)), None) == 0.0
