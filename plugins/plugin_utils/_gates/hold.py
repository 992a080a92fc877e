# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate hold: a person's stop sign on an object."""

from __future__ import annotations

from collections.abc import Iterable

from ...module_utils._clock import format_time
from .._ledger.holds import Hold
from .request import Request, Verdict, passed, refused

GATE = "hold"


def judge(request: Request, holds: Iterable[Hold]) -> list[Verdict]:
    """Refuse a change while somebody holds one of its objects.

    :param holds: the standing holds that touch the run's objects.
    """
    if not request.changes:
        return []
    return [
        refused(
            GATE,
            f"{hold.by} holds {hold.object} until {format_time(hold.until)}: {hold.message or 'no reason given'}",
            f"Ask {hold.by}, or lift it",
            next=request.commands.of("lease", {"lease_action": "lift", "lease_object": hold.object}),
        )
        for hold in holds
    ] or [passed(GATE)]
