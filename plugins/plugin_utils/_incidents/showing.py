# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Incidents as a person reads them, and as a diff compares them: without times, which differ from run to run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from ...module_utils._clock import parse_time
from ...module_utils._findings import Finding, Severity
from .entries import Entry, Incident

_INDENT = "      "


def compared(incident: Incident | None) -> dict[str, object]:
    """Return what a diff shows of an incident; nothing where there is none."""
    if incident is None:
        return {}
    waits = [use.named().partition(" at ")[0] for use in incident.unacknowledged]
    return {
        "id": incident.id,
        "state": "open" if incident.open else "closed",
        "severity": incident.severity,
        "owner": incident.owner,
        "systems": list(incident.systems),
        "title": incident.title,
        "notes": [note.text for note in incident.notes],
        "temporary measures": [measure.named() for measure in incident.active],
        "resolution": incident.resolution,
        "overrides not acknowledged": waits,
    }


def overview(incidents: Sequence[Incident]) -> list[str]:
    """Return the incidents in a few lines each: what is open, then what was closed of late."""
    opened = [one for one in incidents if one.open]
    lines = [line for one in opened for line in _brief(one)] if opened else ["no incident is open"]
    closed = sorted((one for one in incidents if not one.open), key=lambda one: one.closed_at, reverse=True)
    for one in closed:
        lines.append(f"{_head(one)} | closed {one.closed_at} by {one.closed_by}: {_first(one.resolution)}")
        lines += _waiting(one)
    return lines


def timeline(incident: Incident, entries: Sequence[Entry]) -> list[str]:
    """Return one incident with everything that happened, oldest first."""
    lines = [_head(incident), f"  owner {incident.owner} | systems {', '.join(incident.systems)} | #{incident.channel}"]
    for entry in entries:
        for part in _happened(entry):
            lines.append(f"  {entry['when']} {entry['by']}: {_block(part)}")
    return [*lines, *(f"  stands: {measure.named()}" for measure in incident.active), *_waiting(incident)]


def findings(incidents: Sequence[Incident], now: datetime | None) -> list[Finding]:
    """Return what needs somebody: temporary measures that are overdue, overrides that nobody has looked at.

    :param now: None where nobody can tell the time.
    """
    found = []
    for one in incidents:
        for measure in one.active:
            if now is not None and parse_time(measure.revert_by) <= now:
                sentence = f"The temporary measure {measure.named()} of {one.id} is overdue"
                found.append(Finding("incident.mitigation", Severity.WARNING, sentence, remedy="Take it back."))
        for use in one.unacknowledged:
            sentence = f"Nobody has acknowledged that {use.named()} ({one.id})"
            found.append(Finding("incident.override", Severity.WARNING, sentence, remedy="Look at it."))
    return found


def said(entry: Mapping[str, object], incident: Incident) -> str:
    """Return one change as a sentence."""
    parts = [_first(part) for part in _happened(entry)]
    return f"{incident.id}: {', '.join(parts)}"


def _brief(one: Incident) -> list[str]:
    lines = [
        f"{_head(one)} | owner {one.owner} | systems {', '.join(one.systems)} | open since {one.opened_at}",
        *([f"  {one.notes[-1].at} {one.notes[-1].by}: {_first(one.notes[-1].text)}"] if one.notes else []),
    ]
    return [*lines, *(f"  temporary: {measure.named()}" for measure in one.active), *_waiting(one)]


def _waiting(one: Incident) -> list[str]:
    return [f"  not acknowledged: {use.named()}" for use in one.unacknowledged]


def _head(one: Incident) -> str:
    return f"{one.id} | {one.severity} | {one.title}"


def _happened(entry: Mapping[str, object]) -> Iterator[str]:
    """Yield what an entry says, each thing in a few words."""
    change = entry["change"]
    if change == "opened":
        owner, systems = entry["owner"], _words(entry["systems"])
        yield f"opened as {entry['severity']}: {entry['title']} (owner {owner}, systems {systems})"
        return
    if change == "overridden":
        yield f"{entry['runbook']} {entry['action']} waived {_words(entry['gates'])}: {entry['reason']}"
        return
    fixed = {"closed": "closed: {resolution}", "acknowledged": "acknowledged the overrides of {runs}"}
    if str(change) in fixed:
        yield fixed[str(change)].format(**{**entry, "runs": _words(entry.get("runs"))})
    for key in ("severity", "owner", "systems"):
        if key in entry:
            yield f"{key} is now {_words(entry[key])}"
    if isinstance(measure := entry.get("mitigation"), Mapping):
        yield f"temporary until {measure['revert_by']}: {measure['text']}"
    if "reverted" in entry:
        yield f"temporary measure {_words(entry['reverted'])} was taken back"
    if "text" in entry:
        yield str(entry["text"])


def _words(value: object) -> str:
    return ", ".join(str(item) for item in value) if isinstance(value, (list, tuple)) else str(value)


def _first(text: str, longest: int = 160) -> str:
    line = text.partition("\n")[0]
    return line if line == text and len(line) <= longest else f"{line[:longest]} …"


def _block(text: str) -> str:
    """Return a text of several lines so that none of them looks like another entry."""
    return text.replace("\n", f"\n{_INDENT}")
