# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a run: the closing entry, the leases given back, the last line, and what makes it red."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...module_utils._errors import OpsError
from .._ledger import deadlines
from .._ledger.ledger import open_ledger
from .._told.noted import Noted
from .aftermath import follow
from .lines import last_line
from .next_command import Commands
from .reach import remember

_MOST_FAILURES = 20
_LONGEST = 500
_INTERRUPTED = "INTERRUPTED"


@dataclass
class Record:
    """What the callback noted of one run.

    :param begun: the monotonic clock when the playbook began.
    :param worked: whether any task but the guard ran.
    :param would_refuse: whether a check run found why a real one would refuse.
    :param commands: makes commands as this run's own was typed.
    :param noted: what the tasks said, for those who are told of the end.
    :param who: who runs this, as the journal keeps it.
    :param typed: the extra variables.
    """

    run: str
    playbook: str
    directory: Path
    begun: float
    passes: list[Mapping[str, object]] = field(default_factory=list)
    failures: list[dict[str, str]] = field(default_factory=list)
    worked: bool = False
    would_refuse: bool = False
    commands: Commands = field(default_factory=lambda: Commands(sys.argv), repr=False)
    noted: Noted = field(default_factory=Noted, repr=False)
    who: Mapping[str, object] = field(default_factory=dict)
    typed: Mapping[str, object] = field(default_factory=dict, repr=False)

    @property
    def final(self) -> Mapping[str, object] | None:
        """Return the last result of the guard that names a system."""
        return self.judged[-1] if self.judged else None

    @property
    def judged(self) -> list[Mapping[str, object]]:
        """Return the results of the guard that name a system, the last one last."""
        return [result for result in self.passes if result.get("system")]

    def passed(self, result: Mapping[str, object]) -> None:
        """Note a result of the guard, whether it let pass or refused."""
        if not any(_same(result, other) for other in self.passes):
            self.passes.append(result)

    def failed(self, host: str, task: str, message: str) -> None:
        """Note a failed task."""
        masked = self.noted.failure(task, message)
        if len(self.failures) < _MOST_FAILURES:
            self.failures.append({"host": host, "task": task, "msg": masked[:_LONGEST]})


@dataclass(frozen=True)
class Ended:
    """How a run ended.

    :param red: why it must end red although Ansible found nothing wrong; empty when it need not.
    """

    lines: tuple[str, ...]
    red: str = ""


def close(record: Record, *, processed: Sequence[str], bad_hosts: Sequence[str], seconds: float) -> Ended:
    """Close a run.

    :param processed: hosts on which anything ran.
    :param bad_hosts: those that failed or could not be reached.
    """
    if not processed:
        return Ended(
            (),
            f"{record.playbook} processed no host, so nothing was done: check -i, --limit, --tags and"
            f" --start-at-task, and that the inventory's group has members. Next: {record.commands.hosts()}",
        )
    if not record.passes:
        return Ended((), _unjudged(record))
    lines, problems = [], []
    for result in record.passes:
        if "run" not in result or "system" not in result:
            continue
        outcome = _outcome(result, bad_hosts)
        shown = "ok, but a real run would refuse," if record.would_refuse and outcome == "ok" else outcome
        lines.append(last_line(result, shown, str(result.get("target") or ""), seconds))
    final = record.final
    if final is not None:
        problem = _write(record, final, _outcome(final, bad_hosts), bad_hosts, seconds)
        if problem:
            problems.append(problem)
    changes = any(_changes(result) for result in record.passes)
    if changes and not record.worked:
        problems.append(
            f"{record.playbook} passed the gates and then did nothing: run it without --tags and --skip-tags."
            f" Next: {record.commands.whole()}"
        )
    red = " ".join(problems) if changes else ""
    # before the last line, which stays the last
    told = follow(record, final, _outcome(final, bad_hosts), red) if final is not None else []
    return Ended((*told, *lines), red) if red else Ended((*told, *lines, *problems))


def interrupted(record: Record, *, seconds: float) -> Ended:
    """Close a run that a person stopped: what it had begun may go on without it."""
    final = record.final
    if final is None:
        return Ended(())
    problem = _write(record, final, _INTERRUPTED, (), seconds)
    line = last_line(final, _INTERRUPTED, str(final.get("target") or ""), seconds)
    told = follow(record, final, _INTERRUPTED, problem if _changes(final) else "")
    lines = [*told, line, problem] if problem else [*told, line]
    if not _changes(final):
        return Ended(tuple(lines))
    return Ended(
        tuple(lines),
        "The run was interrupted: what it had begun may go on without it. Run the same command again: it finishes"
        f" it or puts it back. Next: {record.commands.whole()}",
    )


def _unjudged(record: Record) -> str:
    """Say why no guard judged the run: something failed before it, or it was left out."""
    outcome = "nothing may be changed and nothing was recorded"
    if record.failures and not record.commands.picks_tasks:
        first = record.failures[0]
        said = " ".join(first["msg"].split()).rstrip(".") or "nothing"
        return (
            f"{record.playbook} failed before its guard, so {outcome}: the task '{first['task']}' on {first['host']}"
            f" said: {said}. Next, when that is repaired: {record.commands.again()}"
        )
    return (
        f"{record.playbook} went past its guard, so {outcome}: run it without --tags, --skip-tags and"
        f" --start-at-task. Next: {record.commands.whole()}"
    )


def _changes(result: Mapping[str, object]) -> bool:
    """Tell whether this pass let a real change through; a tool has done its work within the guard."""
    passed = not result.get("failed") and not result.get("tool")
    return passed and result.get("risk") != "read" and result.get("mode") == "real"


def _write(record: Record, result: Mapping[str, object], outcome: str, bad_hosts: Sequence[str], seconds: float) -> str:
    """Write the closing entry and give the leases back; return why that did not succeed."""
    url = str(result.get("ledger") or "")
    if not url or result.get("tool"):
        return ""
    problem = ""
    try:
        ledger = open_ledger(url, str(result["system"]), str(result["environment"]))
    except OpsError as error:
        return "" if result.get("failed") else _untold(record, result, error)
    try:
        ledger.journal.append(
            {
                "event": "closed",
                "run": record.run,
                "runbook": result.get("runbook"),
                "action": result.get("action"),
                "result": outcome,
                "failed_hosts": list(bad_hosts),
                "failures": record.failures,
                "seconds": round(seconds, 1),
            }
        )
        if _changes(result):
            remember(ledger, record.directory.parent)
    except OpsError as error:
        problem = _untold(record, result, error)
    try:
        if record.directory.exists() and not deadlines.module_lives(record.directory):
            ledger.leases.release(record.run)
            # its keeper sees that and ends
            deadlines.remove(record.directory)
    except OpsError as error:
        problem = problem or f"The leases of run {record.run} were not given back and run out within a minute: {error}"
    return problem


def _untold(record: Record, result: Mapping[str, object], error: OpsError) -> str:
    """Say that the end is missing in the journal, with the reason unless it was said already."""
    said = [str(result.get("msg") or ""), *(failure["msg"] for failure in record.failures)]
    if not any(error.sentence in text for text in said):
        return f"The end of run {record.run} was not recorded: {error}"
    return "" if result.get("failed") else f"The end of run {record.run} was not recorded either."


def _outcome(result: Mapping[str, object], bad_hosts: Sequence[str]) -> str:
    if result.get("failed"):
        return "REFUSED"
    return "FAILED" if bad_hosts else "ok"


def _same(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    """One guard answers once for all hosts; without run_once it answers once for each."""
    keys = ("runbook", "action", "objects", "failed", "msg")
    return all(one.get(key) == other.get(key) for key in keys)
