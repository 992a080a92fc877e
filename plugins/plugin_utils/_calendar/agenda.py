# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of the calendar counts: windows with the notices that were given of them, now and next."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from .notices import Notice
from .windows import Occurrence, Window, occurrences

# what never opens within two years is said to never open
_AHEAD = timedelta(days=732)
_STRETCH = timedelta(days=28)
_RESOLUTION = timedelta.resolution
# of an open incident: nobody can have known it before
_URGENT = frozenset(("P0", "P1"))


@dataclass(frozen=True)
class Agenda:
    """The windows of an environment and what was announced of them.

    :param urgent: whether an incident is open that waives how long before an announced window notice is given.
    """

    windows: tuple[Window, ...]
    notices: tuple[Notice, ...] = ()
    urgent: bool = False

    @classmethod
    def of(cls, windows: tuple[Window, ...], notices: Collection[Notice], severities: Collection[str]) -> Agenda:
        """Return the agenda while incidents of these severities are open."""
        return cls(windows, tuple(notices), any(severity.upper() in _URGENT for severity in severities))

    def open_at(self, now: datetime) -> list[Occurrence]:
        """Return what is open, whether notice was given of it or not; what closes last is first."""
        found = [*self._announced(), *occurrences(self.windows, now, now + _RESOLUTION)]
        return sorted((item for item in found if item.covers(now)), key=lambda item: item.closes, reverse=True)

    def after(self, now: datetime, ahead: timedelta = _AHEAD) -> Iterator[Occurrence]:
        """Yield what opens after now, in order."""
        start, end = now, now + ahead
        while start < end:
            stop = min(start + _STRETCH, end)
            found = [*self._announced(), *occurrences(self.windows, start, stop + _RESOLUTION)]
            yield from sorted(
                (item for item in found if start < item.opens <= stop), key=lambda item: (item.opens, item.closes)
            )
            start = stop

    def given(self, item: Occurrence) -> Notice | None:
        """Return the notice that was given of an opening; what only a notice opens is open as long as that says."""
        return next((notice for notice in self.notices if _announces(notice, item)), None)

    def counts(self, item: Occurrence) -> bool:
        """Tell whether an opening may be used: no notice is asked for, or it was given early enough."""
        window, notice = item.window, self.given(item)
        if notice is None:
            return not window.announced and not window.notice
        return notice.at <= item.opens - window.notice or (window.announced and self.urgent)

    def can_count(self, item: Occurrence, now: datetime) -> bool:
        """Tell whether an opening may be used, or can be, if notice of it is given by now."""
        return self.counts(item) or now <= item.opens - item.window.notice

    def next(self, now: datetime) -> Occurrence | None:
        """Return the next opening that may be used, or can be; None where there is none within two years."""
        return next((item for item in self.after(now) if self.can_count(item, now)), None)

    def _announced(self) -> Iterator[Occurrence]:
        """Yield the openings that only a notice makes."""
        for notice in self.notices:
            for window in self.windows:
                if window.announced and window.name == notice.window:
                    yield Occurrence(window, notice.opens, notice.closes)


def _announces(notice: Notice, item: Occurrence) -> bool:
    same = (notice.window, notice.opens) == (item.window.name, item.opens)
    return same and (notice.closes == item.closes or not item.window.announced)
