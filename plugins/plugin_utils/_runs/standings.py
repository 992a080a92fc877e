# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each host of a fleet serves as far as the ledger knows, and which release came into the fleet last. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...module_utils._release.history import WITHDRAWN, History, fits
from ...module_utils._release.intent import Intent, release_of
from ...module_utils._release.values import Release
from .units import Record, Unit, change_in, intent_in


@dataclass(frozen=True)
class Standing:
    """How one host stands.

    :param serving: what serves there, or may after the unfinished switch; in an open unit, what does once that is
        settled. C(None) where nobody knows.
    :param unfinished: the switch that a run over this host alone did not live to settle.
    :param came: the place in the ledger where what serves came into the fleet; 0 where nobody knows.
    """

    history: History
    serving: Release | None
    unfinished: Intent | None = None
    came: int = 0

    @property
    def id(self) -> str:
        """Return the id of what serves; empty where nobody knows."""
        return self.serving.id if self.serving else ""

    @property
    def deploying(self) -> bool:
        """Tell whether a run over this host alone was killed in a deploy."""
        return self.unfinished is not None and self.unfinished.runbook == "deploy"

    def may_serve(self, selector: str) -> bool:
        """Tell whether the host serves a release that is named so, or may after a switch that was not finished."""
        either = [self.serving, self.history.last_served if self.unfinished else None]
        return any(release is not None and fits(release, selector) for release in either)

    def left(self, selector: str) -> bool:
        """Tell whether the host was rolled back from a release that is named so."""
        known = self.history
        return any(fits(each, selector) and known.verdict(each.id) == WITHDRAWN for each in known.releases.values())


def standings(hosts: Sequence[str], open_ones: Sequence[Unit], records: Sequence[Record]) -> dict[str, Standing]:
    """Return how each host of a fleet stands.

    :param open_ones: units that earlier runs left open: they are settled before anything else.
    :raises InvalidInput: the history of a host is corrupt.
    """
    own = _by_host(hosts, records)
    histories = {host: History.from_records(own[host], host) for host in hosts}
    units = {unit.run for unit in open_ones}
    unfinished = {
        host: history.intent
        for host, history in histories.items()
        if history.intent and history.intent.unit not in units
    }
    serving = {host: _serves(host, histories[host], unfinished.get(host), open_ones, own[host]) for host in hosts}
    came = _arrivals(hosts, records, unfinished)
    return {
        host: Standing(histories[host], serves, unfinished.get(host), came.get(serves.id, 0) if serves else 0)
        for host, serves in serving.items()
    }


def last_left(hosts: Collection[str], records: Sequence[Record]) -> Release | None:
    """Return what the newest switch in the fleet was about: the release that it brought, or left.

    C(None) where there was none, or nobody knows what served before.
    """
    for record in reversed(records):
        components = record.get("components")
        if record.get("kind") != "intent" or not isinstance(components, Mapping):
            continue
        for host, change in components.items():
            if host in hosts and isinstance(change, Mapping) and change.get("to_release"):
                release = change["to_release" if record.get("runbook") == "deploy" else "from_release"]
                return release_of(release) if isinstance(release, Mapping) else None
    return None


def newest(known: Mapping[str, Standing]) -> str:
    """Return the id of the release that came into the fleet last, of those that serve; empty where none is known."""
    serving = [standing for standing in known.values() if standing.serving]
    return max(serving, key=lambda standing: standing.came).id if serving else ""


def _by_host(hosts: Iterable[str], records: Iterable[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {host: [] for host in hosts}
    for record in records:
        components = record.get("components")
        names = components if isinstance(components, Mapping) else (record.get("component"),)
        for name in names:
            if name in found:
                found[str(name)].append(record)
    return found


def _serves(
    host: str, history: History, unfinished: Intent | None, open_ones: Iterable[Unit], records: Sequence[Record]
) -> Release | None:
    if unfinished is not None and unfinished.runbook == "deploy":
        return unfinished.after
    for unit in open_ones:
        intent, newest_one = intent_in(records, host, unit), intent_in(records, host, unit, of_undo=True)
        if intent is None or newest_one is None or newest_one.get("stays"):
            continue
        release = change_in(intent, host).get("to_release" if unit.action == "rollback" else "from_release")
        return release_of(release) if isinstance(release, Mapping) else None
    return history.last_served


def _arrivals(hosts: Sequence[str], records: Iterable[Record], unfinished: Mapping[str, Intent]) -> dict[str, int]:
    """Return where in the ledger each release came into the fleet: by a deploy where no host of it served it.

    What goes back brings nothing new, nor does a host that follows another one, whenever it does.
    """
    serving: dict[str, str] = {}
    came: dict[str, int] = {}
    place = 0
    for place, record in enumerate(records, start=1):
        host, release = str(record.get("component")), str(record.get("release"))
        if record.get("kind") != "served" or host not in hosts:
            continue
        if release not in came or (record.get("how") == "deploy" and release not in serving.values()):
            came[release] = place
        serving[host] = release
    begun = {intent.after.id for intent in unfinished.values() if intent.runbook == "deploy"}
    return {**came, **dict.fromkeys(begun - set(serving.values()), place + 1)}
