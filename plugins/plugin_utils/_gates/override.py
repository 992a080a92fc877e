# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Overrides: named gates waived for one run, with incident and reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .._ledger.ledger import Ledger
from .request import Request, Verdict, refused

GATE = "override"


def open_incidents(ledger: Ledger | None) -> tuple[str, ...]:
    """Return the ids of the incidents that are open."""
    return ()


def judge(
    request: Request, verdicts: Sequence[Verdict], ledger: Ledger | None
) -> tuple[list[Verdict], Mapping[str, object]]:
    """Return the verdicts with those waived that this run may waive, and what the journal keeps of it.

    Waiving gates is not available yet.
    """
    if not request.override:
        return [*verdicts], {}
    return [
        *verdicts,
        refused(
            GATE,
            f"ops_override asks to waive {', '.join(request.override)}, and overrides are not available yet",
            "Leave ops_override out and remove what shuts the gate: its own refusal says how",
            next=request.commands.again(without=("ops_override",)),
        ),
    ], {}
