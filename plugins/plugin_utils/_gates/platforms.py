# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate platforms: a component that this runbook cannot operate yet is refused in words."""

from __future__ import annotations

from .request import Request, Verdict, refused

GATE = "platforms"


def judge(request: Request) -> list[Verdict]:
    """Refuse components on a platform that the contract does not list and that brings no role of its own."""
    if not request.platforms:
        return []
    return [
        refused(
            GATE,
            f"{component.name} runs on {component.platform or 'no platform at all (component_platform is not set)'},"
            f" and {request.runbook} works on {', '.join(request.platforms)} so far",
            "Name the role that operates it in component_platform_role, or leave it out with"
            f" --limit '!{component.name}'; look at what the inventory says",
            firm=True,
            next=request.commands.of("inventory_check"),
        )
        for component in request.components
        if component.platform not in request.platforms and not component.platform_role
    ]
