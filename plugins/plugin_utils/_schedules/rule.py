# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a scheduled run is due: days and local times in a zone, as instants and as systemd writes them. Pure.

A local time that the clocks skip in spring is due at the instant at which it would have been, an hour later by the
clock; one that they show twice in autumn is due the first time only.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ...module_utils._errors import InvalidInput

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NTH = {"first": 0, "second": 1, "third": 2, "fourth": 3}
_LAST = "last"
DAILY = "daily"
# every month has them
_LAST_DAY_OF_MONTH = 28
# a start counts for the time it is near to: the store's clock and this machine's may differ by minutes
LEAST_APART_MINUTES = 30
_AT = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_ZONE = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*")
# systemd skips a time that does not exist, so those are written one by one: a fixed span, so that a unit stays the same
_GAP_YEARS = range(2026, 2051)
# no rule pauses for longer than the n-th weekday of two months
_LONGEST_PAUSE = timedelta(days=70)
# nobody reads of more than a year
_FARTHEST = timedelta(days=400)


@dataclass(frozen=True)
class Rule:
    """Days and local times.

    :param days: C(daily), C(mon), C(first sun), C(last fri), or a day of the month as C(15).
    :param at: local times as C(02:30), sorted.
    """

    zone: str
    days: tuple[str, ...]
    at: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """Return the rule as the ledger keeps it."""
        return {"zone": self.zone, "days": list(self.days), "at": list(self.at)}

    def named(self) -> str:
        """Return the rule as a person says it."""
        return f"{', '.join(self.days)} at {', '.join(self.at)} {self.zone}"


def rule_of(value: Mapping[str, object], where: str) -> Rule:
    """Read C(zone), C(days) and C(at); a single word stands for a list of one.

    :param where: what the sentence names, as C(ops_schedules nightly).
    :raises InvalidInput: names the key that is wrong.
    """
    zone = value.get("zone")
    if not isinstance(zone, str) or not _ZONE.fullmatch(zone) or not _known(zone):
        raise InvalidInput(
            f"{where}: zone is {zone!r}", remedy="Name an IANA time zone this machine knows, as Europe/Berlin or UTC."
        )
    days = tuple(dict.fromkeys(_day(day, where) for day in _listed(value.get("days"), f"{where}: days")))
    at = tuple(sorted({_time(each, where) for each in _listed(value.get("at"), f"{where}: at")}))
    minutes = [int(each[:2]) * 60 + int(each[3:]) for each in at]
    pauses = [later - earlier for earlier, later in zip(minutes, [*minutes[1:], minutes[0] + 24 * 60], strict=True)]
    if min(pauses) < LEAST_APART_MINUTES:
        raise InvalidInput(
            f"{where}: at names {', '.join(at)}, and times must be {LEAST_APART_MINUTES} minutes apart",
            remedy="Leave some out: a start could not be told from the next one.",
        )
    return Rule(zone, days, at)


def due_times(rule: Rule, after: datetime, until: datetime) -> list[datetime]:
    """Return the instants at which the rule is due, later than one moment and not later than the other, in UTC.

    At most the last 400 days before C(until).
    """
    after = max(after, until - _FARTHEST)
    zone = ZoneInfo(rule.zone)
    day, last = after.astimezone(zone).date() - timedelta(days=1), until.astimezone(zone).date() + timedelta(days=1)
    found: set[datetime] = set()
    while day <= last:
        if _matches(rule, day):
            found.update(_instant(day, at, zone) for at in rule.at)
        day += timedelta(days=1)
    return sorted(instant for instant in found if after < instant <= until)


def next_due(rule: Rule, after: datetime) -> datetime:
    """Return the first instant later than the moment at which the rule is due."""
    return due_times(rule, after, after + _LONGEST_PAUSE)[0]


def last_due(rule: Rule, now: datetime) -> datetime:
    """Return the last instant up to now at which the rule was due."""
    return due_times(rule, now - _LONGEST_PAUSE, now)[-1]


def calendars(rule: Rule) -> list[str]:
    """Return the rule as systemd's C(OnCalendar=) wants it, with a line for each skipped local time.

    :raises InvalidInput: systemd cannot compute it.
    """
    weekdays = [day.capitalize() for day in WEEKDAYS if day in rule.days]
    dates = ["*-*-*"] if DAILY in rule.days else []
    dates += [f"{','.join(weekdays)} *-*-*"] if weekdays else []
    for day in rule.days:
        if day.isdigit():
            dates.append(f"*-*-{int(day):02d}")
        elif " " in day:
            nth, weekday = day.split()
            span = "~07/1" if nth == _LAST else f"-{_NTH[nth] * 7 + 1:02d}..{_NTH[nth] * 7 + 7:02d}"
            dates.append(f"{weekday.capitalize()} *-*{span}")
    lines = [f"{day} {at}:00 {rule.zone}" for at in rule.at for day in dates]
    return [*lines, *_skipped(rule)]


def minutes_of_the_hour(rule: Rule) -> list[int]:
    """Return the minutes of any zone's hour at which the rule may be due: offsets are whole quarters of an hour."""
    return sorted({(int(at[3:]) + quarter) % 60 for at in rule.at for quarter in (0, 15, 30, 45)})


def _skipped(rule: Rule) -> list[str]:
    """Return lines in UTC for the days on which a time of the rule does not exist."""
    zone = ZoneInfo(rule.zone)
    years: dict[str, set[int]] = {}
    day, end = date(_GAP_YEARS[0], 1, 1), date(_GAP_YEARS[-1], 12, 31)
    while day <= end:
        if zone.utcoffset(datetime.combine(day, time(12))) != zone.utcoffset(
            datetime.combine(day - timedelta(days=1), time(12))
        ):
            # the change lies between two noons
            for candidate in (day - timedelta(days=1), day):
                for at in rule.at if _matches(rule, candidate) else ():
                    if not _exists(candidate, at, zone):
                        _refuse_hung(candidate, at, zone)
                        instant = _instant(candidate, at, zone)
                        years.setdefault(f"{instant:-%m-%d %H:%M:%S} UTC", set()).add(instant.year)
        day += timedelta(days=1)
    return [f"{','.join(map(str, sorted(years[key])))}{key}" for key in sorted(years)]


def _exists(day: date, at: str, zone: ZoneInfo) -> bool:
    return f"{_instant(day, at, zone).astimezone(zone):%H:%M}" == at


def _refuse_hung(day: date, at: str, zone: ZoneInfo) -> None:
    """Raise C(InvalidInput) for a skipped time whose hour begins unskipped: systemd's timer dies of it."""
    if _exists(day, f"{at[:2]}:00", zone):
        raise InvalidInput(
            f"On {day} the clocks of {zone.key} skip {at} in the middle of an hour, which ends systemd's timer",
            remedy=f"Use another time than {at} in this zone.",
        )


def _matches(rule: Rule, day: date) -> bool:
    name = WEEKDAYS[day.weekday()]
    nth = {f"{word} {name}" for word, number in _NTH.items() if number == (day.day - 1) // 7}
    if (day + timedelta(days=7)).month != day.month:
        nth.add(f"{_LAST} {name}")
    return bool({DAILY, name, str(day.day), *nth} & set(rule.days))


def _instant(day: date, at: str, zone: ZoneInfo) -> datetime:
    # of a skipped time Python takes the offset before the change, of a doubled one the first
    return datetime.combine(day, time(int(at[:2]), int(at[3:])), zone).astimezone(UTC)


def _day(value: object, where: str) -> str:
    word = " ".join(str(value).lower().split())
    nth = [f"{number} {weekday}" for number in (*_NTH, _LAST) for weekday in WEEKDAYS]
    month = [str(number) for number in range(1, _LAST_DAY_OF_MONTH + 1)]
    if isinstance(value, (str, int)) and not isinstance(value, bool) and word in (DAILY, *WEEKDAYS, *nth, *month):
        return word
    near = "".join(f" Did you mean {each}?" for each in difflib.get_close_matches(word, (DAILY, *WEEKDAYS, *nth), n=1))
    raise InvalidInput(
        f"{where}: days names {value!r}",
        remedy=f"Use daily, mon to sun, 'first sun' to 'fourth sun', 'last sun', or a day of the month up to"
        f" {_LAST_DAY_OF_MONTH}, which every month has.{near}",
    )


def _time(value: object, where: str) -> str:
    if isinstance(value, str) and _AT.fullmatch(value):
        return value
    # what YAML makes of 02:30 without quotes is a number
    raise InvalidInput(f"{where}: at names {value!r}", remedy="Write times in quotes, as '02:30'.")


def _listed(value: object, where: str) -> Iterator[object]:
    items = value if isinstance(value, (list, tuple)) else [] if value in (None, "") else [value]
    if not items:
        raise InvalidInput(f"{where} is empty", remedy="Write a list.")
    yield from items


def _known(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (OSError, ValueError, LookupError):
        return False
    return True
