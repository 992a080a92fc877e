# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When windows take place: each occurrence by its zone's clock, and which of them supersedes which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from .days import Rule
from .zones import exists, first_instant, last_instant

_DAY = timedelta(days=1)
# the farthest that a zone's clock is from UTC, that a window reaches into the days after its own, and a skipped day
_REACH = 4 * _DAY


@dataclass(frozen=True)
class Window:
    """One window of C(ops_windows).

    :param rules: the days of its zone's calendar on which it opens; none where it opens only as announced.
    :param opens: by the zone's clock.
    :param closes: by the zone's clock; not after C(opens) means on the next day.
    :param skip: whether a day is left out whose clock skips C(opens); else it opens as soon as that goes on.
    :param supersedes: names of the windows that do not count on a day on which this one opens.
    :param notice: how long before it opens notice has to be given.
    """

    name: str
    zone_name: str
    zone: tzinfo
    rules: tuple[Rule, ...] = ()
    opens: time = time()
    closes: time = time()
    skip: bool = False
    supersedes: frozenset[str] = frozenset()
    notice: timedelta = timedelta()

    @property
    def announced(self) -> bool:
        """Tell whether it opens only where somebody announced it."""
        return not self.rules


@dataclass(frozen=True)
class Occurrence:
    """A window is open from C(opens) until just before C(closes), both in UTC."""

    window: Window
    opens: datetime
    closes: datetime

    def covers(self, moment: datetime) -> bool:
        """Tell whether it is open then."""
        return self.opens <= moment < self.closes

    @property
    def length(self) -> timedelta:
        """Return how long it is open."""
        return self.closes - self.opens


def occurrences(windows: Sequence[Window], start: datetime, end: datetime) -> Iterator[Occurrence]:
    """Yield what the calendar holds of the windows and is open at any moment from start until before end.

    In the order of their days; within the reach of a day's clocks that need not be the order of their openings.
    """
    day, last = (start - _REACH).date(), (end + _REACH).date()
    while day <= last:
        for window in windows:
            if _counts(window, day, windows):
                found = _on(window, day)
                if found.opens < end and found.closes > start:
                    yield found
        day += _DAY


def _counts(window: Window, day: date, windows: Sequence[Window]) -> bool:
    """Tell whether the window opens on the day of its own calendar and none supersedes it there."""
    if not _opens(window, day):
        return False
    return not any(window.name in other.supersedes and _opens(other, day) for other in windows)


def _opens(window: Window, day: date) -> bool:
    if not any(rule.matches(day) for rule in window.rules):
        return False
    return not window.skip or exists(datetime.combine(day, window.opens), window.zone)


def _on(window: Window, day: date) -> Occurrence:
    opens = datetime.combine(day, window.opens)
    closes = datetime.combine(day if window.closes > window.opens else day + _DAY, window.closes)
    first, last = first_instant(opens, window.zone), last_instant(closes, window.zone)
    # a window that lies in what the clock skips would be lost: it follows at once, as long as it was to be
    return Occurrence(window, first, last if last > first else first + (closes - opens))
