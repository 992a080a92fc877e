# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of a declaration: texts, numbers and times of day, and the one sentence for each that is wrong."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Collection, Mapping
from datetime import time

from ...module_utils._errors import InvalidInput

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def wrong(sentence: str, remedy: str) -> InvalidInput:
    """Return the error that says what is wrong with the inventory."""
    return InvalidInput(sentence, remedy=remedy)


def known_keys(item: Mapping[object, object], known: Collection[str], where: str) -> None:
    """Raise C(InvalidInput) for a key that would not be heard."""
    for key in item:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            meant = f"Did you mean {near[0]}? " if near else ""
            raise wrong(f"{where} has {key!r}", f"{meant}It may have {', '.join(known)}.")


def text(item: Mapping[object, object], key: str, where: str) -> str:
    """Return a text; empty where the key is not set."""
    value = item.get(key, "")
    if not isinstance(value, str):
        raise wrong(f"{where}.{key} is {value!r}", "Write a text.")
    return value.strip()


def required_text(item: Mapping[object, object], key: str, where: str, remedy: str) -> str:
    """Return a text that must be there."""
    found = text(item, key, where)
    if not found:
        raise wrong(f"{where}.{key} is not set", remedy)
    return found


def name_of(item: Mapping[object, object], where: str) -> str:
    """Return the name, which people type after C(window_name)."""
    found = required_text(item, "name", where, "Give it a name, such as weekly.")
    if not _NAME.fullmatch(found):
        raise wrong(f"{where}.name is {found!r}", "Use letters, digits, and -, _ or . between them.")
    return found


def number(item: Mapping[object, object], key: str, where: str, *, most: float) -> float:
    """Return a number from zero up; zero where the key is not set."""
    value = item.get(key, 0)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or math.isnan(value) or not 0 <= value <= most:
        raise wrong(f"{where}.{key} is {value!r}", f"Write a number from 0 to {most:g}.")
    return value


def clock_time(item: Mapping[object, object], key: str, where: str) -> time:
    """Return a time of day; C(24:00) is midnight as C(00:00) is."""
    value = item.get(key)
    if value is None:
        raise wrong(f"{where}.{key} is not set", f'Write a time of day in quotes, {key}: "02:00".')
    if isinstance(value, int):
        # YAML reads 11:00 without quotes as a number of sixtieths
        raise wrong(f"{where}.{key} is the number {value}", f'Put the time of day into quotes, {key}: "11:00".')
    found = _TIME.fullmatch(str(value).strip())
    if found:
        return time(int(found[1]), int(found[2]))
    if value == "24:00" and key == "to":
        return time()
    raise wrong(f"{where}.{key} is {value!r}", f'Write a time of day in quotes, {key}: "02:00".')
