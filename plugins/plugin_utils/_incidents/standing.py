# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs of every kind learn of incidents, and what they leave there: the overrides that they used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ...module_utils._errors import OpsError
from .._ledger.ledger import Ledger

if TYPE_CHECKING:
    from .book import Draft, State
    from .entries import Use

# most runs meet no incident: they read no more than this key, and load nothing of what is behind it
KEY = "incidents"
# what stands in the journal where nobody can tell which incidents are open
UNKNOWN = "unknown"


def incidents_now(ledger: Ledger | None) -> State:
    """Return the incidents as the gates see them. Whatever else counts as open beside the ledger is added here.

    :param ledger: None where it cannot be reached: then none is known.
    :raises OpsError: they are damaged, or cannot be read now.
    """
    from .book import State, book_of

    return State() if ledger is None else book_of(ledger).state()


def open_ids(ledger: Ledger | None) -> tuple[str, ...]:
    """Return the ids of the incidents that are open; C(unknown) where that cannot be told. Stops no run."""
    try:
        if ledger is None or ledger.store.read(KEY) is None:
            return ()
        return tuple(incident.id for incident in incidents_now(ledger).opened)
    except OpsError:
        return (UNKNOWN,)


def open_severities(ledger: Ledger | None) -> frozenset[str]:
    """Return the severities of the incidents that are open; none where that cannot be told."""
    try:
        if ledger is None or ledger.store.read(KEY) is None:
            return frozenset()
        return frozenset(incident.severity for incident in incidents_now(ledger).opened)
    except OpsError:
        return frozenset()


def remember_override(ledger: Ledger, opening: Mapping[str, object]) -> None:
    """Note under the incident that a run goes past shut gates, before it does; nothing where it waived none.

    :param opening: the run's opening entry, redacted.
    :raises OpsError: it could not be noted.
    """
    waived, id, run = opening.get("overrides"), str(opening.get("incident") or ""), str(opening["run"])
    if not isinstance(waived, Sequence) or not waived:
        return
    # only a run that uses an override pays for them
    from .book import Draft, book_of
    from .entries import author_of
    from .wish import cleaned

    texts = {key: cleaned(f"ops_{key}", str(opening.get(key) or "")) for key in ("runbook", "action", "reason")}
    fields = {**texts, "gates": list(dict.fromkeys(str(each["gate"]) for each in waived))}

    def decide(state: State, _now: datetime) -> Sequence[Draft]:
        there = state.find(id)
        known = there is not None and run in [use.run for use in there.uses]
        return [] if known else [Draft(id, "overridden", fields)]

    book_of(ledger).change(decide, by=author_of(opening.get("who")).named, run=run)


def unacknowledged(ledger: Ledger) -> list[Use]:
    """Return the overrides that nobody has acknowledged, oldest first.

    :raises OpsError: the incidents are damaged, or cannot be read now.
    """
    from .book import book_of

    return [use for incident in book_of(ledger).state().incidents for use in incident.unacknowledged]
