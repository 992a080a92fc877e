# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate confirm: a destructive action wants its object's path typed in full."""

from __future__ import annotations

from .request import Request, Verdict, passed, refused

GATE = "confirm"


def judge(request: Request) -> list[Verdict]:
    """Refuse a destructive action unless C(ops_confirm) names exactly its objects."""
    if request.risk != "destructive" and GATE not in request.extra_gates:
        return []
    # what names no object may destroy anything of the environment: nothing typed must not equal nothing named
    objects = request.objects or (request.policy.path,)
    wanted = ",".join(objects)
    typed = {part.strip() for part in request.confirm.split(",") if part.strip()}
    if typed == set(objects):
        return [passed(GATE)]
    why = f"ops_confirm is {request.confirm!r}" if request.confirm else "ops_confirm is not given"
    return [
        refused(
            GATE,
            f"{request.runbook} {request.action} destroys something of {wanted}, and {why}",
            "When you are sure, add the path in full",
            next=request.commands.again({"ops_confirm": wanted}),
        )
    ]
