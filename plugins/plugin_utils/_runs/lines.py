# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines that a person reads while a run goes on: what, why, how long."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ...module_utils._clock import format_duration
from . import gathering

_WORST_FIRST = ("critical", "unknown", "warning")
LAB = "LAB: no real system was touched"


def first_line(result: Mapping[str, object], target: str) -> str:
    """Return the first line of a run: environment, runbook, action, run id, target identity."""
    mode = " (check)" if result.get("mode") == "check" else ""
    parts = [
        f"{result['system']}/{result['environment']}",
        f"{result['runbook']}: {result['action']}{mode}",
        f"run {result['run']}",
        f"target {target or 'not pinned'}",
    ]
    return " | ".join(parts)


def last_line(result: Mapping[str, object], outcome: str, target: str, seconds: float) -> str:
    """Return the last line of a run."""
    line = f"{first_line(result, target)} | {outcome} after {format_duration(seconds)}"
    return f"{line} | {LAB}" if result.get("lab") else line


def about(object: str, sentence: str) -> str:
    """Return a sentence about an object, under the component's name."""
    return f"  {object.rpartition('/')[2]} | {sentence}"


def plan_lines(object: str, plan: Iterable[Mapping[str, object]], *, check: bool) -> list[str]:
    """Return one line per step that would be done, or the one that says that nothing is to do."""
    steps = [step for step in plan if step.get("state") == "would do"]
    if not steps:
        return []
    word = "would" if check else "plan"
    lines = []
    for step in steps:
        undo = f" (undo: {step['undo']})" if step.get("undo") else ""
        lines.append(about(object, f"{word}: {step.get('sentence', '')}{undo}"))
    return lines


def ending_lines(object: str, result: Mapping[str, object], *, check: bool) -> list[str]:
    """Return what a run came to, with what was noticed; nothing for a failure, whose sentence the task itself says."""
    if result.get("failed"):
        return []
    plan = result.get("plan")
    steps = [step for step in plan if step.get("state") == "would do"] if isinstance(plan, list) else []
    lines = []
    if check and result.get("refused"):
        lines.append(about(object, f"a real run would refuse: {result['refused']}"))
    elif result.get("msg") and not (check and steps):
        lines.append(about(object, f"{'done' if result.get('changed') else 'nothing to do'}: {result['msg']}"))
    if gathering.is_on():
        return lines
    return lines + [
        about(object, f"{finding['severity']}: {finding['message']}") for finding in noticed(result, check=check)
    ]


def noticed(result: Mapping[str, object], *, check: bool) -> list[Mapping[str, object]]:
    """Return the findings of a result that a person should read, worst first."""
    found = result.get("findings")
    # a refusal is a sentence of its own; what an earlier run had left is no warning any more once it is settled
    over = {"refused"} if check or result.get("intent_open", True) else {"refused", "unfinished_run"}
    kept = [
        finding
        for finding in (found if isinstance(found, list) else [])
        if isinstance(finding, Mapping) and finding.get("severity") in _WORST_FIRST and finding.get("id") not in over
    ]
    return worst_first(kept)


def worst_first(findings: Iterable[Mapping[str, object]]) -> list[Mapping[str, object]]:
    """Return findings so that what cannot wait is read first."""
    return sorted(findings, key=lambda finding: _WORST_FIRST.index(str(finding["severity"])))


class Progress(str):
    """A line of what goes on, as it is printed where nothing can be updated in place.

    :ivar object: the name that the line is about. :ivar sentence: the line without it.
    :ivar passing: whether it tells how the step goes on, rather than what the step is.
    """

    object: str
    sentence: str
    passing: bool

    def __new__(cls, line: str, object: str = "", sentence: str = "", passing: bool = False) -> Progress:
        """Make one; a line goes from worker to main process by its pickled attributes."""
        made = super().__new__(cls, line)
        made.object, made.sentence, made.passing = object, sentence, passing
        return made

    def masked(self, mask: Callable[[str], str]) -> Progress:
        """Return it without secrets."""
        return Progress(mask(str(self)), self.object, mask(self.sentence), self.passing)


def progress_line(object: str, event: Mapping[str, object]) -> Progress:
    """Return what a module reported, with fraction, counters and the time left where it knows them."""
    line, known = str(event.get("line", "")), []
    fraction, done, total, left = (_number(event.get(key)) for key in ("fraction", "done", "total", "left_seconds"))
    if fraction is not None:
        known.append(f"{fraction:.0%}")
    if done is not None:
        known.append(f"{done:,.10g}" if total is None else f"{done:,.10g} of {total:,.10g}")
    if left is not None:
        known.append(f"{format_duration(left)} left")
    sentence = f"{line} ({', '.join(known)})" if known else line
    return Progress(about(object, sentence), object, sentence, line.startswith("waiting"))


def silence_line(object: str, module: str, seconds: float, last: str = "") -> Progress:
    """Return the sign of life of a module that has nothing new to report, with the last that it did."""
    still = f" since: {last}" if last else ""
    silent = f"nothing new for {format_duration(seconds)}"
    line = about(object, f"{module.rpartition('.')[2]} is at work, {silent}{still}")
    return Progress(line, object, silent, passing=True)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0 else None
