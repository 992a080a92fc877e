# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which expected runs never started. Pure.

Only the last start of each is known, which is enough: a due time is missed when its delay and grace are over and
nothing has started since. A run that systemd caught up before anybody looked has run, late, and is not missed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ...module_utils._clock import format_time
from .rule import Rule, due_times

# the clocks of two machines may differ so much; due times are farther apart
_SKEW = timedelta(minutes=10)


@dataclass(frozen=True)
class Registered:
    """One expected run as the ledger knows it.

    :param since: when it was registered with this rule.
    :param host: the controller whose timer starts it.
    :param seen: when it last started; None for never.
    :param told: the last due time that somebody was told had been missed.
    """

    name: str
    rule: Rule
    random_delay_minutes: int
    grace_minutes: int
    since: datetime
    host: str = ""
    seen: datetime | None = None
    told: datetime | None = None


@dataclass(frozen=True)
class Missed:
    """An expected run that never started.

    :param due: the last time at which it should have.
    :param count: how many due times have passed since it last started or since this was last told.
    :param seen: when it last started; None for never.
    """

    name: str
    due: datetime
    count: int = 1
    seen: datetime | None = None

    @property
    def sentence(self) -> str:
        """Return it as a person reads it."""
        often = f" for the {_ordinal(self.count)} time" if self.count > 1 else ""
        last = f"it last started at {format_time(self.seen)}" if self.seen else "it has never started"
        return f"The scheduled run {self.name}, due at {format_time(self.due)}, did not start{often}: {last}"


def missed(registered: Iterable[Registered], now: datetime, *, told_too: bool = False) -> list[Missed]:
    """Return what never started, each once with the last time at which it was due.

    :param now: by the ledger's clock.
    :param told_too: name those too of which somebody was told already.
    """
    found = []
    for each in registered:
        after = max(
            each.since,
            each.seen + _SKEW if each.seen else each.since,
            each.told if each.told and not told_too else each.since,
        )
        over = now - timedelta(minutes=each.random_delay_minutes + each.grace_minutes)
        due = due_times(each.rule, after, over) if over > after else []
        if due:
            found.append(Missed(each.name, due[-1], len(due), each.seen))
    return found


def told(registered: Iterable[Registered], about: Iterable[Missed]) -> list[Registered]:
    """Return the registrations with the due times noted of which somebody is told now."""
    due = {each.name: each.due for each in about}
    return [replace(each, told=due[each.name]) if each.name in due else each for each in registered]


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
