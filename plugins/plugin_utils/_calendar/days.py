# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Days on which a window takes place: weekdays, the n-th weekday of a month, or every day."""

from __future__ import annotations

import calendar
import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ...module_utils._errors import InvalidInput

# not those of the locale, which Ansible sets
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAILY = "daily"
LAST = "last"
_NTH = ("first", "second", "third", "fourth", "fifth")
_REMEDY = 'Use weekdays ("sunday"), an n-th weekday of the month ("first sunday", "last friday"), or daily.'


@dataclass(frozen=True)
class Rule:
    """One entry of C(days).

    :param weekday: 0 is Monday; None for every day.
    :param nth: 1 to 5, -1 for the last of the month, 0 for each.
    """

    weekday: int | None = None
    nth: int = 0

    def matches(self, day: date) -> bool:
        """Tell whether the rule names the day."""
        if self.weekday is None:
            return True
        if day.weekday() != self.weekday:
            return False
        if self.nth > 0:
            return (day.day - 1) // 7 + 1 == self.nth
        return self.nth == 0 or day.day + 7 > calendar.monthrange(day.year, day.month)[1]


def read_days(value: object, key: str) -> tuple[Rule, ...]:
    """Return the rules that a text or a list of texts names.

    :param key: where they stand, for the error.
    :raises InvalidInput: they name no days.
    """
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, Sequence) or not words:
        raise InvalidInput(f"{key} is {value!r}, which names no days", remedy=_REMEDY)
    return tuple(_rule(word, key) for word in words)


def _rule(word: object, key: str) -> Rule:
    parts = word.lower().split() if isinstance(word, str) else []
    if parts == [DAILY]:
        return Rule()
    *order, weekday = parts or [""]
    if weekday in WEEKDAYS and not order:
        return Rule(WEEKDAYS.index(weekday))
    if weekday in WEEKDAYS and order == [LAST]:
        return Rule(WEEKDAYS.index(weekday), -1)
    if weekday in WEEKDAYS and len(order) == 1 and order[0] in _NTH:
        return Rule(WEEKDAYS.index(weekday), _NTH.index(order[0]) + 1)
    near = difflib.get_close_matches(weekday, WEEKDAYS, n=1)
    meant = f"Did you mean {' '.join([*order, near[0]])}? " if near and near[0] != weekday else ""
    raise InvalidInput(f"{key} has {word!r}, which is no day", remedy=f"{meant}{_REMEDY}")
