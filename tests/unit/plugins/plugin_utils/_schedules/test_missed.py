"""Which expected runs never started."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._schedules.missed import Missed, Registered, missed, told
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.rule import Rule


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}:00+00:00")


NIGHT = Registered("n", Rule("UTC", ("daily",), ("02:30",)), 10, 60, utc("2026-11-01 12:00"))
DUE = utc("2026-11-02 02:30")


@pytest.mark.parametrize(
    ("now", "seen", "count"),
    [
        (DUE, None, 0),
        (DUE + timedelta(minutes=69), None, 0),
        (DUE + timedelta(minutes=70), None, 1),
        (DUE + timedelta(minutes=70), DUE, 0),
        # clocks of two machines
        (DUE + timedelta(minutes=70), DUE - timedelta(minutes=9), 0),
        (DUE + timedelta(minutes=70), DUE - timedelta(minutes=11), 1),
        # caught up after downtime, before anybody looked
        (DUE + timedelta(hours=9), DUE + timedelta(hours=8), 0),
        (DUE + timedelta(days=3, hours=9), None, 4),
        (DUE + timedelta(days=3, hours=9), DUE, 3),
    ],
)
def test_a_due_time_is_missed_when_its_grace_is_over(now: datetime, seen: datetime | None, count: int) -> None:
    found = missed([replace(NIGHT, seen=seen)], now)
    assert [each.count for each in found] == ([count] if count else [])


def test_nothing_was_promised_before_it_was_registered() -> None:
    assert missed([replace(NIGHT, since=DUE + timedelta(minutes=1))], DUE + timedelta(hours=9)) == []


def test_each_due_time_is_told_once() -> None:
    now = DUE + timedelta(hours=2)
    (first,) = missed([NIGHT], now)
    after = told([NIGHT, replace(NIGHT, name="other")], [first])
    assert [each.told for each in after] == [DUE, None]
    assert missed(after[:1], now) == [] and missed(after[:1], now, told_too=True) == [first]
    (second,) = missed(after[:1], now + timedelta(days=1))
    assert second.due == DUE + timedelta(days=1) and second.count == 1


@pytest.mark.parametrize(
    ("count", "seen", "sentence"),
    [
        (1, None, "The scheduled run n, due at 2026-11-02T02:30:00Z, did not start: it has never started"),
        (2, DUE, "did not start for the 2nd time: it last started at 2026-11-02T02:30:00Z"),
        (3, None, "for the 3rd time"),
        (11, None, "for the 11th time"),
        (21, None, "for the 21st time"),
        (24, None, "for the 24th time"),
    ],
)
def test_it_is_one_sentence(count: int, seen: datetime | None, sentence: str) -> None:
    assert sentence in Missed("n", DUE, count, seen).sentence
