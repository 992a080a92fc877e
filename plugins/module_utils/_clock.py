# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time as a protocol: wall clock in UTC, a steady clock that counts suspend, and sleep."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Protocol

from ._errors import InvalidInput


class Clock(Protocol):
    """What domain code may ask of time."""

    def now(self) -> datetime:
        """Return the wall clock, aware, in UTC."""

    def steady(self) -> float:
        """Return seconds that never go back and that count suspend."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """Return the wall clock, aware, in UTC."""
        return datetime.now(timezone.utc)

    def steady(self) -> float:
        """Return the boot-time clock in seconds: unlike the monotonic one it counts suspend."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


@dataclass(frozen=True)
class Deadline:
    """A moment on the steady clock after which nothing new is started."""

    clock: Clock = field(repr=False)
    at: float

    @classmethod
    def after(cls, clock: Clock, seconds: float) -> Deadline:
        """Return the deadline that is so many seconds away."""
        return cls(clock, clock.steady() + seconds)

    def left(self) -> float:
        """Return the seconds that remain, never below zero."""
        return max(0.0, self.at - self.clock.steady())

    def passed(self) -> bool:
        """Tell whether no time is left."""
        return self.left() <= 0.0


def format_time(moment: datetime) -> str:
    """Return C(2026-11-21T02:58:07Z)."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_time(text: str) -> datetime:
    """Read what L(format_time) wrote, or any ISO 8601 time with an offset.

    :raises InvalidInput: the text is no time, or has no offset.
    """
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        if moment.tzinfo is None:
            raise InvalidInput(f"The time {text!r} has no offset", remedy="Add Z or an offset such as +01:00.")
        return moment.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        raise InvalidInput(f"{text!r} is not a time", remedy="Write it as 2026-11-21T02:58:07Z.") from None


def format_duration(seconds: float) -> str:
    """Return a length of time as a person says it: C(0.4 s), C(35 s), C(3 min 4 s), C(2 h 5 min)."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
