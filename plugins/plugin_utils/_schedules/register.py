# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The expected runs of one ledger, in one document that is changed by compare-and-swap.

A ledger that never had a schedule has no such key. What every run asks, whether something was missed, costs one read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from ...module_utils._clock import format_time, parse_time
from ...module_utils._errors import InvalidInput, Refused, Unreachable
from .._ledger.chain import canonical
from .._ledger.ledger import Ledger
from .._ledger.store import SHOW, Store
from .missed import Missed, Registered, missed, told
from .rule import rule_of

_KEY = "schedules"
_TRIES = 200


def seen(ledger: Ledger, name: str, now: datetime) -> bool:
    """Note that a scheduled run has started; tell whether one of that name is registered."""
    return Register(ledger.store).change(
        lambda found: [replace(each, seen=now) if each.name == name else each for each in found]
    )


def overdue(ledger: Ledger, now: datetime) -> list[Missed]:
    """Return the runs that never started, each due time to one asker only: who is handed it tells it."""
    handed: list[Missed] = []

    def note(found: list[Registered]) -> list[Registered]:
        handed[:] = missed(found, now)
        return told(found, handed)

    Register(ledger.store).change(note)
    return handed


class Register:
    """What a ledger expects."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> list[Registered]:
        """Return what is expected, by name."""
        return self._read()[0]

    def expect(self, fresh: Sequence[Registered], *, check: bool = False) -> list[str]:
        """Expect exactly these from now on; return the names that were added, changed or forgotten.

        What stays as it is keeps its past; another rule begins anew, since nothing was promised before.
        """

        def change(found: list[Registered]) -> list[Registered]:
            known = {each.name: each for each in found}
            return sorted((_kept(known.get(each.name), each) for each in fresh), key=lambda each: each.name)

        before = self.all()
        after = change(before)
        if not check and after != before:
            self.change(change)
        names = {each.name for each in [*before, *after]}
        return sorted(name for name in names if _named(before, name) != _named(after, name))

    def change(self, change: Callable[[list[Registered]], list[Registered]]) -> bool:
        """Write what the function makes of the registrations; tell whether anything changed."""
        for _number in range(_TRIES):
            before, version = self._read()
            after = change(before)
            if after == before:
                return False
            data = canonical({"schedules": [_as_dict(each) for each in after]})
            if self._store.compare_and_swap(_KEY, version, data):
                return True
        raise Unreachable(f"The schedules of the ledger {self._store.url} have too many writers at once")

    def _read(self) -> tuple[list[Registered], str | None]:
        found = self._store.read(_KEY)
        if found is None:
            return [], None
        try:
            return [_registered(item) for item in json.loads(found.data)["schedules"]], found.version
        except (ValueError, KeyError, TypeError, AttributeError, InvalidInput):
            raise Refused(
                f"The schedules of the ledger {self._store.url} are damaged",
                remedy=f"Put the key '{_KEY}' back from the ledger's backup, or remove it and apply the schedules",
                next=SHOW,
            ) from None


def _kept(known: Registered | None, fresh: Registered) -> Registered:
    if known is None or known.rule != fresh.rule:
        return replace(fresh, seen=known.seen) if known else fresh
    return replace(fresh, since=known.since, seen=known.seen, told=known.told)


def _named(book: Iterable[Registered], name: str) -> Registered | None:
    return next((each for each in book if each.name == name), None)


def _as_dict(each: Registered) -> dict[str, object]:
    return {
        "kind": "schedule",
        "name": each.name,
        "rule": each.rule.as_dict(),
        "random_delay_minutes": each.random_delay_minutes,
        "grace_minutes": each.grace_minutes,
        "registered_at": format_time(each.since),
        "host": each.host,
        "seen": format_time(each.seen) if each.seen else None,
        "told": format_time(each.told) if each.told else None,
    }


def _registered(item: dict[str, Any]) -> Registered:
    return Registered(
        name=str(item["name"]),
        rule=rule_of(item["rule"], "schedules"),
        random_delay_minutes=int(item["random_delay_minutes"]),
        grace_minutes=int(item["grace_minutes"]),
        since=parse_time(item["registered_at"]),
        host=str(item.get("host", "")),
        seen=parse_time(item["seen"]) if item.get("seen") else None,
        told=parse_time(item["told"]) if item.get("told") else None,
    )
