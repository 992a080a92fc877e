# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each channel was told, as one document of the ledger, and what came of the last time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ...module_utils._clock import format_time
from ...module_utils._errors import InvalidInput, Refused, Unreachable
from .._ledger.chain import canonical
from .._ledger.store import SHOW, Store
from .deciding import State, standing
from .events import Delivery

KEY = "told"
_TRIES = 50


@dataclass(frozen=True)
class Told:
    """The document.

    :param last: the last delivery of each channel, with C(at), C(rule), C(object), C(delivered) and C(problem).
    """

    states: tuple[State, ...] = ()
    last: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    def as_bytes(self) -> bytes:
        """Return what is kept under the key C(told)."""
        return canonical({"states": [state.as_dict() for state in self.states], "last": dict(self.last)})


class Book:
    """The document in its store; a ledger that never told anybody has none."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def read(self) -> Told:
        """Return what was told.

        :raises Refused: the document is damaged.
        :raises Unreachable: the store does not answer.
        """
        return self._read()[0]

    def note(
        self,
        deliveries: Sequence[Delivery],
        kept: Iterable[State],
        over: Iterable[tuple[str, str]],
        now: datetime,
    ) -> None:
        """Keep states as they stand now, forget those that are over, and note what came of each delivery.

        :raises Refused: the document is damaged.
        :raises Unreachable: the store did not take it.
        """
        new, gone = {state.place: state for state in kept}, set(over)
        last = {item.channel: _last(item, now) for item in deliveries}

        def change(told: Told) -> Told:
            states = {state.place: state for state in standing(told.states, now)} | new
            left = (state for place, state in sorted(states.items()) if place not in gone)
            return Told(tuple(left), {**told.last, **last})

        self._change(change)

    def _change(self, change: Callable[[Told], Told]) -> None:
        for _number in range(_TRIES):
            told, version = self._read()
            after = change(told)
            if after == told:
                return
            if self._store.compare_and_swap(KEY, version, after.as_bytes()):
                return
        raise Unreachable(f"What was told has too many writers at once in the ledger {self._store.url}")

    def _read(self) -> tuple[Told, str | None]:
        found = self._store.read(KEY)
        if found is None:
            return Told(), None
        try:
            value = json.loads(found.data)
            states = tuple(State.from_dict(item) for item in value["states"])
            return Told(states, {str(name): dict(item) for name, item in value["last"].items()}), found.version
        except (ValueError, KeyError, TypeError, AttributeError, InvalidInput):
            raise Refused(
                f"What was told is damaged in the ledger {self._store.url}",
                remedy=f"Remove its key '{KEY}': what goes on is then told once more; then look at the ledger",
                next=SHOW,
            ) from None


def _last(delivery: Delivery, now: datetime) -> Mapping[str, object]:
    shown = {key: value for key, value in delivery.as_dict().items() if key in ("rule", "object", "delivered")}
    return {**shown, "problem": delivery.problem, "at": format_time(now)}
