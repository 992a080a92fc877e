# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of the journal as lines for a person: each in one, or one of them whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...module_utils._clock import format_duration
from ...module_utils._redact import redact_shapes
from .runs import Event, Run

_LONGEST = 400
# said at the head of a run, or nothing that a person asks for
_TOLD = frozenset(
    (
        "kind",
        "event",
        "run",
        "runbook",
        "action",
        "mode",
        "risk",
        "allowed",
        "objects",
        "object",
        "who",
        "sequence",
        "at",
    )
)
_STRUCTURED = frozenset(("findings", "plan", "failures", "lines", "entry"))


def plain(value: object, longest: int = _LONGEST) -> str:
    """Return any value as one line that can be printed: no line breaks, escapes or marks that turn the text around.

    What was journalled was masked when it was written; it is masked again for secrets whose shape is known by now.
    """
    text = redact_shapes(str(value))
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= longest else f"{line[: longest - 3]}..."


def row(run: Run) -> str:
    """Return a run in one line: when, who, what, on what, how it ended, how long it took."""
    return " | ".join(plain(part, 120) for part in cells(run))


def cells(run: Run) -> tuple[str, str, str, str, str, str, str]:
    """Return when, run, who, what, objects, outcome, duration."""
    check = " (check)" if run.opened.get("mode") == "check" else ""
    what = f"{run.runbook or '?'}: {run.opened.get('action') or '?'}{check}"
    incident = f" in {', '.join(run.incidents)}" if run.incidents else ""
    outcome = f"{run.outcome}{incident}"
    return run.at, run.id, who_of(run), what, ", ".join(run.objects), outcome, took(run)


def took(run: Run) -> str:
    """Return how long a run took; empty where no end was recorded."""
    seconds = (run.closed or {}).get("seconds")
    known = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
    return format_duration(float(str(seconds))) if known else ""


def who_of(run: Run) -> str:
    """Return who ran it, with the door that it came through."""
    who = run.opened.get("who")
    if not isinstance(who, Mapping):
        return str(run.opened.get("by") or "?")
    names = run.users or ("?",)
    awx = who.get("awx")
    job = f", AWX job {awx['awx_job_id']}" if isinstance(awx, Mapping) and awx.get("awx_job_id") else ""
    schedule = who.get("schedule") or (awx.get("awx_schedule_name") if isinstance(awx, Mapping) else "")
    timed = f", schedule {schedule}" if schedule else ""
    account = f" as {names[-1]}" if names[-1] != names[0] else ""
    return f"{names[0]}{account}@{who.get('host') or '?'}{job}{timed}"


def whole(run: Run) -> list[str]:
    """Return all that the journal says of a run: gates, steps, findings, overrides, whom it told, its end."""
    opened = run.opened
    lines = [row(run)]
    for event in run.events:
        head = f"{plain(event.get('at'))} {plain(event.get('event') or '?')}"
        lines.append(f"{head}{_about(event, opened)}")
        lines += [f"  {line}" for line in details(event)]
    numbers = sorted({str(event.get("sequence")) for event in run.events}, key=int)
    return [*lines, f"entries {', '.join(numbers)} of the journal"]


def details(event: Event) -> Iterator[str]:
    """Give what stands in an event, a line for each thing."""
    for finding in _mappings(event.get("findings")):
        remedy = f" ({plain(finding['remedy'])})" if finding.get("remedy") else ""
        yield f"{plain(finding.get('id'))} {plain(finding.get('severity'))}: {plain(finding.get('message'))}{remedy}"
    for step in _mappings(event.get("plan")):
        why = f" ({plain(step['why'])})" if step.get("why") else ""
        yield f"{plain(step.get('kind'))} {plain(step.get('state') or '')}: {plain(step.get('sentence'))}{why}"
    for failure in _mappings(event.get("failures")):
        yield f"failed {plain(failure.get('task'))} on {plain(failure.get('host'))}: {plain(failure.get('msg'))}"
    said = event.get("lines")
    for line in said if isinstance(said, list) else ():
        yield plain(line)
    entry = event.get("entry")
    for name, item in entry.items() if isinstance(entry, Mapping) else ():
        if item not in (None, "", [], {}) and name not in ("run", "incident", "number", "when"):
            yield f"{plain(name)}: {_text(item)}"
    for name, item in event.items():
        if name not in _TOLD | _STRUCTURED and item not in (None, "", [], {}):
            yield f"{plain(name)}: {_text(item)}"


def _about(event: Event, opened: Event) -> str:
    """Return what an event is about, beside the run itself."""
    if event is opened:
        allowed = "" if event.get("allowed", True) else ", refused"
        return f" {plain(event.get('risk') or '')}, {plain(event.get('mode') or '')}{allowed}"
    name = plain(event.get("object") or "").rpartition("/")[2]
    return f" {name}" if name else ""


def _mappings(value: object) -> list[Mapping[str, object]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return plain(", ".join(f"{name} {item}" for name, item in value.items() if item not in (None, "", [], {})))
    if isinstance(value, (list, tuple)):
        return plain(", ".join(_text(item) for item in value))
    return plain(value)
