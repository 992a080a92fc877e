# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Telling of the end of a run: the channels of its inventory, its ledger, and the lines that say who was told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ...module_utils._clock import SystemClock
from ...module_utils._errors import OpsError
from .._ledger.ledger import Ledger, open_ledger
from .channels import read_channels
from .ends import Ending, events_of
from .events import Delivery, Event
from .left import left_behind
from .telling import tell


def tell_end(ending: Ending) -> list[str]:
    """Tell whoever should know how a run ended; return the lines that say so.

    A declaration that cannot be used and a channel that is dead are lines, and nothing else.
    """
    if ending.final.get("mode") != "real":
        return []
    channels, wrong = read_channels(ending.final.get("notify"))
    lines = [f"not told: {problem}" for problem in wrong]
    if not channels:
        return lines
    ledger, now = _ledger(ending)
    events = [*events_of(ending), *_left(ending, ledger)]
    told = tell(ledger, channels, events, now, redactor=ending.noted.redactor)
    return [*lines, *lines_of(told, away=ledger is None)]


def lines_of(told: Sequence[Delivery], *, away: bool = False) -> list[str]:
    """Return who was told and who was not.

    :param away: whether it was said already that the ledger is away.
    """
    lines = []
    delivered = dict.fromkeys(delivery.channel for delivery in told if delivery.delivered)
    if delivered:
        lines.append(f"told: {', '.join(delivered)}")
    for delivery in told:
        if delivery.problem:
            word = "told, but" if delivery.delivered else "not told:"
            lines.append(f"{word} {delivery.channel}: {delivery.problem}")
    unrecorded = dict.fromkeys(delivery.unrecorded for delivery in told if delivery.unrecorded)
    return lines if away else [*lines, *(f"who was told is not recorded: {why}" for why in unrecorded)]


def _left(ending: Ending, ledger: Ledger | None) -> list[Event]:
    final = ending.final
    try:
        return left_behind(ledger, str(final.get("run")), lab=final.get("lab") is True) if ledger else []
    except OpsError:
        # a history that cannot be read is said by those who need it
        return []


def _ledger(ending: Ending) -> tuple[Ledger | None, datetime]:
    final = ending.final
    try:
        ledger = open_ledger(str(final.get("ledger") or ""), str(final["system"]), str(final["environment"]))
        return ledger, ledger.store.now()
    except OpsError:
        return None, SystemClock().now()
