# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moments of a zone's clock as instants: what the clock skips, and what it shows twice, has one answer each."""

from __future__ import annotations

import difflib
from datetime import UTC, datetime, timedelta, tzinfo

from ...module_utils._errors import InvalidInput

_SECOND = timedelta(seconds=1)
# names of the zone data that look like a place's clock and know no summer time
_FIXED = {"EST": "America/New_York", "MST": "America/Denver", "HST": "Pacific/Honolulu"}


def zone_of(name: str, key: str) -> tzinfo:
    """Return the zone of an IANA name.

    :param key: where the name stands, for the error.
    :raises InvalidInput: there is no such zone, or none at all on this controller.
    """
    # only runs that ask for a window pay for the zone data
    from zoneinfo import ZoneInfo, available_timezones

    if name in _FIXED:
        raise InvalidInput(
            f"{key} is {name}, which never has summer time",
            remedy=f"Name the place whose clock is meant, such as {_FIXED[name]}.",
        )
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        known = available_timezones()
    if not known:
        raise InvalidInput(
            f"{key} is {name}, and this controller has no time zone data",
            remedy="Install the package tzdata on the controller.",
        )
    near = difflib.get_close_matches(name, sorted(known), n=1) or ["Europe/Berlin"]
    raise InvalidInput(f"{key} is {name!r}, which is no IANA zone", remedy=f"Name one, such as {near[0]}.")


def first_instant(local: datetime, zone: tzinfo) -> datetime:
    """Return the first instant, in UTC, at which the zone's clock shows the time; skipped: the first one after it."""
    instant = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    return instant if _shown(instant, zone) == local else _after_gap(local, zone)


def last_instant(local: datetime, zone: tzinfo) -> datetime:
    """Return the instant, in UTC, from which the zone's clock never again shows a time before this one."""
    before = local - _SECOND
    instant = before.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return instant + _SECOND if _shown(instant, zone) == before else _after_gap(before, zone)


def exists(local: datetime, zone: tzinfo) -> bool:
    """Tell whether the zone's clock ever shows the time."""
    return _shown(local.replace(tzinfo=zone, fold=0).astimezone(UTC), zone) == local


def _shown(instant: datetime, zone: tzinfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


def _after_gap(local: datetime, zone: tzinfo) -> datetime:
    """Return the instant at which the clock was put forward over the time."""
    # with the offset from before the gap the time lies behind it, with the one from after it before it
    high = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    low = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    while high - low > _SECOND:
        middle = low + timedelta(seconds=(high - low) // _SECOND // 2)
        if _shown(middle, zone) < local:
            low = middle
        else:
            high = middle
    return high
