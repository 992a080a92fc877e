# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate approval: N of M people, only where the inventory names approvers."""

from __future__ import annotations

from .request import Request, Verdict, passed, refused

GATE = "approval"


def judge(request: Request) -> list[Verdict]:
    """Pass where nobody is named; approvals that are asked for are not available yet."""
    if not request.changes or request.tool:
        return []
    if not request.policy.approvers and GATE not in request.extra_gates:
        return [passed(GATE)]
    return [
        refused(
            GATE,
            f"ops_approvers is set for {request.policy.path} and collecting approvals is not available yet",
            "Take ops_approvers out of the inventory and agree by word of mouth until it is",
        )
    ]
