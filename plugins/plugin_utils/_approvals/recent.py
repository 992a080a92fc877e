# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest part of the journal, read from its end back to a moment, each entry proved by the one after it.

Reading the whole chain would cost the more the older a ledger is; what an approval needs lies within hours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from ...module_utils._clock import parse_time
from ...module_utils._errors import InvalidInput
from .._ledger.chain import ChainBroken, canonical, digest
from .._ledger.journal import CHAIN
from .._ledger.ledger import Ledger
from .._ledger.store import CHECK

Event = Mapping[str, object]
# an entry bears its writer's reading of the store's clock, and writers may overtake each other
_SLACK = timedelta(minutes=1)


def recent(ledger: Ledger, since: datetime) -> list[Event]:
    """Return the events since a moment, oldest first, each with its time C(at).

    :raises ChainBroken: the end of the journal cannot be trusted.
    :raises Unreachable: it cannot be read.
    """
    sequence, expected = _end(ledger)
    found: list[Event] = []
    while True:
        entry, hash = _entry(ledger, sequence)
        if hash != expected:
            raise _broken(ledger, f"entry {sequence} was changed after it was written", sequence)
        at = str(entry["at"])
        if _time(ledger, at, sequence) < since - _SLACK:
            break
        records = entry["records"]
        kept = [record for record in records if isinstance(record, Mapping)] if isinstance(records, list) else []
        found += [{**record, "at": at} for record in reversed(kept) if record.get("kind") == "journal"]
        if sequence == 0:
            break
        sequence, expected = sequence - 1, str(entry["previous"])
    return [event for event in reversed(found) if parse_time(str(event["at"])) >= since]


def _end(ledger: Ledger) -> tuple[int, str]:
    """Return number and hash of the last entry; a killed writer may have left the head one behind."""
    head = ledger.store.read(f"{CHAIN}/head")
    try:
        value = json.loads(head.data) if head else {}
        sequence, hash = int(value["sequence"]), str(value["hash"])
    except (ValueError, KeyError, TypeError):
        raise _broken(ledger, "its head is missing or damaged", 0) from None
    while ledger.store.read(_key(sequence + 1)) is not None:
        entry, later = _entry(ledger, sequence + 1)
        if entry["previous"] != hash:
            raise _broken(ledger, f"entry {sequence + 1} does not follow the one before it", sequence + 1)
        sequence, hash = sequence + 1, later
    return sequence, hash


def _entry(ledger: Ledger, sequence: int) -> tuple[Mapping[str, object], str]:
    found = ledger.store.read(_key(sequence))
    if found is None:
        raise _broken(ledger, f"entry {sequence} is missing", sequence)
    try:
        value = json.loads(found.data)
        if value["sequence"] != sequence or not {"previous", "at", "records"} <= set(value):
            raise ValueError(sequence)
        return value, digest(canonical(value))
    except (ValueError, KeyError, TypeError):
        raise _broken(ledger, f"entry {sequence} is damaged and cannot be read", sequence) from None


def _time(ledger: Ledger, at: str, sequence: int) -> datetime:
    try:
        return parse_time(at)
    except InvalidInput:
        raise _broken(ledger, f"entry {sequence} has no time", sequence) from None


def _key(sequence: int) -> str:
    return f"{CHAIN}/entries/{sequence:012d}"


def _broken(ledger: Ledger, what: str, entry: int) -> ChainBroken:
    return ChainBroken(
        f"The chain {CHAIN} of the ledger {ledger.url} cannot be trusted: {what}",
        remedy=f"Put {CHAIN}/ back from the ledger's backup and check it",
        next=CHECK,
        details={"chain": CHAIN, "entry": entry},
    )
