# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate approval: N of M people, only where the inventory names approvers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .._ledger.ledger import Ledger
from .request import Request, Verdict, passed, refused

GATE = "approval"


@dataclass(frozen=True)
class Approved:
    """What was approved: the hashes of plans, and who approved them as the journal keeps it."""

    plan_hashes: tuple[str, ...] = ()
    notes: Mapping[str, object] = field(default_factory=dict)


def judge(request: Request, ledger: Ledger | None, now: datetime) -> tuple[list[Verdict], Approved]:
    """Pass where nobody is named; approvals that are asked for are not available yet."""
    if not request.changes or request.tool:
        return [], Approved()
    if not request.policy.approvers and GATE not in request.extra_gates:
        return [passed(GATE)], Approved()
    return [
        refused(
            GATE,
            f"ops_approvers is set for {request.policy.path} and collecting approvals is not available yet",
            "Take ops_approvers out of the inventory and agree by word of mouth until it is",
        )
    ], Approved()
