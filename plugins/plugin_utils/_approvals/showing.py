# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests for approval as lines for a person. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ...module_utils._clock import format_time
from .._runs.next_command import Commands
from .._told.harmless import one_line
from .counting import Tally
from .people import Approvers
from .requests import Approval, ApprovalRequest


def headline(asked: ApprovalRequest) -> str:
    """Return what a request is: the change, who asked, until when."""
    who = asked.requester
    awx = who.get("awx")
    by = awx.get("awx_user_name") if isinstance(awx, Mapping) else None
    name = by or who.get("sudo_user") or who.get("user") or "somebody"
    return one_line(
        f"request {asked.id}: {asked.runbook}: {asked.action} of {', '.join(asked.objects)}, asked by {name}"
        f" on {who.get('host') or '?'} at {format_time(asked.at)}, until {format_time(asked.expires_at)}"
    )


def given_line(given: Approval) -> str:
    """Return one approval with what proves it."""
    shown = given.proof.get("key") or given.proof.get("job") or given.proof.get("host") or ""
    return one_line(f"approved by {given.by} at {format_time(given.at)} ({given.how} {shown})")


def state(counted: Tally, asked: ApprovalRequest) -> str:
    """Say how far a request is."""
    if not counted.missing:
        return f"approved: the same command without --check may run until {format_time(asked.expires_at)}"
    may = " or ".join(person.name for person in counted.may) or "nobody"
    return f"waits for {counted.missing} more: {may} may approve"


def ways(approvers: Approvers, asked: ApprovalRequest, commands: Commands) -> list[str]:
    """Return the commands of who approves, by what is believed here."""
    approve = commands.of("approve", {"approve_action": "approve", "approve_run": asked.id})
    lines = []
    if "signature" in approvers.proofs:
        text = commands.of("approve", {"approve_action": "text", "approve_run": asked.id})
        lines.append(f"to approve with your key, first: {text}")
    if "awx" in approvers.proofs:
        lines.append(f"to approve in AWX: launch approve with approve_action=approve and approve_run={asked.id}")
    if "account" in approvers.proofs:
        lines.append(f"to approve with your account: {approve}")
    return lines
