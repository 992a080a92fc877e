# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate wish: a run says what it wants; nobody guesses it, for none of its components. Never waived."""

from __future__ import annotations

from .request import Request, Verdict, refused

GATE = "wish"


def judge(request: Request) -> list[Verdict]:
    """Refuse a run that leaves out what its runbook requires."""
    return [
        refused(
            GATE,
            f"{name} is empty",
            "Say what is wanted",
            firm=True,
            next=request.commands.again({name: f"NAME-OF-THE-{name.rpartition('_')[2].upper()}"}, without=[name]),
        )
        for name in request.lacks
    ]
