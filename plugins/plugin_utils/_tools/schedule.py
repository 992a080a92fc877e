# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tool C(schedule): has this machine start runs when the inventory says, and the ledger expect them."""

from __future__ import annotations

from .tool import Outcome, Said, Surroundings, Tool


def operate(action: str, said: Said, around: Surroundings) -> Outcome:
    """Do one action of the tool."""
    # other tools and runbooks pay nothing for what only this one needs
    from .._schedules.operating import operate as carry_out

    return carry_out(action, said, around)


TOOL = Tool(
    "schedule",
    {"show": "read", "apply": "change", "remove": "change"},
    ("by", "directory", "user", "run_as", "environment_file"),
    operate,
)
