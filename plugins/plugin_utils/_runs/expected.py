# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that are expected: one that a schedule starts is noted, and one that never started is noticed by any other.

A ledger that expects nothing costs one read; only one that does is worth the calendar.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...module_utils._errors import OpsError, Unreachable
from .._ledger.ledger import Ledger, open_ledger

if TYPE_CHECKING:
    from .._schedules.missed import Missed

KEY = "schedules"


def note_start(who: Mapping[str, object], ledger: Ledger | None) -> str:
    """Note that a scheduled run has started; return why it could not be noted, which stops no run."""
    name = str(who.get("schedule") or "")
    try:
        if not name or ledger is None or ledger.store.read(KEY) is None:
            return ""
        from .._schedules.register import seen

        seen(ledger, name, ledger.store.now())
    except OpsError as error:
        return f"that the schedule {name} started this run could not be noted: {error}"
    return ""


def note_start_of_tool(who: Mapping[str, object], result: Mapping[str, object]) -> str:
    """Note that a schedule has started a tool, which opens its ledger itself; return why it could not be noted.

    :param result: what the guard registers of the tool.
    """
    if not who.get("schedule") or result.get("mode") != "real" or not result.get("ledger"):
        return ""
    try:
        ledger = open_ledger(str(result["ledger"]), str(result["system"]), str(result["environment"]))
    except OpsError:
        # the tool itself says what is wrong with its ledger
        return ""
    return note_start(who, ledger)


def missed_runs(result: Mapping[str, object]) -> list[Missed]:
    """Return the expected runs that never started, each to one asker only; none where the ledger is away.

    :param result: what the guard of this run registered.
    :raises Refused: what the ledger says of schedules is damaged.
    """
    if result.get("mode") != "real" or not result.get("ledger"):
        return []
    try:
        ledger = open_ledger(str(result["ledger"]), str(result["system"]), str(result["environment"]))
    except OpsError:
        # the run itself says what is wrong with its ledger; the next one asks again
        return []
    try:
        if ledger.store.read(KEY) is None:
            return []
        from .._schedules.register import overdue

        return overdue(ledger, ledger.store.now())
    except Unreachable:
        return []
