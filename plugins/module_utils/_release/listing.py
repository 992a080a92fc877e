# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What served when, as a table for people and programs. Pure but for the question whether an artefact is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from .._errors import OpsError
from .._findings import Finding, Severity
from .history import History
from .intent import Record
from .values import Observation, Release

PRESENT, GONE, UNKNOWN = "present", "gone", "unknown"
HEADINGS = ("release", "verdict", "served since", "artefact", "remark")


@dataclass(frozen=True)
class Listed:
    """One recorded release.

    :param served: when and how it began to serve, oldest first: C({"at", "how"}).
    :param serving: C(None) when it is not known what serves.
    :param artefact: C(present), C(gone) or C(unknown).
    :param eligible: whether a rollback may go to it.
    """

    release: Release
    verdict: str
    reason: str
    served: tuple[Mapping[str, object], ...]
    serving: bool | None
    artefact: str
    eligible: bool = False

    def as_dict(self) -> dict[str, object]:
        """Return the release as results show it."""
        return {
            **{key: value for key, value in self.release.as_dict().items() if key != "probe"},
            "verdict": self.verdict or "unproved",
            "reason": self.reason,
            "served": [dict(item) for item in self.served],
            "serving": self.serving,
            "artefact": self.artefact,
        }

    def cells(self) -> tuple[str, ...]:
        """Return what a person reads of the release, in the order of C(HEADINGS)."""
        since = str(self.served[-1].get("at") or "")[:16].replace("T", " ") if self.served else "never"
        remarks = ["serving unknown"] if self.serving is None else ["serves now"] if self.serving else []
        remarks += [self.reason] if self.reason else []
        return self.release.label, self.verdict or "unproved", since, self.artefact, "; ".join(remarks)


def table(listed: Iterable[Listed]) -> list[str]:
    """Return the releases as lines of aligned columns, under their headings; empty when there is none."""
    rows = [item.cells() for item in listed]
    if not rows:
        return []
    rows.insert(0, HEADINGS)
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def list_releases(
    records: Iterable[Record], component: str, seen: Observation, available: Callable[[Release], bool]
) -> list[Listed]:
    """Return the recorded releases, the one that served last first."""
    kept = list(records)
    history = History.from_records(kept, component)
    served: dict[str, list[Mapping[str, object]]] = {id: [] for id in history.releases}
    for record in kept:
        if record["kind"] == "served":
            served[str(record["release"])].append({"at": record.get("at"), "how": record.get("how")})
    eligible = {release.id for release in history.eligible(seen.release_id)}
    order = [*dict.fromkeys(reversed(history.served))]
    order += [id for id in history.releases if id not in order]
    return [
        Listed(
            release=history.releases[id],
            verdict=history.verdict(id),
            reason=history.verdicts.get(id, ("", ""))[1],
            served=tuple(served[id]),
            serving=None if seen.unknown_because else id == seen.release_id,
            artefact=_artefact(history.releases[id], available),
            eligible=id in eligible,
        )
        for id in order
    ]


def _artefact(release: Release, available: Callable[[Release], bool]) -> str:
    try:
        return PRESENT if available(release) else GONE
    except OpsError:
        return UNKNOWN


def unknown_history(why: str, seen: Observation, component: str) -> list[Finding]:
    """Return what can be said of a component whose records cannot be read: that, and what it is configured for."""
    serves = f"{component} is configured for {seen.ref or 'nothing that is known'}"
    if seen.unknown_because:
        serves = _not_known(seen, component).rstrip(".")
    return [
        Finding("history", Severity.UNKNOWN, f"The recorded history is unknown: {why}"),
        Finding("serving", Severity.UNKNOWN, f"{serves}; whether that is recorded and verified is unknown"),
    ]


def unfinished(records: Iterable[Record], component: str) -> list[Finding]:
    """Return the switch that a run announced and that nobody has settled: it is under way, or its run was killed."""
    kept = list(records)
    intent = History.from_records(kept, component).intent
    if intent is None:
        return []
    settled = [number for number, record in enumerate(kept) if record.get("state") == "settled"]
    # a run that settles another one's announces it again: the first one is when it began
    first = next(record for record in kept[settled[-1] + 1 if settled else 0 :] if record["kind"] == "intent")
    since = first.get("at") or "unknown"
    message = f"unfinished: {intent.in_words} since {since} (run {intent.run})"
    of = f"{component} with all of its unit" if first.get("unit_run") else component
    remedy = f"Wait for that run; when it was killed, the next deploy or rollback of {of} settles it."
    return [Finding("unfinished", Severity.WARNING, message, remedy=remedy)]


def findings_on(
    listed: list[Listed], seen: Observation, component: str, records: Iterable[Record] = ()
) -> list[Finding]:
    """Return what is wrong: a change is unfinished, what serves is not recorded, there is nothing to go back to."""
    found = unfinished(records, component)
    if seen.unknown_because:
        found.append(Finding("unrecorded", Severity.UNKNOWN, _not_known(seen, component)))
    elif seen.exists and not any(item.serving for item in listed):
        what = seen.ref or "something"
        found.append(
            Finding("unrecorded", Severity.WARNING, f"{component} is configured for {what}, which is not recorded")
        )
    ways_back = {item.artefact for item in listed if item.eligible}
    if listed and PRESENT not in ways_back:
        message = f"{component} has no release to go back to whose artefact is known to be there"
        severity = Severity.UNKNOWN if UNKNOWN in ways_back else Severity.WARNING
        found.append(Finding("no_way_back", severity, message))
    return found


def _not_known(seen: Observation, component: str) -> str:
    return f"What {component} serves is not known: {seen.unknown_because}"
