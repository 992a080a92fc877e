# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""C(ops_windows) as an inventory declares it; whatever is wrong there is one sentence that names the key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta

from ...module_utils._errors import InvalidInput
from .days import read_days
from .reading import clock_time, known_keys, name_of, number, required_text, text, wrong
from .windows import Window
from .zones import zone_of

KEY = "ops_windows"
ALWAYS = "always"
EXAMPLE = '{name: weekly, zone: Europe/Berlin, days: [sunday], from: "02:00", to: "04:00"}'
_BY_CALENDAR = ("days", "from", "to", "nonexistent", "supersedes")
_KEYS = ("name", "zone", *_BY_CALENDAR, "announced", "notice_hours")
_LONGEST_NOTICE = 24 * 366


def read_windows(value: object) -> tuple[Window, ...] | None:
    """Return the declared windows; none of them for C(always), C(None) where nothing is declared.

    :raises InvalidInput: what is wrong first.
    """
    if value in (None, "", []):
        return None
    if value == ALWAYS:
        return ()
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise wrong(f"{KEY} is {value!r}", f"Write {ALWAYS}, or a list with {EXAMPLE}.")
    windows: list[Window] = []
    for number_, item in enumerate(value):
        if not isinstance(item, Mapping):
            raise wrong(f"{KEY}[{number_}] is {item!r}", f"Write {EXAMPLE}.")
        window = _window(item, f"{KEY}[{item.get('name') or number_}]")
        if window.name in [other.name for other in windows]:
            raise wrong(f"{KEY} has two windows named {window.name}", "Give each a name of its own.")
        windows.append(window)
    _refuse_lost(windows)
    return tuple(windows)


def _window(item: Mapping[object, object], where: str) -> Window:
    known_keys(item, _KEYS, where)
    name, notice = name_of(item, where), number(item, "notice_hours", where, most=_LONGEST_NOTICE)
    announced = item.get("announced", False)
    if not isinstance(announced, bool):
        raise wrong(f"{where}.announced is {announced!r}", "Write true, or leave it out.")
    if announced:
        return _announced(item, name, timedelta(hours=notice), where)
    nonexistent = item.get("nonexistent", "shift")
    if nonexistent not in ("shift", "skip"):
        raise wrong(f"{where}.nonexistent is {nonexistent!r}", "Write shift or skip.")
    zone_name = required_text(item, "zone", where, "Name the zone by whose clock it opens, such as Europe/Berlin.")
    if "days" not in item:
        raise wrong(f"{where}.days is not set", "Write days: [sunday], days: [first sunday] or days: [daily].")
    return Window(
        name,
        zone_name,
        zone_of(zone_name, f"{where}.zone"),
        rules=read_days(item["days"], f"{where}.days"),
        opens=clock_time(item, "from", where),
        closes=clock_time(item, "to", where),
        skip=nonexistent == "skip",
        supersedes=_names(item.get("supersedes", []), f"{where}.supersedes"),
        notice=timedelta(hours=notice),
    )


def _announced(item: Mapping[object, object], name: str, notice: timedelta, where: str) -> Window:
    useless = [key for key in _BY_CALENDAR if key in item]
    if useless:
        raise wrong(
            f"{where} is announced, so its {useless[0]} would never be used", f"Leave out {useless[0]}, or announced."
        )
    zone_name = text(item, "zone", where) or "UTC"
    zone = UTC if zone_name == "UTC" else zone_of(zone_name, f"{where}.zone")
    return Window(name, zone_name, zone, notice=notice)


def _names(value: object, key: str) -> frozenset[str]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, Sequence) or not all(isinstance(name, str) for name in names):
        raise wrong(f"{key} is {value!r}", "Write a list of names of other windows.")
    return frozenset(names)


def _refuse_lost(windows: Sequence[Window]) -> None:
    """Raise C(InvalidInput) for a window that supersedes what is not there, or, by a circle, itself."""
    by_name = {window.name: window for window in windows}
    for window in windows:
        key = f"{KEY}[{window.name}].supersedes"
        for name in sorted(window.supersedes):
            if name not in by_name:
                raise wrong(f"{key} names {name}, which is none of the windows", f"There are {', '.join(by_name)}.")
            if by_name[name].announced:
                raise wrong(f"{key} names {name}, which has no days", "Leave it out: it opens only where announced.")
    for window in windows:
        above, beneath = set[str](), window.supersedes
        while not beneath <= above:
            above |= beneath
            beneath = frozenset(name for each in beneath for name in by_name[each].supersedes)
        if window.name in above:
            raise InvalidInput(
                f"{KEY}[{window.name}].supersedes leads back to {window.name}, so none of them would count",
                remedy="Let only one of them supersede the others.",
            )
