# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate window: disruptive actions only when the inventory says."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from .._ledger.ledger import Ledger
from .request import Request, Verdict, passed

if TYPE_CHECKING:
    from .._calendar.notices import Notice

GATE = "window"


def judge(
    request: Request, now: datetime, *, notices: Collection[Notice] = (), severities: Collection[str] = ()
) -> list[Verdict]:
    """Pass inside a window of which notice was given as it asks for; a lab without windows needs none.

    :param notices: what was announced and is not over.
    :param severities: of the incidents that are open.
    """
    if not request.changes:
        return []
    if not _asked(request):
        return [passed(GATE)]
    # only who asks for a window pays for the calendar
    from .within_window import verdict

    return [verdict(request, now, notices, severities)]


def notices_of(request: Request, ledger: Ledger | None) -> tuple[Notice, ...]:
    """Return the notices that count for the request; nothing is read where no window is asked for.

    :raises OpsError: the ledger cannot be read, or they are damaged.
    """
    if ledger is None or request.policy.windows in (None, "", [], "always") or not _asked(request):
        return ()
    from .._calendar.notices import Notices

    return Notices(ledger.store).standing()


def override_command(request: Request, gate: str) -> str:
    """Return this run's command with what waives a gate that a calendar shut."""
    given = {
        "ops_override": ",".join([*(name for name in request.override if name != gate), gate]),
        "ops_incident": request.incident or "ID",
        "ops_reason": request.reason or "REASON",
        "ops_override_confirm": f"{request.policy.path}/override",
    }
    return request.commands.again(given, without=tuple(given))


def _asked(request: Request) -> bool:
    return request.changes and (request.disruptive or GATE in request.extra_gates)
