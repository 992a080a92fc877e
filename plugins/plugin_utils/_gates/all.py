# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All gates in one order, evaluated together before anything is touched."""

from __future__ import annotations

from .._ledger.ledger import Ledger
from .._ledger.takeover import life_of
from . import approval, backup, confirm, hold, identity, lab, lease, override, platforms, window, wish
from .identity import AskAws
from .machines import AskMachines
from .request import Request, Verdict


def judge_all(
    request: Request, ledger: Ledger | None, *, run: str, ask_aws: AskAws, ask_machines: AskMachines
) -> tuple[list[Verdict], str]:
    """Return every verdict, and the target's identity in a few words.

    :param ledger: None when it cannot be reached, which only a reading run survives.
    """
    verdicts, target, accounts = identity.judge(request, ask_aws, ask_machines)
    verdicts += lab.judge(request, accounts)
    verdicts += platforms.judge(request)
    if ledger is not None and request.changes:
        other = ledger.leases.conflict(request.objects, run)
        verdicts += lease.judge(
            request,
            other,
            life_of(other.holder) if other else None,
            expired=other is not None and ledger.leases.expired(other),
        )
        verdicts += hold.judge(request, ledger.holds.against(request.objects))
    for gate in (wish, window, confirm, backup, approval, override):
        verdicts += gate.judge(request)
    return verdicts, target or request.pinned
