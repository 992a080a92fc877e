# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate lease: nobody else changes the same objects now."""

from __future__ import annotations

from .._ledger.leases import Lease
from .._ledger.takeover import Life
from .request import Request, Verdict, passed, refused

GATE = "lease"


def judge(request: Request, other: Lease | None, life: Life | None, *, expired: bool) -> list[Verdict]:
    """Refuse at once what a living run holds; whoever may be gone is waited for when the lease is taken.

    :param other: a lease of another run that is in the way.
    :param life: what can be seen of its holder.
    """
    if not request.changes:
        return []
    if other is None or expired or life is not Life.LIVING:
        return [passed(GATE)]
    return [
        refused(
            GATE,
            f"{other.object} is being changed by {other.holder.named()}",
            f"Wait for that run to end, or end it with `kill {other.holder.process.pid}` on {other.holder.host};"
            " the same command then works",
        )
    ]
