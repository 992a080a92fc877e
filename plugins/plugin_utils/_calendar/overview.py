# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows and freezes as a person reads them: what is open, what comes next, and what was announced."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from ...module_utils._clock import format_time
from . import wording
from .agenda import Agenda
from .freezes import Freeze, coming
from .windows import Occurrence

_SHOWN = 5


def window_lines(agenda: Agenda, now: datetime, ahead: timedelta) -> Iterator[str]:
    """Yield what each window does now and the next openings within a time ahead."""
    later = list(agenda.after(now, ahead))
    standing = agenda.open_at(now)
    for window in agenda.windows:
        mine = next((item for item in standing if item.window == window), None)
        coming_up = [item for item in later if item.window == window][:_SHOWN]
        if mine:
            yield f"{window.name}: open until {wording.closing(mine)}{_notice(mine, agenda, now)}"
        elif coming_up:
            yield f"{window.name}: shut, opens {wording.opening(coming_up[0])}{_notice(coming_up[0], agenda, now)}"
        elif window.announced:
            lead = f", at least {wording.length(window.notice)} later" if window.notice else ""
            yield f"{window.name}: shut, opens only where announced{lead}"
        else:
            yield f"{window.name}: shut, does not open within {ahead.days} days"
        for item in coming_up[0 if mine else 1 :]:
            yield f"  then {wording.opening(item)}{_notice(item, agenda, now)}"


def freeze_lines(freezes: Sequence[Freeze], now: datetime) -> Iterator[str]:
    """Yield which freezes hold or come."""
    for freeze, begins, ends in coming(freezes, now):
        first, last = (wording.moment(at, freeze.zone, freeze.zone_name) for at in (begins, ends))
        word = "holds" if begins <= now else "comes"
        yield f"freeze {freeze.name}: {word}, from {first} until {last}: {freeze.reason or 'no reason given'}"


def _notice(item: Occurrence, agenda: Agenda, now: datetime) -> str:
    """Return what is known of the notice of an opening; empty where none is asked for."""
    notice = agenda.given(item)
    if notice:
        late = "" if agenda.counts(item) else ", too late to count"
        return f"; announced at {format_time(notice.at)} by {notice.by}{late}: {notice.message}"
    if not item.window.notice:
        return ""
    return f"; notice until {wording.deadline(item)}" if agenda.can_count(item, now) else "; no notice was given"
