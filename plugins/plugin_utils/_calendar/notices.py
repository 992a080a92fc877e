# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notices: that a window will be used was announced, when, and by whom; one document of the ledger."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ...module_utils._clock import format_time, parse_time
from ...module_utils._errors import OpsError, Refused, Unreachable
from .._ledger.chain import canonical
from .._ledger.store import SHOW, Store

KEY = "notices"
_TRIES = 200


@dataclass(frozen=True)
class Notice:
    """One announcement of one opening of a window.

    :param at: since when this is announced, by the ledger's time.
    """

    window: str
    opens: datetime
    closes: datetime
    at: datetime
    by: str
    message: str = ""

    def as_dict(self) -> Mapping[str, object]:
        """Return the record as the ledger keeps it."""
        return {
            "kind": "notice",
            "window": self.window,
            "opens": format_time(self.opens),
            "closes": format_time(self.closes),
            "at": format_time(self.at),
            "by": self.by,
            "message": self.message,
        }

    def same_opening(self, other: Notice) -> bool:
        """Tell whether both announce that the same window opens at the same time, however long."""
        return (self.window, self.opens) == (other.window, other.opens)

    def same_span(self, other: Notice) -> bool:
        """Tell whether both announce the same."""
        return self.same_opening(other) and self.closes == other.closes


class Notices:
    """The notices of one ledger; a ledger where none was ever given has no such document."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def standing(self) -> tuple[Notice, ...]:
        """Return the notices of what is not over yet."""
        now = self._store.now()
        return tuple(notice for notice in self._read()[0] if notice.closes > now)

    def give(self, notice: Notice) -> bool:
        """Add the notice; tell whether anything changed.

        One that says only another message counts from when the earlier one was given. One of another length does not
        take its place: the earlier one goes on to count.
        """

        def change(notices: list[Notice]) -> list[Notice]:
            earlier = next((other for other in notices if notice.same_span(other)), None)
            if earlier is None:
                return [*notices, notice]
            if earlier.message == notice.message:
                return notices
            return [*(other for other in notices if other is not earlier), replace(notice, at=earlier.at)]

        return self._change(change)

    def withdraw(self, notice: Notice) -> bool:
        """Take back what announces the same opening; tell whether there was one."""
        return self._change(lambda notices: [other for other in notices if not notice.same_opening(other)])

    def _read(self) -> tuple[list[Notice], str | None]:
        found = self._store.read(KEY)
        if found is None:
            return [], None
        try:
            return [_notice(item) for item in json.loads(found.data)["notices"]], found.version
        except (ValueError, KeyError, TypeError, OpsError):
            raise Refused(
                f"The notices of the ledger {self._store.url} are damaged",
                remedy=f"Put the key '{KEY}' back from the ledger's backup, then look at it",
                next=SHOW,
            ) from None

    def _change(self, change: Callable[[list[Notice]], list[Notice]]) -> bool:
        for _number in range(_TRIES):
            notices, version = self._read()
            after = change(notices)
            if after == notices:
                return False
            now = self._store.now()
            # what is over is in the journal
            data = canonical({"notices": [notice.as_dict() for notice in after if notice.closes > now]})
            if self._write(version, data):
                return True
        raise Unreachable(f"The notices of the ledger {self._store.url} have too many writers at once")

    def _write(self, version: str | None, data: bytes) -> bool:
        if version is None:
            return self._store.put_if_absent(KEY, data)
        return self._store.compare_and_swap(KEY, version, data)


def _notice(item: Mapping[str, str]) -> Notice:
    opens, closes, at = (parse_time(item[key]) for key in ("opens", "closes", "at"))
    return Notice(item["window"], opens, closes, at, item["by"], item["message"])
