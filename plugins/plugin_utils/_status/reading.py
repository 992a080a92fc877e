# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading one ledger for the status: whose it is stands in it, so no inventory is needed.

Each part is read for itself: one that is damaged is named and hides none of the others.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from ...module_utils._clock import format_time, parse_time
from ...module_utils._errors import OpsError
from ...module_utils._redact import redact_shapes
from ...module_utils._release.history import History
from .._incidents.standing import incidents_now, unacknowledged
from .._ledger.ledger import Ledger, open_ledger, store_of
from .._ledger.store import Unusable
from .._runs.ledger_show import unfinished
from .._runs.under_way import outlook
from .._schedules.missed import Missed, missed
from .._schedules.register import Register
from .system import Component, Notice, System, Unfinished

_IDENTITY = "identity"
_Part = TypeVar("_Part")


def read_system(url: str) -> System:
    """Return what a ledger tells; what keeps it from telling is in the result, and is never raised."""
    shown = redact_shapes(url)
    try:
        ledger = _open(url)
        now = ledger.store.now()
    except OpsError as error:
        return System(shown, unknown=redact_shapes(error.sentence))
    except (ValueError, KeyError, TypeError, AttributeError):
        return System(shown, unknown="its identity is damaged")
    unread: list[tuple[str, str]] = []

    def part(name: str, read: Callable[[Ledger], _Part]) -> _Part | None:
        try:
            return read(ledger)
        except OpsError as error:
            unread.append((name, redact_shapes(error.sentence)))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            # what somebody wrote there is none of ours
            unread.append((name, f"it is damaged ({type(error).__name__})"))
        return None

    system = System(
        shown,
        path=f"{ledger.identity.system}/{ledger.identity.environment}",
        now=now,
        components=part("releases", _components),
        unfinished=part("unfinished runs", _unfinished),
        leases=part("leases", lambda found: tuple(str(lease.object) for lease in found.leases.all())),
        holds=part("holds", _holds),
        incidents=part("incidents", _incidents),
        overrides=part("overrides", _overrides),
        missed=part("schedules", _missed),
    )
    return replace(system, unread=tuple(unread))


def _open(url: str) -> Ledger:
    store = store_of(url)
    found = store.read(_IDENTITY)
    if found is None:
        raise Unusable("there is no ledger")
    identity: Any = json.loads(found.data)
    return open_ledger(url, str(identity["system"]), str(identity["environment"]))


def _components(ledger: Ledger) -> tuple[Component, ...]:
    records: dict[str, list[dict[str, object]]] = {}
    for entry in ledger.releases.chain.entries():
        for record in entry.records:
            names = record.get("components") or {record.get("component"): None}
            for name in names if isinstance(names, dict) else ():
                if isinstance(name, str):
                    records.setdefault(name, []).append({"at": entry.at, **record})
    return tuple(_component(name, records[name]) for name in sorted(records))


def _component(name: str, records: list[dict[str, object]]) -> Component:
    try:
        return _served(name, records)
    except OpsError as error:
        return Component(name, unknown=error.sentence)


def _served(name: str, records: list[dict[str, object]]) -> Component:
    history = History.from_records(records, name)
    serving = history.last_served
    if serving is None:
        return Component(name)
    began = [record for record in records if record.get("kind") == "served"][-1]
    back = next(iter(history.eligible(serving.id)), None)
    return Component(
        name,
        release=str(serving.version or serving.id),
        since=parse_time(str(began["at"])),
        verdict=history.verdict(serving.id),
        way_back=str(back.version or back.id) if back else "",
    )


def _unfinished(ledger: Ledger) -> tuple[Unfinished, ...]:
    path = f"{ledger.identity.system}/{ledger.identity.environment}"
    return tuple(
        Unfinished(what, run, names, outlook(ledger, [f"{path}/{name}" for name in names]).waits)
        for what, run, names in unfinished(ledger)
    )


def _holds(ledger: Ledger) -> tuple[Notice, ...]:
    return tuple(
        Notice(str(hold.object), f"{hold.message} ({hold.by})", format_time(hold.until))
        for hold in ledger.holds.standing()
    )


def _incidents(ledger: Ledger) -> tuple[Notice, ...]:
    opened = incidents_now(ledger).opened
    return tuple(Notice(incident.severity, incident.named(), incident.opened_at) for incident in opened)


def _overrides(ledger: Ledger) -> tuple[Notice, ...]:
    uses = unacknowledged(ledger)
    return tuple(Notice(use.run, f"{', '.join(use.gates)} by {use.by}: {use.reason}", use.at) for use in uses)


def _missed(ledger: Ledger) -> tuple[Missed, ...]:
    return tuple(missed(Register(ledger.store).all(), ledger.store.now(), told_too=True))
