# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run carries with it beside its permit: whom its end tells, and what the journal keeps of its gates."""

from __future__ import annotations

from collections.abc import Mapping

from .._approvals.permits import marks, unbound
from .._gates.request import Judgement, Request
from .._told.channels import without_secrets
from .shapes import unit_of
from .units import Course


def told_of(request: Request) -> dict[str, object]:
    """Return what the end of a run needs of the policy: whom to tell, and where heads of the journal are kept."""
    return {"notify": without_secrets(request.policy.notify), "anchors": request.policy.anchors or []}


def stamps_of(judged: Judgement) -> dict[str, object]:
    """Return what the journal keeps of incidents, overrides and approvals; nothing where there are none."""
    return {**({"incidents": list(judged.incidents)} if judged.incidents else {}), **judged.notes}


def plans_of(judged: Judgement) -> dict[str, object]:
    """Return what the permit says of the plans that were approved; none where no approval is asked for."""
    return {"approved_plan_hashes": list(judged.approved_plan_hashes), **marks(judged.notes)}


def unit_for(found: Course | None, permit: Mapping[str, object], *, check: bool) -> dict[str, object]:
    """Return the steps of a run over components as a unit, bound to approved plans as far as those can be shown."""
    return {"unit": unbound(unit_of(found, permit, check=check))} if found else {}
