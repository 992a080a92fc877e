# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The run of a tool: its first line, what it says, its journal entry, and how it is turned away."""

from __future__ import annotations

from collections.abc import Mapping

from ...module_utils._errors import OpsError
from .._gates.request import Request
from .._tools.tool import Outcome, Said, Surroundings, Tool
from .door import Door, TurnedAway
from .expected import note_start_of_tool
from .lines import first_line
from .next_command import Commands
from .reach import arrive
from .stamps import told_of


def carry_out(tool: Tool, request: Request, said: Said, around: Surroundings, door: Door) -> dict[str, object]:
    """Do what a tool is asked for and return what the guard registers.

    :param request: with the action that was chosen, and its risk.
    :raises TurnedAway: it was refused, or found what must end red.
    """
    result = _begun(tool, request, around.run)
    door.say(first_line(result, "the ledger"))
    # before it works: one that is refused or fails has started all the same
    unnoted = note_start_of_tool(door.who, result)
    if unnoted:
        door.say(f"  {unnoted}")
    for line in [] if request.check else arrive(request.policy, door):
        door.say(f"  {line}")
    try:
        outcome = tool.operate(tool.choose(request.action, said), said, around)
    except OpsError as error:
        raise _turned_away(error, result, request.commands, door) from None
    # what was typed may stand in them
    lines = [door.redactor.text(line) for line in outcome.lines]
    for line in lines:
        door.say(f"  {line}")
    untold = _journal(outcome, result, door)
    if untold:
        door.say(f"  not journalled: {untold}")
    result |= {"changed": outcome.changed, "lines": lines}
    if outcome.red:
        raise TurnedAway(door.redactor.text(outcome.red), result)
    return result


def _begun(tool: Tool, request: Request, run: str) -> dict[str, object]:
    """Return what the guard registers before the tool has done anything."""
    policy = request.policy
    return {
        "run": run,
        "runbook": tool.name,
        "action": request.action,
        "system": policy.system,
        "environment": policy.environment,
        "mode": "check" if request.check else "real",
        "lab": policy.lab,
        "objects": [policy.path],
        "ledger": policy.ledger,
        "target": "the ledger",
        "risk": request.risk,
        "findings": [],
        "tool": True,
        **told_of(request),
    }


def _turned_away(error: OpsError, result: Mapping[str, object], commands: Commands, door: Door) -> TurnedAway:
    """Return a refusal of the tool that ends as every run does."""
    following = commands.wanted(error.next)
    said = {"error_kind": type(error).__name__, "guard": "refused", "next": error.next, "details": error.details}
    text = door.redactor.text(f"{error} Next: {following}" if following else str(error))
    return TurnedAway(text, {**result, **{key: value for key, value in said.items() if value}})


def _journal(outcome: Outcome, result: Mapping[str, object], door: Door) -> str:
    """Write the tool's opening entry; return why it was not written, which stops nobody from opening a gate."""
    if outcome.ledger is None:
        return ""
    kept = {key: result[key] for key in ("run", "runbook", "action", "mode", "risk", "objects")}
    event = {
        "event": "opened",
        **kept,
        "object": f"{result['system']}/{result['environment']}",
        "allowed": True,
        "lines": list(outcome.lines),
        "who": dict(door.who),
        **outcome.event,
    }
    try:
        outcome.ledger.journal.append(event, door.redactor)
    except OpsError as error:
        return str(error)
    return ""
