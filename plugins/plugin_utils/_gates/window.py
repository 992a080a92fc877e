# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate window: disruptive actions only when the inventory says, and no deployments in a freeze."""

from __future__ import annotations

from datetime import datetime

from .request import Request, Verdict, passed, refused

GATE = "window"


def judge(request: Request, now: datetime) -> list[Verdict]:
    """Pass where nothing is declared; what is declared is not evaluated yet, so outside the lab it refuses."""
    if not request.changes:
        return []
    asked = []
    if (request.disruptive or GATE in request.extra_gates) and request.policy.windows not in (None, "", [], "always"):
        asked.append("ops_windows")
    if (request.runbook == "deploy" or "freeze" in request.extra_gates) and request.policy.freezes:
        asked.append("ops_freezes")
    if not asked or request.policy.lab:
        return [passed(GATE)]
    return [
        refused(
            GATE,
            f"{name} is declared for {request.policy.path} and evaluating it is not available yet",
            f"Take {name} out of the inventory while you are inside an allowed time",
        )
        for name in asked
    ]
