"""When a switch has come to its end: every way through the table."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.gate import Gate, Look, Verdict
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.supervisor import Health, State
from ansible_collections.steady.ops.plugins.module_utils._release.protocol import Ending

ONE, TWO, THREE, FOUR = (((pid, 1.0),) for pid in (1, 2, 3, 4))
NONE: tuple[tuple[int, float], ...] = ()


def look(at: float, health: Health = Health.RUNNING, identity=ONE, restarts: int = 0, elsewhere: str = "") -> Look:  # type: ignore[no-untyped-def]
    return Look(at, State(health, health.value, (), restarts), identity, elsewhere)


def judged(*looks: Look, refused: str = "") -> list[Verdict]:
    gate = Gate(steady_seconds=5.0, start_seconds=20.0, began=0.0, refused=refused)
    return [gate.judge(item) for item in looks]


def words(*looks: Look, refused: str = "") -> str:
    return " ".join(verdict.word.split()[0] for verdict in judged(*looks, refused=refused))


@pytest.mark.parametrize(
    ("looks", "said"),
    [
        ([look(0), look(4.9), look(5)], "RUNNING RUNNING STEADY"),
        ([look(0, Health.STARTING, NONE), look(4), look(8), look(9)], "STARTING RUNNING RUNNING STEADY"),
        # a restart begins the window anew, by its process or by its counter
        ([look(0), look(4, identity=TWO), look(8, identity=TWO), look(9, identity=TWO)],
         "RUNNING RUNNING RUNNING STEADY"),
        ([look(0), look(4, restarts=1), look(8, restarts=1), look(9, restarts=1)], "RUNNING RUNNING RUNNING STEADY"),
        # a counter that a supervisor sets back says nothing
        ([look(0, restarts=3), look(5, restarts=0)], "RUNNING STEADY"),
        # one look at which it is down may be the moment between two processes
        ([look(0, Health.STOPPED, NONE), look(1), look(6)], "STOPPED RUNNING STEADY"),
        ([look(0, Health.FAILED, NONE), look(1, Health.FAILED, NONE)], "FAILED DOWN"),
        ([look(0, Health.STOPPED, NONE), look(1, Health.STARTING, NONE), look(2, Health.STOPPED, NONE)],
         "STOPPED STARTING STOPPED"),
        # what still runs elsewhere is no measure of restarts
        ([look(0, elsewhere="old"), look(1, identity=TWO), look(6, identity=TWO)], "RUNNING RUNNING STEADY"),
        ([look(0), look(1, identity=TWO), look(2, identity=THREE), look(3, identity=FOUR)],
         "RUNNING RUNNING RUNNING RESTARTING"),
        ([look(0, Health.STARTING, NONE), look(1, Health.STARTING, NONE, 3)], "STARTING RESTARTING"),
        ([look(0, Health.STARTING, NONE), look(25, Health.STARTING, NONE), look(25.1, Health.STARTING, NONE)],
         "STARTING STARTING TOO"),
        ([look(0), look(26, identity=TWO)], "RUNNING TOO"),
    ],
)  # fmt: skip
def test_the_table(looks: list[Look], said: str) -> None:
    assert words(*looks) == said


def test_nothing_is_seen() -> None:
    gate = Gate(steady_seconds=5.0, start_seconds=20.0, began=0.0)
    words = [
        gate.judge(look(0)).word,
        gate.unseen(4, "silent").word,
        gate.judge(look(5)).word,
        gate.judge(look(10)).word,
    ]
    assert words == ["RUNNING for 0.0 s", "UNSEEN", "RUNNING for 0.0 s", "STEADY"]
    assert gate.unseen(25, "silent") == Verdict(Ending.RUNNING, "UNSEEN")
    assert gate.unseen(26, "silent").why == "nothing is to be seen of it after 26 s: silent"


@pytest.mark.parametrize(
    ("looks", "why"),
    [
        ([look(0, Health.FAILED), look(1, Health.FAILED)], "it failed: its supervisor says failed"),
        (
            [look(0, Health.ABSENT), look(1, Health.ABSENT)],
            "it is not known to its supervisor: its supervisor says absent",
        ),
        ([look(0, Health.STARTING, NONE), look(9, Health.STARTING, NONE, 4)], "it restarted 4 times within 9.0 s"),
        ([look(30, elsewhere="process 1 runs a")], "it does not run steadily after 30 s: process 1 runs a"),
        ([look(30, Health.STARTING)], "it does not run steadily after 30 s: its supervisor says starting"),
        ([look(30)], "it does not run steadily after 30 s: keeps restarting"),
    ],
)
def test_why_it_failed(looks: list[Look], why: str) -> None:
    last = judged(*looks)[-1]
    assert (last.ending, last.why) == (Ending.FAILED, why)


@pytest.mark.parametrize(
    ("looks", "said", "why"),
    [
        # what served before still runs there, and the link is back: nothing needed to be told
        ([look(0), look(5)], "RUNNING STEADY", ""),
        ([look(0, elsewhere="old")], "REFUSED", "polkit says no"),
        ([look(0, Health.FAILED), look(1, Health.FAILED)], "FAILED DOWN", "polkit says no"),
        ([look(0, Health.STARTING, NONE)], "STARTING", ""),
    ],
)
def test_a_supervisor_that_would_not_be_told(looks: list[Look], said: str, why: str) -> None:
    verdicts = judged(*looks, refused="polkit says no")
    assert (words(*looks, refused="polkit says no"), verdicts[-1].why) == (said, why)
