"""When windows take place; over twenty years against a second calendar in tests/soak/test_windows.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._clock import format_time
from ansible_collections.steady.ops.plugins.plugin_utils._calendar.declared import read_windows
from ansible_collections.steady.ops.plugins.plugin_utils._calendar.windows import occurrences


def opened(start: str, days: int, *windows: dict[str, Any]) -> list[str]:
    declared = read_windows(list(windows))
    assert declared is not None
    begin = datetime.fromisoformat(start).replace(tzinfo=UTC)
    found = occurrences(declared, begin, begin + timedelta(days=days))
    return [f"{item.window.name} {format_time(item.opens)[5:16]} {format_time(item.closes)[5:16]}" for item in found]


def window(days: object, begins: str, ends: str, zone: str = "America/New_York", **more: object) -> dict[str, Any]:
    return {"name": "a", "zone": zone, "days": days, "from": begins, "to": ends, **more}


# AN-71: Sunday 02:00 does not exist in New York on the second Sunday of March, and 01:30 is there twice in November
@pytest.mark.parametrize(
    ("declared", "spring"),
    [
        (window("sunday", "02:00", "05:00"), ["a 03-14T07:00 03-14T09:00"]),
        (window("sunday", "02:00", "05:00", nonexistent="skip"), []),
        (window("sunday", "02:30", "03:15"), ["a 03-14T07:00 03-14T07:15"]),
        (window("sunday", "01:00", "02:30"), ["a 03-14T06:00 03-14T07:00"]),
        (window("sunday", "01:00", "02:30", nonexistent="skip"), ["a 03-14T06:00 03-14T07:00"]),
        # it would be lost, so it follows at once, as long as it was to be
        (window("sunday", "02:15", "02:45"), ["a 03-14T07:00 03-14T07:30"]),
        (window("sunday", "02:00", "03:00"), ["a 03-14T07:00 03-14T08:00"]),
    ],
)
def test_when_the_clock_goes_forward(declared: dict[str, Any], spring: list[str]) -> None:
    assert opened("2027-03-13", 3, declared) == spring


@pytest.mark.parametrize(
    ("declared", "autumn"),
    [
        (window("sunday", "01:30", "01:45"), ["a 11-01T05:30 11-01T06:45"]),
        (window("sunday", "00:00", "01:00"), ["a 11-01T04:00 11-01T05:00"]),
        (window("sunday", "01:00", "05:00", nonexistent="skip"), ["a 11-01T05:00 11-01T10:00"]),
    ],
)
def test_when_the_clock_goes_back(declared: dict[str, Any], autumn: list[str]) -> None:
    assert opened("2026-10-31", 3, declared) == autumn


def test_over_midnight_it_belongs_to_the_day_on_which_it_opens() -> None:
    declared = window("saturday", "22:00", "01:00", "UTC")
    assert opened("2026-11-22T00:30", 1, declared) == ["a 11-21T22:00 11-22T01:00"]
    assert opened("2026-11-22T01:00", 1, declared) == []
    assert opened("2026-11-21", 1, window("saturday", "22:00", "24:00", "UTC")) == ["a 11-21T22:00 11-22T00:00"]
    assert opened("2026-11-21", 1, window("saturday", "22:00", "22:00", "UTC")) == ["a 11-21T22:00 11-22T22:00"]


# AC-46
WEEKLY = window("sunday", "02:00", "04:00", "UTC")
MONTHLY = {**window("first sunday", "01:00", "05:00", "UTC", supersedes=["a"]), "name": "b"}


def test_where_both_occur_only_the_one_that_supersedes_counts() -> None:
    assert opened("2026-12-01", 14, WEEKLY, MONTHLY) == ["b 12-06T01:00 12-06T05:00", "a 12-13T02:00 12-13T04:00"]


def test_what_is_left_out_supersedes_nothing() -> None:
    skipped = {**window("sunday", "02:00", "05:00", nonexistent="skip", supersedes="a"), "name": "b"}
    assert opened("2027-03-14", 1, WEEKLY, skipped) == ["a 03-14T02:00 03-14T04:00"]
    assert [line[0] for line in opened("2027-03-21", 1, WEEKLY, skipped)] == ["b"]


def test_of_three_only_the_highest_counts() -> None:
    yearly = {**window("first sunday", "00:00", "06:00", "UTC", supersedes=["b"]), "name": "c"}
    assert [line[0] for line in opened("2026-12-06", 1, WEEKLY, MONTHLY, yearly)] == ["c"]
