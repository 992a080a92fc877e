"""When a scheduled run is due."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from dateutil.tz import datetime_exists, gettz, resolve_imaginary

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.rule import (
    Rule,
    calendars,
    due_times,
    last_due,
    minutes_of_the_hour,
    next_due,
    rule_of,
)

NIGHT = {"zone": "Europe/Berlin", "days": ["daily"], "at": "02:30"}
WEEKDAY = {"mon": rrule.MO, "sun": rrule.SU, "fri": rrule.FR}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}:00+00:00")


def rule(**more: object) -> Rule:
    return rule_of({**NIGHT, **more}, "x")


def test_a_skipped_time_is_due_when_it_would_have_been_and_a_doubled_one_once() -> None:
    spring = due_times(rule(), utc("2027-03-27 12:00"), utc("2027-03-29 12:00"))
    assert spring == [utc("2027-03-28 01:30"), utc("2027-03-29 00:30")]
    autumn = due_times(rule(), utc("2026-10-24 12:00"), utc("2026-10-26 12:00"))
    assert autumn == [utc("2026-10-25 00:30"), utc("2026-10-26 01:30")]


def test_the_borders_belong_to_the_end() -> None:
    due = utc("2026-11-22 01:30")
    assert due_times(rule(), due, due) == [] and due_times(rule(), due - timedelta(seconds=1), due) == [due]
    assert next_due(rule(), due) == utc("2026-11-23 01:30") and last_due(rule(), due) == due
    assert len(due_times(rule(), utc("2020-01-01 00:00"), due)) == 400


def test_systemd_is_told_of_each_skipped_time() -> None:
    lines = calendars(rule(days=["daily", "mon", "first sun", "last fri", 15], at=["02:30", "14:00"]))
    assert lines[:5] == [
        "*-*-* 02:30:00 Europe/Berlin",
        "Mon *-*-* 02:30:00 Europe/Berlin",
        "Sun *-*-01..07 02:30:00 Europe/Berlin",
        "Fri *-*~07/1 02:30:00 Europe/Berlin",
        "*-*-15 02:30:00 Europe/Berlin",
    ]
    assert "2027,2032,2038,2049-03-28 01:30:00 UTC" in lines and not [line for line in lines if "13:" in line]
    assert calendars(rule(at="12:00", days="sun")) == ["Sun *-*-* 12:00:00 Europe/Berlin"]
    assert calendars(rule(zone="UTC")) == ["*-*-* 02:30:00 UTC"]


def test_what_ends_systemds_timer_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"the clocks of Pacific/Chatham skip 02:50 in the middle of an hour"):
        calendars(rule(zone="Pacific/Chatham", at="02:50"))
    assert calendars(rule(zone="Pacific/Chatham", at="03:00"))


def test_cron_asks_at_every_quarter_that_an_offset_may_bring() -> None:
    assert minutes_of_the_hour(rule(at=["02:30", "03:10"])) == [0, 10, 15, 25, 30, 40, 45, 55]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"zone": "Europe/Berlinn"}, "x: zone is 'Europe/Berlinn'. Name an IANA time zone"),
        ({"zone": "../etc"}, "x: zone is '../etc'"),
        ({"zone": None}, "x: zone is None"),
        ({"days": []}, "x: days is empty"),
        ({"days": ["firts sun"]}, r"x: days names 'firts sun'\. Use daily.* Did you mean first sun\?"),
        ({"days": [31]}, "x: days names 31"),
        ({"days": [True]}, "x: days names True"),
        ({"at": 150}, r"x: at names 150\. Write times in quotes"),
        ({"at": ["24:00"]}, "x: at names '24:00'"),
        ({"at": ["02:30", "02:45"]}, "x: at names 02:30, 02:45, and times must be 30 minutes apart"),
        ({"at": ["23:50", "00:10"]}, "x: at names 00:10, 23:50, and times must be 30 minutes apart"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, object], sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        rule(**change)


def test_a_rule_survives_being_kept_and_is_said() -> None:
    made = rule(days=["First  Sun", "Mon", "mon"], at=["14:00", "02:30"])
    assert made == Rule("Europe/Berlin", ("first sun", "mon"), ("02:30", "14:00"))
    assert rule_of(made.as_dict(), "x") == made and made.named() == "first sun, mon at 02:30, 14:00 Europe/Berlin"


def test_due_times_are_those_of_dateutil() -> None:
    """dateutil's rules and its own reading of the zone files, which ends in 2037."""
    chance = random.Random(20261121)
    rules = {
        "daily": {"freq": rrule.DAILY},
        "mon": {"freq": rrule.WEEKLY, "byweekday": rrule.MO},
        "second sun": {"freq": rrule.MONTHLY, "byweekday": rrule.SU(2)},
        "last fri": {"freq": rrule.MONTHLY, "byweekday": rrule.FR(-1)},
        "28": {"freq": rrule.MONTHLY, "bymonthday": 28},
    }
    zones = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "America/Havana", "UTC")
    for _number in range(120):
        zone, day = chance.choice(zones), chance.choice(sorted(rules))
        at = f"{chance.choice((0, 1, 2, 2, 3, 23)):02d}:{chance.choice((0, 15, 30, 45)):02d}"
        begin = date(2026 + chance.randrange(11), chance.randrange(1, 13), 1)
        local = datetime.combine(begin, time.fromisoformat(at))
        theirs = set()
        for naive in rrule.rrule(dtstart=local, until=local + timedelta(days=100), **rules[day]):
            found = naive.replace(tzinfo=gettz(zone))
            theirs.add((found if datetime_exists(found) else resolve_imaginary(found)).astimezone(UTC))
        start = datetime.combine(begin, time(0), ZoneInfo(zone)).astimezone(UTC)
        ours = due_times(
            rule(zone=zone, days=[day], at=[at]), start - timedelta(seconds=1), start + timedelta(days=102)
        )
        last = max(theirs)
        assert {each for each in ours if each <= last} == theirs, (zone, day, at, begin)
