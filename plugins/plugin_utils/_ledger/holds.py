# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds: a person's stop sign on an object, with a message and a time at which it ends by itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from ...module_utils._clock import format_time, parse_time
from ...module_utils._errors import Refused, Unreachable
from .chain import canonical
from .leases import overlap
from .store import SHOW, Store

# spelled once here: inside Hold the name `object` is a field
Values = Mapping[str, object]

_KEY = "holds"
_TRIES = 200


@dataclass(frozen=True)
class Hold:
    """One stop sign."""

    object: str
    message: str
    until: datetime
    by: str
    at: datetime

    def as_dict(self) -> Values:
        """Return the record as the ledger keeps it."""
        return {
            "kind": "hold",
            "object": self.object,
            "message": self.message,
            "until": format_time(self.until),
            "by": self.by,
            "at": format_time(self.at),
        }


class Holds:
    """The holds of one ledger."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self) -> None:
        """Write the empty document when there is none."""
        self._store.put_if_absent(_KEY, canonical({"holds": []}))

    def standing(self) -> list[Hold]:
        """Return the holds that have not ended."""
        now = self._store.now()
        return [hold for hold in self._read()[0] if hold.until > now]

    def against(self, objects: Collection[str]) -> list[Hold]:
        """Return the standing holds that stop a change of any of the objects."""
        return [hold for hold in self.standing() if any(overlap(hold.object, name) for name in objects)]

    def place(self, hold: Hold) -> bool:
        """Place the hold instead of an earlier one on the same object; tell whether anything changed."""

        def same(other: Hold) -> bool:
            return (other.object, other.message, other.until) == (hold.object, hold.message, hold.until)

        def change(holds: list[Hold]) -> list[Hold]:
            if any(same(other) for other in holds):
                return holds
            return [*(other for other in holds if other.object != hold.object), hold]

        return self._change(change)

    def lift(self, object: str) -> bool:
        """Take the hold off the object; tell whether there was one."""
        return self._change(lambda holds: [hold for hold in holds if hold.object != object])

    def _read(self) -> tuple[list[Hold], str]:
        found = self._store.read(_KEY)
        try:
            if found is None:
                raise ValueError
            holds = [
                Hold(item["object"], item["message"], parse_time(item["until"]), item["by"], parse_time(item["at"]))
                for item in json.loads(found.data)["holds"]
            ]
            return holds, found.version
        except (ValueError, KeyError, TypeError):
            raise Refused(
                f"The holds of the ledger {self._store.url} are missing or damaged",
                remedy=f"Put the key '{_KEY}' back from the ledger's backup, then look at it",
                next=SHOW,
            ) from None

    def _change(self, change: Callable[[list[Hold]], list[Hold]]) -> bool:
        for _number in range(_TRIES):
            holds, version = self._read()
            after = change(holds)
            if after == holds:
                return False
            data = canonical({"holds": [hold.as_dict() for hold in after]})
            if self._store.compare_and_swap(_KEY, version, data):
                return True
        raise Unreachable(f"The holds of the ledger {self._store.url} have too many writers at once")
