# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Freezes: times in which nothing new is deployed, once or every year."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from .zones import first_instant, last_instant

# far beyond any freeze: where the next one of a yearly freeze is looked for
_AHEAD = timedelta(days=400)
_EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Freeze:
    """One freeze of C(ops_freezes), by its zone's clock.

    :param begins: naive; of a yearly one the year says nothing.
    :param ends: naive; of a yearly one in the same year, or in the next.
    :param whole: whether the day of C(ends) belongs to it.
    """

    name: str
    zone_name: str
    zone: tzinfo
    begins: datetime
    ends: datetime
    whole: bool = False
    yearly: bool = False
    reason: str = ""

    def spans(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield when it holds, in UTC, as far as that is at any moment from start until before end."""
        years = range(start.year - 2, end.year + 2) if self.yearly else (self.begins.year,)
        for year in years:
            local = self.ends.replace(year=year + self.ends.year - self.begins.year)
            begins = first_instant(self.begins.replace(year=year), self.zone)
            ends = last_instant(local + timedelta(days=1) if self.whole else local, self.zone)
            if begins < end and ends > start and begins < ends:
                yield begins, ends


def standing(freezes: Sequence[Freeze], now: datetime) -> tuple[Freeze, datetime] | None:
    """Return a freeze that holds now, and when the last of those ends that hold from now on without a pause."""
    first, until, before = None, now, None
    while until != before and until - now < _AHEAD:
        before = until
        for freeze in freezes:
            for _begins, ends in freeze.spans(until, until + timedelta.resolution):
                first, until = first or freeze, ends
    return (first, until) if first else None


def coming(freezes: Sequence[Freeze], now: datetime) -> list[tuple[Freeze, datetime, datetime]]:
    """Return the freezes that hold now or will, the next span of each, in their order."""
    found = [
        (freeze, *span)
        for freeze in freezes
        for span in list(freeze.spans(now, now + _AHEAD if freeze.yearly else _EVER))[:1]
    ]
    return sorted(found, key=lambda item: item[1])
