# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate freeze: nothing new is deployed while the inventory says so."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ...module_utils._errors import InvalidInput
from .request import Request, Verdict, passed, refused
from .window import override_command

if TYPE_CHECKING:
    from .._calendar.freezes import Freeze

GATE = "freeze"


def judge(request: Request, now: datetime) -> list[Verdict]:
    """Refuse a deploy inside a freeze; who asks for none of both meets no such gate."""
    if not _asked(request) or not request.policy.freezes:
        return []
    # only who may meet a freeze pays for the calendar
    from .._calendar.freezes import standing
    from .._calendar.frozen import read_freezes

    try:
        freezes = read_freezes(request.policy.freezes)
    except InvalidInput as error:
        return [refused(GATE, error.sentence, error.remedy, next=request.commands.of("window"))]
    found = standing(freezes, now)
    return [_frozen(request, *found) if found else passed(GATE)]


def _asked(request: Request) -> bool:
    """Tell whether something new would serve: what is adopted serves already, and a rollback is never stopped."""
    deploys = request.runbook.rpartition(".")[2] == "deploy" and request.action != "adopt"
    return request.changes and (deploys or GATE in request.extra_gates)


def _frozen(request: Request, freeze: Freeze, until: datetime) -> Verdict:
    from .._calendar.wording import moment

    reason = f": {freeze.reason}" if freeze.reason else ""
    return refused(
        GATE,
        f"{request.policy.path} is frozen ({freeze.name}) until {moment(until, freeze.zone, freeze.zone_name)}{reason}",
        "Wait until then; a rollback is never stopped; when it cannot wait, name the open incident and why",
        next=override_command(request, GATE),
    )
