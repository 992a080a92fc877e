# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What served when, as a table for people and programs. Pure but for the question whether an artefact is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from .._errors import OpsError
from .._findings import Finding, Severity
from .history import VERIFIED, History, Record
from .values import Observation, Release

PRESENT, GONE, UNKNOWN = "present", "gone", "unknown"


@dataclass(frozen=True)
class Listed:
    """One recorded release.

    :param served: when and how it began to serve, oldest first: C({"at", "how"}).
    :param artefact: C(present), C(gone) or C(unknown).
    """

    release: Release
    verdict: str
    reason: str
    served: tuple[Mapping[str, object], ...]
    serving: bool
    artefact: str

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

    def line(self) -> str:
        """Return the release as one line for a person."""
        since = str(self.served[-1].get("at") or "")[:16].replace("T", " ") if self.served else "never served"
        now = "serves now" if self.serving else ""
        parts = [self.release.label, self.verdict or "unproved", f"artefact {self.artefact}", since, now, self.reason]
        return "  ".join(part for part in parts if part)


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
    order = [*dict.fromkeys(reversed(history.served))]
    order += [id for id in history.releases if id not in order]
    return [
        Listed(
            release=history.releases[id],
            verdict=history.verdict(id),
            reason=history.verdicts.get(id, ("", ""))[1],
            served=tuple(served[id]),
            serving=id == seen.release_id,
            artefact=_artefact(history.releases[id], available),
        )
        for id in order
    ]


def _artefact(release: Release, available: Callable[[Release], bool]) -> str:
    try:
        return PRESENT if available(release) else GONE
    except OpsError:
        return UNKNOWN


def findings_on(listed: list[Listed], seen: Observation, component: str) -> list[Finding]:
    """Return what is wrong: something serves that is not recorded, or there is nothing to go back to."""
    found: list[Finding] = []
    if seen.exists and not any(item.serving for item in listed):
        what = seen.ref or seen.unknown_because or "something"
        found.append(
            Finding("unrecorded", Severity.WARNING, f"{component} is configured for {what}, which is not recorded")
        )
    ways_back = [item for item in listed if item.verdict == VERIFIED and not item.serving and item.served]
    if listed and not any(item.artefact == PRESENT for item in ways_back):
        message = f"{component} has no release to go back to whose artefact is known to be there"
        found.append(Finding("no_way_back", Severity.WARNING, message))
    return found
