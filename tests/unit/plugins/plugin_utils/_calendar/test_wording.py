"""Times as a person reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ansible_collections.steady.ops.plugins.plugin_utils._calendar import wording
from ansible_collections.steady.ops.plugins.plugin_utils._calendar.windows import Occurrence, Window
from ansible_collections.steady.ops.plugins.plugin_utils._calendar.zones import zone_of

OPENS = datetime(2026, 11, 22, 23, tzinfo=UTC)


def test_an_opening_in_both_clocks() -> None:
    window = Window("a", "Europe/Berlin", zone_of("Europe/Berlin", "zone"), notice=timedelta(hours=72))
    item = Occurrence(window, OPENS, OPENS + timedelta(minutes=90))
    assert wording.opening(item) == "Monday 2026-11-23 00:00 Europe/Berlin (2026-11-22T23:00:00Z) for 1 h 30 min"
    assert wording.closing(item) == "Monday 2026-11-23 01:30 Europe/Berlin (2026-11-23T00:30:00Z)"
    assert wording.deadline(item) == "2026-11-19T23:00:00Z"


def test_utc_is_said_once() -> None:
    assert wording.moment(OPENS, UTC, "UTC") == "Sunday 2026-11-22 23:00 UTC"
