# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Overrides: named gates waived for one run, with incident and reason."""

from __future__ import annotations

from .request import Request, Verdict, refused

GATE = "override"


def judge(request: Request) -> list[Verdict]:
    """Pass when none is asked for; waiving gates is not available yet."""
    if not request.override:
        return []
    return [
        refused(
            GATE,
            f"ops_override asks to waive {', '.join(request.override)}, and overrides are not available yet",
            "Leave ops_override out and remove what shuts the gate: its own refusal says how",
            next=request.commands.again(without=("ops_override",)),
        )
    ]
