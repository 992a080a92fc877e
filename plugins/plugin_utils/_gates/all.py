# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All gates in one order, evaluated together before anything is touched."""

from __future__ import annotations

from datetime import datetime

from .._incidents.standing import open_severities
from .._ledger.ledger import Ledger
from .._ledger.takeover import life_of
from . import approval, backup, confirm, freeze, hold, identity, lab, lease, override, platforms, window, wish
from .identity import AskAws
from .machines import AskMachines
from .request import Judgement, Request, Verdict


def judge_all(
    request: Request, ledger: Ledger | None, *, run: str, now: datetime, ask_aws: AskAws, ask_machines: AskMachines
) -> Judgement:
    """Return what every gate says.

    :param ledger: None when it cannot be reached, which only a reading run survives.
    :param now: by this controller's clock, where the ledger does not tell the time.
    """
    verdicts, target, accounts = identity.judge(request, ask_aws, ask_machines)
    verdicts += lab.judge(request, accounts)
    verdicts += platforms.judge(request)
    if ledger is not None and request.changes:
        now = ledger.store.now()
        # what changes no object meets nobody, not even damaged leases
        verdicts += _contended(request, ledger, run) if request.objects else []
    verdicts += [*wish.judge(request), *_timely(request, ledger, now), *confirm.judge(request), *backup.judge(request)]
    more, approved = approval.judge(request, ledger, now, run)
    waived, notes = override.judge(request, [*verdicts, *more], ledger)
    return Judgement(
        tuple(waived),
        target or request.pinned,
        approved_plan_hashes=approved.plan_hashes,
        incidents=override.open_incidents(ledger),
        notes={**approved.notes, **notes},
    )


def _timely(request: Request, ledger: Ledger | None, now: datetime) -> list[Verdict]:
    """Return what windows and freezes say, with what was announced and how bad it is where that counts."""
    notices = window.notices_of(request, ledger)
    asked = request.disruptive or window.GATE in request.extra_gates
    severities = open_severities(ledger) if asked else frozenset[str]()
    return [
        *window.judge(request, now, notices=notices, severities=severities),
        *freeze.judge(request, now),
    ]


def _contended(request: Request, ledger: Ledger, run: str) -> list[Verdict]:
    """Return what leases and holds of others say."""
    other = ledger.leases.conflict(request.objects, run)
    life = life_of(other.holder) if other else None
    expired = other is not None and ledger.leases.expired(other)
    held = hold.judge(request, ledger.holds.against(request.objects))
    return lease.judge(request, other, life, expired=expired) + held
