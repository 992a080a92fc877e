"""What a clock skips and shows twice."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._calendar.zones import (
    exists,
    first_instant,
    last_instant,
    zone_of,
)

NEW_YORK, BERLIN = zone_of("America/New_York", "zone"), zone_of("Europe/Berlin", "zone")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("clock", ["2027-03-14T02:00", "2027-03-14T02:30", "2027-03-14T02:59"])
def test_what_the_clock_skips_is_the_first_moment_after_it(clock: str) -> None:
    local = datetime.fromisoformat(clock)
    assert not exists(local, NEW_YORK)
    assert first_instant(local, NEW_YORK) == last_instant(local, NEW_YORK) == utc("2027-03-14T07:00")


def test_what_the_clock_shows_twice_is_covered_from_the_first_to_the_last() -> None:
    local = datetime(2026, 10, 25, 2, 30)
    assert exists(local, BERLIN)
    assert first_instant(local, BERLIN) == utc("2026-10-25T00:30")
    assert last_instant(local, BERLIN) == utc("2026-10-25T01:30")
    # up to 02:00 is over when the clock shows that for the first time: no time before it is shown again
    assert last_instant(datetime(2026, 10, 25, 2), BERLIN) == utc("2026-10-25T00:00")


def test_a_day_that_a_place_left_out() -> None:
    apia = zone_of("Pacific/Apia", "zone")
    assert first_instant(datetime(2011, 12, 30, 12), apia) == utc("2011-12-30T10:00")


def test_any_other_time_is_what_it_is() -> None:
    local = datetime(2026, 11, 22, 2)
    assert exists(local, BERLIN)
    assert first_instant(local, BERLIN) == last_instant(local, BERLIN) == utc("2026-11-22T01:00")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Europe/Berln", "key is 'Europe/Berln', which is no IANA zone. Name one, such as Europe/Berlin."),
        ("Europe", "key is 'Europe', which is no IANA zone. Name one, such as "),
        ("../passwd", "key is '../passwd', which is no IANA zone."),
        ("qqqqqqq", "key is 'qqqqqqq', which is no IANA zone. Name one, such as Europe/Berlin."),
        ("EST", "key is EST, which never has summer time. Name the place whose clock is meant, such as America/New_Yo"),
    ],
)
def test_what_is_no_zone_is_named(name: str, told: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        zone_of(name, "key")
    assert str(caught.value).startswith(told)


def test_a_controller_without_zone_data_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zoneinfo, "available_timezones", set)
    with pytest.raises(InvalidInput, match=r"has no time zone data\. Install the package tzdata on the controller\."):
        zone_of("Europe/Nowhere", "key")
