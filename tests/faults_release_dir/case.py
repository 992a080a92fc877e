"""A row of the table, how it is played on a machine, and the judgement of tests/faults/case.py from outside."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.faults.case import OK, RED, REFUSED, UNCHANGED, UNDONE, Case, Expect, Trial, adopted
from tests.faults_release_dir.arena import Machine

__all__ = ["OK", "RED", "REFUSED", "UNCHANGED", "UNDONE", "Expect", "MachineCase", "adopted", "at", "play", "shell"]


@dataclass(frozen=True)
class MachineCase(Case):
    """One fault.

    :param acts: what happens at which step of the first run, from its machine.
    :param dies: the first run is killed by that; only the one after it is judged.
    :param leaves: whether half-made things may be left behind.
    """

    acts: Callable[[Machine], list[dict[str, Any]]] | None = None
    dies: bool = False
    leaves: bool = False


def at(
    effect: str,
    match: str = "",
    *,
    do: list[str] | None = None,
    nth: int = 1,
    when: str = "before",
    die: bool = False,
    switched: bool = False,
) -> dict[str, Any]:
    """One act: an outside program at a step of the run."""
    return {"effect": effect, "match": match, "nth": nth, "when": when, "do": do, "die": die, "switched": switched}


def shell(line: str, **named: object) -> list[str]:
    """An outside program as a line of the shell, its values quoted."""
    return ["sh", "-c", line.format(**{name: shlex.quote(str(value)) for name, value in named.items()})]


def play(case: MachineCase, machine: Machine) -> list[str]:
    """Play a case and return what the observer has to complain of; an empty list when all is as it must be."""
    case.arrange(machine)  # type: ignore[arg-type]
    job = {**case.job, "job_at": case.acts(machine) if case.acts else []}
    complaints = _play_run(case, machine, job, case.expect, first=True)
    if case.then is not None:
        if case.mend:
            case.mend(machine)  # type: ignore[arg-type]
        job, expect = case.then
        complaints += [f"next run: {said}" for said in _play_run(case, machine, job, expect, first=False)]
    return complaints


def _play_run(case: MachineCase, machine: Machine, job: dict[str, Any], expect: Expect, *, first: bool) -> list[str]:
    observer = machine.observer
    before, since = observer.look(), observer.request_count()
    running = machine.begin(**job)
    if first and case.middle:
        try:
            case.middle(machine, running)  # type: ignore[arg-type]
        except (AssertionError, TimeoutError) as error:
            running.kill()
            return [f"the middle was never reached: {error}"]
    result = running.wait()
    if result is None:
        return [] if first and case.dies else ["the run died without a result"]
    if first and case.dies:
        return ["the run should have died"]
    trial = Trial(case, expect, result, before, observer.look(), observer.sent(since), observer)
    found = trial.complaints()
    if not result.get("failed") and trial.after.status != "link":
        found.append(f"FALSE GREEN: {machine.base / 'current'} is {trial.after.status}")
    if (
        not (first and case.acts)
        and expect.outcome == REFUSED
        and (trial.after.configured, trial.after.status) != (before.configured, before.status)
    ):
        found.append("FALSE REFUSAL: nothing was said to be done and the link is another")
    if not case.leaves and (left := observer.leftovers()):
        found.append(f"half-made things are left: {left}")
    return found
