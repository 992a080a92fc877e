# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times as a person reads them: by the zone's clock, and in UTC."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from ...module_utils._clock import format_duration, format_time
from .days import WEEKDAYS
from .windows import Occurrence


def moment(instant: datetime, zone: tzinfo, zone_name: str) -> str:
    """Return the weekday and time by the zone's clock, and the instant in UTC where that is another clock."""
    local = instant.astimezone(zone)
    said = f"{WEEKDAYS[local.weekday()].capitalize()} {local:%Y-%m-%d %H:%M} {zone_name}"
    return said if zone_name == "UTC" else f"{said} ({format_time(instant)})"


def opening(item: Occurrence) -> str:
    """Return when something opens and for how long."""
    return f"{moment(item.opens, item.window.zone, item.window.zone_name)} for {length(item.length)}"


def closing(item: Occurrence) -> str:
    """Return when something closes."""
    return moment(item.closes, item.window.zone, item.window.zone_name)


def length(span: timedelta) -> str:
    """Return a length of time in hours and minutes."""
    return format_duration(span.total_seconds())


def deadline(item: Occurrence) -> str:
    """Return by when notice has to be given."""
    return format_time(item.opens - item.window.notice)
