"""Windows and freezes as a person reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.steady.ops.plugins.plugin_utils._calendar.agenda import Agenda
from ansible_collections.steady.ops.plugins.plugin_utils._calendar.declared import read_windows
from ansible_collections.steady.ops.plugins.plugin_utils._calendar.frozen import read_freezes
from ansible_collections.steady.ops.plugins.plugin_utils._calendar.notices import Notice
from ansible_collections.steady.ops.plugins.plugin_utils._calendar.overview import freeze_lines, window_lines

NOW = datetime(2026, 11, 22, 1, tzinfo=UTC)
WEEKLY: dict[str, Any] = {"name": "weekly", "zone": "UTC", "days": ["sunday"], "from": "01:00", "to": "02:00"}


def lines(window: dict[str, Any], *notices: Notice, days: int = 60, now: datetime = NOW) -> list[str]:
    return list(window_lines(Agenda(read_windows([window]) or (), notices), now, timedelta(days=days)))


def given(opens: str, at: str, window: str = "weekly") -> Notice:
    moment = datetime.fromisoformat(opens).replace(tzinfo=UTC)
    announced = datetime.fromisoformat(at).replace(tzinfo=UTC)
    return Notice(window, moment, moment + timedelta(hours=1), announced, "ann", "disks")


def test_open_says_until_when_and_five_more() -> None:
    assert lines(WEEKLY) == [
        "weekly: open until Sunday 2026-11-22 02:00 UTC",
        *(
            f"  then Sunday {day} 01:00 UTC for 1 h 0 min"
            for day in ("2026-11-29", "2026-12-06", "2026-12-13", "2026-12-20", "2026-12-27")
        ),
    ]


def test_shut_says_when_it_opens() -> None:
    later = NOW + timedelta(hours=1)
    found = lines(WEEKLY, now=later)
    assert found[0] == "weekly: shut, opens Sunday 2026-11-29 01:00 UTC for 1 h 0 min" and len(found) == 5
    assert lines(WEEKLY, now=later, days=6) == ["weekly: shut, does not open within 6 days"]


def test_what_asks_for_notice_says_what_is_known_of_it() -> None:
    noted = {**WEEKLY, "notice_hours": 24 * 8}
    early, late = given("2026-12-06T01:00", "2026-11-20T00:00"), given("2026-12-13T01:00", "2026-12-12T00:00")
    assert [line.partition("; ")[2] for line in lines(noted, early, late)] == [
        "no notice was given",
        "no notice was given",
        "announced at 2026-11-20T00:00:00Z by ann: disks",
        "announced at 2026-12-12T00:00:00Z by ann, too late to count: disks",
        "notice until 2026-12-12T01:00:00Z",
        "notice until 2026-12-19T01:00:00Z",
    ]


def test_what_is_announced_only() -> None:
    emergency = {"name": "emergency", "announced": True}
    assert lines(emergency) == ["emergency: shut, opens only where announced"]
    assert lines({**emergency, "notice_hours": 2}) == [
        "emergency: shut, opens only where announced, at least 2 h 0 min later"
    ]
    assert lines(emergency, given("2026-11-22T03:00", "2026-11-22T00:00", "emergency")) == [
        "emergency: shut, opens Sunday 2026-11-22 03:00 UTC for 1 h 0 min;"
        " announced at 2026-11-22T00:00:00Z by ann: disks"
    ]


def test_freezes() -> None:
    freezes = read_freezes(
        [
            {"name": "b", "zone": "UTC", "from": "2026-12-20", "to": "2026-12-31", "reason": "away"},
            {"name": "a", "zone": "UTC", "from": "2026-11-20", "to": "2026-11-22"},
        ]
    )
    assert list(freeze_lines(freezes, NOW)) == [
        "freeze a: holds, from Friday 2026-11-20 00:00 UTC until Monday 2026-11-23 00:00 UTC: no reason given",
        "freeze b: comes, from Sunday 2026-12-20 00:00 UTC until Friday 2027-01-01 00:00 UTC: away",
    ]
