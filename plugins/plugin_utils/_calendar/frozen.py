# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(ops_freezes) as an inventory declares it; whatever is wrong there is one sentence that names the key."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from .freezes import Freeze
from .reading import known_keys, name_of, required_text, text, wrong
from .zones import zone_of

KEY = "ops_freezes"
EXAMPLE = '{name: christmas, zone: Europe/Berlin, from: "12-20", to: "01-03", reason: "..."}'
_KEYS = ("name", "zone", "from", "to", "reason")
_YEARLY = re.compile(r"(\d\d-\d\d)(T\d\d:\d\d)?")
_ONCE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::00)?)?")
_FORMS = '"2026-12-20", "2026-12-20T18:00", or every year "12-20"'
# any year: what stands every year is not on the day that not every year has
_SOME_YEAR = 2001
_YEARS = range(2000, 3000)

Moment = tuple[datetime, bool, bool]


def read_freezes(value: object) -> tuple[Freeze, ...]:
    """Return the declared freezes.

    :raises InvalidInput: what is wrong first.
    """
    if value in (None, "", []):
        return ()
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise wrong(f"{KEY} is {value!r}", f"Write a list with {EXAMPLE}.")
    freezes: list[Freeze] = []
    for number, item in enumerate(value):
        if not isinstance(item, Mapping):
            raise wrong(f"{KEY}[{number}] is {item!r}", f"Write {EXAMPLE}.")
        freezes.append(_freeze(item, f"{KEY}[{item.get('name') or number}]"))
    return tuple(freezes)


def _freeze(item: Mapping[object, object], where: str) -> Freeze:
    known_keys(item, _KEYS, where)
    name, reason = name_of(item, where), text(item, "reason", where)
    zone_name = required_text(item, "zone", where, "Name the zone by whose clock it holds, such as Europe/Berlin.")
    zone = zone_of(zone_name, f"{where}.zone")
    begins, yearly, _whole = _moment(item, "from", where)
    ends, ends_yearly, whole = _moment(item, "to", where)
    if yearly != ends_yearly:
        raise wrong(f"{where} is yearly at one end only", "Give both from and to a year, or neither.")
    if yearly and not _later(begins, ends, whole):
        ends = ends.replace(year=ends.year + 1)
    if not _later(begins, ends, whole):
        raise wrong(f"{where}.to is not after from", "Name an end that comes after the beginning.")
    return Freeze(name, zone_name, zone, begins, ends, whole=whole, yearly=yearly, reason=reason)


def _later(begins: datetime, ends: datetime, whole: bool) -> bool:
    return ends >= begins.replace(hour=0, minute=0) if whole else ends > begins


def _moment(item: Mapping[object, object], key: str, where: str) -> Moment:
    """Return a moment, whether it has no year, and whether it has no time of day."""
    value, key = item.get(key), f"{where}.{key}"
    if value is None:
        raise wrong(f"{key} is not set", f"Write {_FORMS}.")
    # YAML makes dates of what looks like one
    said = value.isoformat() if isinstance(value, date) else str(value).strip()
    yearly, once = _YEARLY.fullmatch(said), _ONCE.fullmatch(said)
    try:
        if yearly and yearly[1] != "02-29":
            found = datetime.fromisoformat(f"{_SOME_YEAR}-{said}")
            return found, True, not yearly[2]
        if once:
            found = datetime.fromisoformat(f"{once[1]}T{once[2] or '00:00'}")
            if found.year not in _YEARS:
                raise wrong(f"{key} is {said}", "Name a day of this millennium; what has no end is a hold.")
            return found, False, not once[2]
    except ValueError:
        yearly = None
    if yearly:
        raise wrong(f"{key} is {said}, and most years have no such day", 'Write "02-28" or "03-01".')
    raise wrong(f"{key} is {said!r}, which is no date", f"Write it by the clock of zone, {_FORMS}.")
