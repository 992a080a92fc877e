# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an incident is: the fold over its entries, which are only ever added.

An entry is C({"incident", "number", "change", "when", "by", "run", ...}); C(change) is C(opened), C(noted), C(closed),
C(overridden) or C(acknowledged), and what it changed stands beside it. The same entries stand in the journal, so an
incident is rebuilt from there alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Author:
    """Who says it, as entries keep it, and by the name alone."""

    named: str
    name: str


def author_of(who: object) -> Author:
    """Return who says it: the user of AWX, the account before sudo, or the account.

    :param who: as the journal keeps who runs this.
    """
    known = who if isinstance(who, Mapping) else {}
    awx = known.get("awx")
    if isinstance(awx, Mapping) and awx.get("awx_user_name"):
        name = str(awx["awx_user_name"])
        return Author(f"{name} (AWX job {awx.get('awx_job_id', '?')})", name)
    name = str(known.get("sudo_user") or known.get("user") or "?")
    return Author(f"{name}@{known.get('host', '?')}", name)


@dataclass(frozen=True)
class Note:
    """What somebody said."""

    at: str
    by: str
    text: str


@dataclass(frozen=True)
class Mitigation:
    """A temporary measure, and until when it must be taken back."""

    number: int
    text: str
    revert_by: str
    at: str
    by: str
    reverted_at: str = ""
    reverted_by: str = ""

    def named(self) -> str:
        """Return it as a sentence names it."""
        return f"{self.number} until {self.revert_by}: {self.text}"


@dataclass(frozen=True)
class Use:
    """A run that passed shut gates.

    :param gates: those that it waived.
    """

    incident: str
    run: str
    runbook: str
    action: str
    gates: tuple[str, ...]
    reason: str
    at: str
    by: str
    acknowledged_at: str = ""
    acknowledged_by: str = ""

    def named(self) -> str:
        """Return it as a sentence names it."""
        return f"{self.runbook} {self.action} of {self.by} at {self.at} waived {', '.join(self.gates)}: {self.reason}"


@dataclass(frozen=True)
class Incident:
    """One incident; times are text as the ledger keeps it, empty for what has not happened."""

    id: str
    severity: str = ""
    owner: str = ""
    systems: tuple[str, ...] = ()
    title: str = ""
    channel: str = ""
    opened_at: str = ""
    opened_by: str = ""
    notes: tuple[Note, ...] = ()
    mitigations: tuple[Mitigation, ...] = ()
    uses: tuple[Use, ...] = ()
    resolution: str = ""
    closed_at: str = ""
    closed_by: str = ""

    @property
    def open(self) -> bool:
        """Tell whether it goes on."""
        return not self.closed_at

    @property
    def active(self) -> tuple[Mitigation, ...]:
        """Return the temporary measures that still stand."""
        return tuple(measure for measure in self.mitigations if not measure.reverted_at)

    @property
    def unacknowledged(self) -> tuple[Use, ...]:
        """Return the overrides that nobody has looked at."""
        return tuple(use for use in self.uses if not use.acknowledged_at)

    def named(self) -> str:
        """Return it as a sentence names it."""
        return f"{self.id} ({self.severity}, {self.title})"

    def as_dict(self) -> dict[str, object]:
        """Return it as results show it."""
        parts = {name: [vars(item) for item in getattr(self, name)] for name in ("notes", "mitigations", "uses")}
        return {**vars(self), **parts, "systems": list(self.systems), "open": self.open}


def incident_of(id: str, entries: Iterable[Entry]) -> Incident:
    """Put an incident together.

    :param entries: in any order, each once or more.
    :raises KeyError, TypeError, ValueError: they are no entries of an incident.
    """
    found = Incident(id)
    for entry in sorted({int(entry["number"]): entry for entry in entries}.values(), key=lambda each: each["number"]):
        found = _FOLD[entry["change"]](found, entry)
    return found


def _opened(incident: Incident, entry: Entry) -> Incident:
    stated = _headed(replace(incident, title=str(entry["title"]), channel=str(entry["channel"])), entry)
    return replace(stated, opened_at=str(entry["when"]), opened_by=str(entry["by"]))


def _headed(incident: Incident, entry: Entry) -> Incident:
    """Take over who has it, how bad it is, and what it touches."""
    severity, owner = (str(entry.get(name, getattr(incident, name))) for name in ("severity", "owner"))
    systems = tuple(str(name) for name in entry.get("systems", incident.systems))
    return replace(incident, severity=severity, owner=owner, systems=systems)


def _noted(incident: Incident, entry: Entry) -> Incident:
    when, by = str(entry["when"]), str(entry["by"])
    notes, measures = list(incident.notes), list(incident.mitigations)
    if entry.get("text"):
        notes.append(Note(when, by, str(entry["text"])))
    if entry.get("mitigation"):
        measure = entry["mitigation"]
        measures.append(Mitigation(len(measures) + 1, str(measure["text"]), str(measure["revert_by"]), when, by))
    gone = entry.get("reverted", ())
    measures = [replace(each, reverted_at=when, reverted_by=by) if each.number in gone else each for each in measures]
    return _headed(replace(incident, notes=tuple(notes), mitigations=tuple(measures)), entry)


def _closed(incident: Incident, entry: Entry) -> Incident:
    when, by, resolution = (str(entry[key]) for key in ("when", "by", "resolution"))
    return replace(incident, closed_at=when, closed_by=by, resolution=resolution)


def _overridden(incident: Incident, entry: Entry) -> Incident:
    texts = {key: str(entry[key]) for key in ("run", "runbook", "action", "reason", "by")}
    gates = tuple(str(gate) for gate in entry["gates"])
    use = Use(incident=incident.id, gates=gates, at=str(entry["when"]), **texts)
    return replace(incident, uses=(*incident.uses, use))


def _acknowledged(incident: Incident, entry: Entry) -> Incident:
    when, by, runs = str(entry["when"]), str(entry["by"]), entry["runs"]
    uses = (replace(use, acknowledged_at=when, acknowledged_by=by) if use.run in runs else use for use in incident.uses)
    return replace(incident, uses=tuple(uses))


_FOLD = {
    "opened": _opened,
    "noted": _noted,
    "closed": _closed,
    "overridden": _overridden,
    "acknowledged": _acknowledged,
}
