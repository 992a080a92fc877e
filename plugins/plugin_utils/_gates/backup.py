# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate backup: a fresh, verified backup before anything touches schema or data."""

from __future__ import annotations

from .request import Request, Verdict, refused

GATE = "backup"


def judge(request: Request) -> list[Verdict]:
    """Refuse where a backup is asked for: reading manifests is not available yet."""
    if request.tool or (request.risk != "destructive" and GATE not in request.extra_gates):
        return []
    return [
        refused(
            GATE,
            f"{request.runbook} {request.action} needs a fresh, verified backup, and proving one is not available yet",
            "Do this step by its written procedure until it is",
        )
    ]
