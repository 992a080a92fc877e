"""The calendar a second time, and stupidly: days from dateutil's rules, openings by looking at a clock every minute.

Nothing of plugins/ is asked. A declaration is played as an inventory states it; what comes out are instants in UTC.
"""

from __future__ import annotations

import bisect
import functools
import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from dateutil import rrule

Span = tuple[datetime, datetime]
Declared = dict[str, Any]

YEARS = 20
# EST and its like are refused: they look like a place's clock and are none
ZONES = sorted(available_timezones() - {"EST", "MST", "HST", "localtime", "Factory"})
# those whose clocks do what others never do: half an hour, a day left out, summer time at midnight, at night twice
ODD = (
    *("Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo", "Asia/Gaza", "Africa/Casablanca", "Africa/Cairo"),
    *("Antarctica/Troll", "America/St_Johns", "Europe/Dublin", "Asia/Tehran", "Antarctica/Casey", "America/New_York"),
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_RULES = (rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU)
_NTH = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": -1}
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
FIRST, LAST = datetime(2003, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)
# farther than any clock is from UTC
_REACH = timedelta(hours=16)


def days_of(window: Declared, first: date, last: date) -> set[date]:
    """Return the days on which the calendar alone has the window."""
    found: set[date] = set()
    limits = {
        "dtstart": datetime(first.year, first.month, first.day),
        "until": datetime(last.year, last.month, last.day),
    }
    for word in window["days"]:
        if word == "daily":
            rule = rrule.rrule(rrule.DAILY, **limits)
        elif " " in word:
            order, weekday = word.split()
            rule = rrule.rrule(rrule.MONTHLY, byweekday=_RULES[WEEKDAYS.index(weekday)](_NTH[order]), **limits)
        else:
            rule = rrule.rrule(rrule.WEEKLY, byweekday=_RULES[WEEKDAYS.index(word)], **limits)
        found |= {moment.date() for moment in rule}
    return found


@functools.cache
def changes_of(zone_name: str) -> tuple[datetime, ...]:
    """Return when the zone's clock was changed, to three hours, by looking at it that often."""
    zone, found, at = ZoneInfo(zone_name), [], FIRST
    before = at.astimezone(zone).utcoffset()
    while at < LAST:
        at += timedelta(hours=3)
        now = at.astimezone(zone).utcoffset()
        if now != before:
            found.append(at)
        before = now
    return tuple(found)


def clock_at(text: str, day: date) -> datetime:
    """Return a time of a day, without zone."""
    hours, minutes = (int(part) for part in text.split(":"))
    return datetime(day.year, day.month, day.day) + timedelta(hours=hours, minutes=minutes)


def minutes_inside(begins: datetime, ends: datetime, zone_name: str) -> list[datetime]:
    """Return every minute whose reading of the clock lies inside, by looking at all that could."""
    zone, at = ZoneInfo(zone_name), begins.replace(tzinfo=UTC) - _REACH
    found, stop = [], ends.replace(tzinfo=UTC) + _REACH
    while at < stop:
        if begins <= at.astimezone(zone).replace(tzinfo=None) < ends:
            found.append(at)
        at += _MINUTE
    return found


def span_of(begins: datetime, ends: datetime, zone_name: str) -> Span | None:
    """Return the instants between which the clock reads times inside; None where it never does."""
    changes, reach = changes_of(zone_name), 2 * _REACH
    low, high = begins.replace(tzinfo=UTC) - reach, ends.replace(tzinfo=UTC) + reach
    if bisect.bisect_left(changes, low) == bisect.bisect_right(changes, high):
        offset = begins.replace(tzinfo=UTC).astimezone(ZoneInfo(zone_name)).utcoffset()
        assert offset is not None
        return begins.replace(tzinfo=UTC) - offset, ends.replace(tzinfo=UTC) - offset
    inside = minutes_inside(begins, ends, zone_name)
    return (inside[0], inside[-1] + _MINUTE) if inside else None


def after_skipped(begins: datetime, zone_name: str) -> datetime:
    """Return the first minute at which the clock reads a time that is not before this one."""
    zone, at = ZoneInfo(zone_name), begins.replace(tzinfo=UTC) - _REACH
    while at.astimezone(zone).replace(tzinfo=None) < begins:
        at += _MINUTE
    return at


def windows_between(windows: list[Declared], start: datetime, end: datetime) -> dict[str, list[Span]]:
    """Return when each window is open, for those that are open between two instants."""
    first, last = (start - 5 * _DAY).date(), (end + 5 * _DAY).date()
    held = {window["name"]: _held(window, first, last) for window in windows}
    found: dict[str, list[Span]] = {}
    for window in windows:
        rivals = [other["name"] for other in windows if window["name"] in other["supersedes"]]
        spans = [span for day, span in held[window["name"]].items() if not any(day in held[name] for name in rivals)]
        found[window["name"]] = sorted(span for span in spans if span[0] < end and span[1] > start)
    return found


def _held(window: Declared, first: date, last: date) -> dict[date, Span]:
    zone_name, spans = window["zone"], {}
    for day in days_of(window, first, last):
        begins, ends = clock_at(window["from"], day), clock_at(window["to"], day)
        ends = ends if ends > begins else ends + _DAY
        if window["nonexistent"] == "skip" and not _reads(begins, zone_name):
            continue
        span = span_of(begins, ends, zone_name)
        if span is None:
            opens = after_skipped(begins, zone_name)
            span = (opens, opens + (ends - begins))
        spans[day] = span
    return spans


def _reads(begins: datetime, zone_name: str) -> bool:
    """Tell whether the clock ever reads the time."""
    return span_of(begins, begins + _MINUTE, zone_name) is not None


def frozen_between(freezes: list[Declared], start: datetime, end: datetime) -> list[Span]:
    """Return when something is frozen, joined where one follows another, as far as it lies between two instants."""
    spans = []
    for freeze in freezes:
        for begins, ends in _freeze_spans(freeze, start, end):
            span = span_of(begins, ends, freeze["zone"])
            if span:
                spans.append(span)
    joined: list[Span] = []
    for begins, ends in sorted(spans):
        if joined and begins <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(ends, joined[-1][1]))
        else:
            joined.append((begins, ends))
    return [span for span in joined if span[0] < end and span[1] > start]


def _freeze_spans(freeze: Declared, start: datetime, end: datetime) -> Iterator[Span]:
    if len(freeze["from"].split("T")[0]) > len("12-20"):
        yield _moment(freeze["from"], last=False), _moment(freeze["to"], last=True)
        return
    for year in range(start.year - 1, end.year + 2):
        begins = _moment(f"{year}-{freeze['from']}", last=False)
        ends = _moment(f"{year}-{freeze['to']}", last=True)
        if ends <= begins:
            ends = _moment(f"{year + 1}-{freeze['to']}", last=True)
        yield begins, ends


def _moment(text: str, *, last: bool) -> datetime:
    return datetime.fromisoformat(text) + (_DAY if last and "T" not in text else timedelta())


def random_windows(chance: random.Random) -> list[Declared]:
    """Return one to three windows, of which an earlier one may supersede later ones."""
    count = chance.choice((1, 1, 2, 2, 3))
    zone = random_zone(chance)
    made = []
    for number in range(count):
        later = [f"w{other}" for other in range(number + 1, count) if chance.random() < 0.6]
        begins = _random_time(chance)
        made.append(
            {
                "name": f"w{number}",
                # one zone for all is what people write; two is what may go wrong
                "zone": zone if chance.random() < 0.7 else random_zone(chance),
                "days": [_random_day(chance) for _each in range(chance.choice((1, 1, 1, 2)))],
                "from": begins,
                "to": _soon_after(begins, chance) if chance.random() < 0.3 else _random_time(chance),
                "nonexistent": chance.choice(("shift", "shift", "skip")),
                "supersedes": later,
            }
        )
    return made


def random_freezes(chance: random.Random, start: datetime) -> list[Declared]:
    """Return no, one or two freezes, yearly ones and others."""
    return [_random_freeze(chance, start) for _each in range(chance.choice((0, 1, 2)))]


def _random_freeze(chance: random.Random, start: datetime) -> Declared:
    day = date(start.year + 1, 1, 1) + timedelta(days=chance.randrange(365 * (YEARS - 2)))
    last = day + timedelta(days=chance.randrange(1, 40))
    if chance.random() < 0.5:
        texts = [f"{moment:%m-%d}".replace("02-29", "02-28") for moment in (day, last)]
    else:
        texts = [day.isoformat(), last.isoformat()]
    begins, ends = (text + (f"T{_random_time(chance):0>5}" if chance.random() < 0.5 else "") for text in texts)
    return {"name": "freeze", "zone": random_zone(chance), "from": begins, "to": ends}


def random_zone(chance: random.Random) -> str:
    """Return any zone, more often one whose clock is odd."""
    return chance.choice(ODD) if chance.random() < 0.4 else chance.choice(ZONES)


def _random_time(chance: random.Random) -> str:
    # clocks are changed at night, mostly at the full hour
    hour = chance.choice((0, 0, 1, 1, 2, 2, 3, 3, 4, 23, chance.randrange(24)))
    return f"{hour:02}:{chance.choice((0, 0, 0, 15, 30, 45, chance.randrange(60))):02}"


def _soon_after(begins: str, chance: random.Random) -> str:
    """Return a time so near that what a clock skips may hold all of the window; seldom the same, which is a day."""
    ends = clock_at(begins, date(2026, 1, 1)) + timedelta(minutes=chance.choice((0, 10, 15, 30, 30, 60, 60, 90)))
    return f"{ends:%H:%M}"


def _random_day(chance: random.Random) -> str:
    weekday = chance.choice((*WEEKDAYS, "sunday", "sunday", "sunday"))
    kind: Callable[[], str] = chance.choice(
        (
            lambda: weekday,
            lambda: f"{chance.choice(tuple(_NTH))} {weekday}",
            lambda: f"{chance.choice(('first', 'last', 'second'))} {weekday}",
        )
    )
    return "daily" if chance.random() < 0.04 else kind()
