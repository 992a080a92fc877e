"""When freezes hold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ansible_collections.steady.ops.plugins.plugin_utils._calendar.freezes import coming, standing
from ansible_collections.steady.ops.plugins.plugin_utils._calendar.frozen import read_freezes

YEARLY = {"name": "yearly", "zone": "Europe/Berlin", "from": "12-20", "to": "01-03"}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def holds(now: str, *freezes: dict[str, Any]) -> str:
    found = standing(read_freezes(list(freezes)), utc(now))
    return f"{found[0].name} {found[1]:%Y-%m-%dT%H:%M}" if found else ""


def test_a_day_is_whole_and_a_time_is_not() -> None:
    once = {**YEARLY, "from": "2026-12-20T18:00", "to": "2027-01-03T06:00"}
    assert (holds("2026-12-20T16:59", once), holds("2026-12-20T17:00", once)) == ("", "yearly 2027-01-03T05:00")
    assert (holds("2027-01-03T04:59", once), holds("2027-01-03T05:00", once)) == ("yearly 2027-01-03T05:00", "")
    assert (holds("2027-01-03T22:59", YEARLY), holds("2027-01-03T23:00", YEARLY)) == ("yearly 2027-01-03T23:00", "")
    one_day = {**YEARLY, "from": "12-20", "to": "12-20"}
    assert (holds("2026-12-20T12:00", one_day), holds("2027-06-20", one_day)) == ("yearly 2026-12-20T23:00", "")


def test_every_year_and_over_new_year() -> None:
    ends = [holds(f"{year}-01-01", YEARLY) for year in (2026, 2027, 2040)]
    assert ends == ["yearly 2026-01-03T23:00", "yearly 2027-01-03T23:00", "yearly 2040-01-03T23:00"]
    assert holds("2026-07-01", YEARLY) == ""
    # the day after is a leap day
    leap = {**YEARLY, "from": "02-20", "to": "02-28", "zone": "UTC"}
    assert (holds("2028-02-21", leap), holds("2027-02-21", leap)) == (
        "yearly 2028-02-29T00:00",
        "yearly 2027-03-01T00:00",
    )


def test_one_that_follows_another_at_once_goes_on() -> None:
    then = {"name": "then", "zone": "Europe/Berlin", "from": "2027-01-04", "to": "2027-01-10"}
    assert holds("2026-12-24", then, YEARLY) == "yearly 2027-01-10T23:00"
    later = {**then, "from": "2027-01-04T00:01"}
    assert holds("2026-12-24", later, YEARLY) == "yearly 2027-01-03T23:00"


def test_all_year_has_an_end_that_is_not_looked_for_for_ever() -> None:
    first, second = {**YEARLY, "from": "01-01", "to": "06-30"}, {**YEARLY, "from": "07-01", "to": "12-31"}
    assert holds("2026-07-01", first, second) == "yearly 2027-12-31T23:00"


def test_what_lies_in_what_the_clock_skips_never_holds() -> None:
    skipped = {**YEARLY, "from": "2027-03-28T02:00", "to": "2027-03-28T02:30"}
    assert holds("2027-03-28T01:00", skipped) == "" and coming(read_freezes([skipped]), utc("2027-01-01")) == []


def test_what_comes_in_its_order() -> None:
    once = {**YEARLY, "name": "once", "from": "2031-01-01", "to": "2031-01-02"}
    past = {**YEARLY, "name": "past", "from": "2020-01-01", "to": "2020-01-02"}
    found = coming(read_freezes([once, past, YEARLY]), utc("2026-12-24"))
    assert [(freeze.name, f"{begins:%Y-%m-%d}") for freeze, begins, _ends in found] == [
        ("yearly", "2026-12-19"),
        ("once", "2030-12-31"),
    ]
