# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines that a person reads while a run goes on: what, why, how long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...module_utils._clock import format_duration

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
    plan, findings = result.get("plan"), result.get("findings")
    steps = [step for step in plan if step.get("state") == "would do"] if isinstance(plan, list) else []
    lines = []
    if check and result.get("refused"):
        lines.append(about(object, f"a real run would refuse: {result['refused']}"))
    elif result.get("msg") and not (check and steps):
        lines.append(about(object, f"{'done' if result.get('changed') else 'nothing to do'}: {result['msg']}"))
    # what an earlier run had left is no warning any more once it is settled
    over = set() if check or result.get("intent_open", True) else {"unfinished_run"}
    noticed = [
        finding
        for finding in (findings if isinstance(findings, list) else [])
        if finding.get("severity") != "ok" and finding.get("id") not in over
    ]
    return lines + [about(object, f"{finding['severity']}: {finding['message']}") for finding in noticed]


def progress_line(object: str, event: Mapping[str, object]) -> str:
    """Return what a module reported, with the fraction where it knows one."""
    fraction = event.get("fraction")
    share = f" ({fraction:.0%})" if isinstance(fraction, (int, float)) and not isinstance(fraction, bool) else ""
    return about(object, f"{event.get('line', '')}{share}")


def silence_line(object: str, module: str, seconds: float, last: str = "") -> str:
    """Return the sign of life of a module that has nothing new to report, with the last that it did."""
    still = f" since: {last}" if last else ""
    return about(object, f"{module.rpartition('.')[2]} is at work, nothing new for {format_duration(seconds)}{still}")
