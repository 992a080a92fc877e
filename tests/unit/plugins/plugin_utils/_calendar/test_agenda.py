"""What of the calendar counts; the gate's side of it is tested with the gate window."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.steady.ops.plugins.plugin_utils._calendar.agenda import Agenda
from ansible_collections.steady.ops.plugins.plugin_utils._calendar.declared import read_windows
from ansible_collections.steady.ops.plugins.plugin_utils._calendar.notices import Notice

NOW = datetime(2026, 11, 22, 1, tzinfo=UTC)
DAY = timedelta(days=1)
WEEKLY: dict[str, Any] = {"name": "weekly", "zone": "UTC", "days": ["sunday"], "from": "01:00", "to": "02:00"}
EMERGENCY = {"name": "emergency", "announced": True, "notice_hours": 2}


def agenda(*windows: dict[str, Any], notices: tuple[Notice, ...] = ()) -> Agenda:
    return Agenda.of(read_windows(list(windows)) or (), notices, ())


def test_openings_come_in_order_and_once_across_the_stretches_that_are_looked_at() -> None:
    daily = {**WEEKLY, "name": "daily", "days": "daily", "zone": "Pacific/Auckland"}
    given = Notice("emergency", NOW + DAY, NOW + 2 * DAY, NOW, "ann")
    found = list(agenda(WEEKLY, daily, EMERGENCY, notices=(given,)).after(NOW, 365 * DAY))
    assert [item.opens for item in found] == sorted(item.opens for item in found)
    assert len(found) == len({(item.window.name, item.opens) for item in found})
    counts = {name: sum(item.window.name == name for item in found) for name in ("weekly", "daily", "emergency")}
    assert counts == {"weekly": 52, "daily": 365, "emergency": 1}


def test_what_opens_now_is_open_and_not_next() -> None:
    mine = agenda(WEEKLY)
    (item,) = mine.open_at(NOW)
    upcoming = mine.next(NOW)
    assert item.opens == NOW and item.length == timedelta(hours=1)
    assert upcoming is not None and upcoming.opens == NOW + 7 * DAY


def test_what_closes_last_is_first() -> None:
    longer = {**WEEKLY, "name": "longer", "to": "03:00"}
    assert [item.window.name for item in agenda(WEEKLY, longer).open_at(NOW)] == ["longer", "weekly"]


def test_the_next_is_one_that_notice_is_still_in_time_for() -> None:
    noted = {**WEEKLY, "notice_hours": 24 * 8}
    upcoming = agenda(noted).next(NOW)
    assert upcoming is not None and upcoming.opens == NOW + 14 * DAY


def test_a_notice_of_a_window_that_is_not_declared_opens_nothing() -> None:
    given = Notice("gone", NOW, NOW + DAY, NOW - DAY, "ann")
    assert agenda(EMERGENCY, notices=(given,)).open_at(NOW) == []
    assert agenda(EMERGENCY, notices=(given,)).next(NOW) is None


def test_an_announced_window_is_open_as_long_as_was_announced_in_time() -> None:
    short = Notice("emergency", NOW, NOW + DAY / 24, NOW - DAY, "ann")
    longer = Notice("emergency", NOW, NOW + DAY / 12, NOW, "ann")
    mine = agenda(EMERGENCY, notices=(short, longer))
    assert [(item.length, mine.counts(item)) for item in mine.open_at(NOW)] == [(DAY / 12, False), (DAY / 24, True)]
