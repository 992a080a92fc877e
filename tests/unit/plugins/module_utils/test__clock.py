"""Time: what is read back equals what was written, and a deadline never has less than nothing left."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.steady.ops.plugins.module_utils._clock import (
    Deadline,
    SystemClock,
    format_duration,
    format_time,
    parse_time,
)
from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput

MOMENT = datetime(2026, 11, 21, 2, 58, 7, tzinfo=UTC)


class StillClock:
    """Stands at a time that the test sets."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def now(self) -> datetime:
        return MOMENT + timedelta(seconds=self.seconds)

    def steady(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def test_the_clock_of_this_machine() -> None:
    clock = SystemClock()
    before, wall = clock.steady(), clock.now()
    clock.sleep(0.01)

    assert clock.steady() - before >= 0.01
    assert clock.now() > wall
    assert wall.tzinfo is UTC
    assert abs(time.clock_gettime(time.CLOCK_BOOTTIME) - clock.steady()) < 1


def test_a_deadline_runs_down_to_nothing_and_not_below() -> None:
    clock = StillClock()
    deadline = Deadline.after(clock, 5)

    assert (deadline.left(), deadline.passed()) == (5.0, False)
    clock.sleep(5)
    assert (deadline.left(), deadline.passed()) == (0.0, True)
    clock.sleep(5)
    assert (deadline.left(), deadline.passed()) == (0.0, True)


def test_the_clock_is_not_part_of_what_a_deadline_shows() -> None:
    assert repr(Deadline.after(StillClock(), 5)) == "Deadline(at=105.0)"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-21T02:58:07Z", MOMENT),
        ("2026-11-21T03:58:07+01:00", MOMENT),
        ("2026-11-21 02:58:07+00:00", MOMENT),
        ("2026-11-21T02:58:07.500000Z", MOMENT + timedelta(milliseconds=500)),
    ],
)
def test_times_that_are_read(text: str, moment: datetime) -> None:
    assert parse_time(text) == moment
    assert parse_time(text).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("tomorrow", "'tomorrow' is not a time. Write it as 2026-11-21T02:58:07Z."),
        ("", "'' is not a time. Write it as 2026-11-21T02:58:07Z."),
        (
            "0001-01-01T00:00:00+23:00",
            "'0001-01-01T00:00:00+23:00' is not a time. Write it as 2026-11-21T02:58:07Z.",
        ),
        (
            "2026-11-21T02:58:07",
            "The time '2026-11-21T02:58:07' has no offset. Add Z or an offset such as +01:00.",
        ),
    ],
)
def test_times_that_are_refused(text: str, sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_time(text)

    assert str(caught.value) == sentence


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2999, 1, 1), timezones=st.timezones()))
def test_what_is_written_is_read_back_to_the_second(moment: datetime) -> None:
    assert parse_time(format_time(moment)) == moment.astimezone(UTC).replace(microsecond=0)


@given(st.text())
def test_reading_a_time_knows_one_error_only(text: str) -> None:
    with suppress(InvalidInput):
        parse_time(text)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0.0 s"),
        (0.44, "0.4 s"),
        (10, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (184.2, "3 min 4 s"),
        (3600, "1 h 0 min"),
        (7500, "2 h 5 min"),
    ],
)
def test_lengths_of_time_as_a_person_says_them(seconds: float, said: str) -> None:
    assert format_duration(seconds) == said
