# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a play says to the guard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...module_utils._errors import InvalidInput
from .._gates.request import RISKS
from .._tools.tool import Tool

_TOOL_KEYS = {"tool", "action", "risk", "objects", "disruptive"}


@dataclass(frozen=True)
class Asked:
    """The arguments of the guard's task."""

    runbook: str
    tool: bool
    action: str = ""
    risk: str = ""
    objects: tuple[str, ...] = ()
    disruptive: bool = False


def read_arguments(args: Mapping[str, object]) -> Asked:
    """Read the task's arguments.

    :raises InvalidInput: names the argument that is wrong.
    """
    if bool(args.get("runbook")) == bool(args.get("tool")):
        raise InvalidInput("The guard wants one of runbook and tool", remedy="Write runbook: <name>.")
    known = {"runbook"} if args.get("runbook") else _TOOL_KEYS
    for key in args:
        if key not in known:
            raise InvalidInput(f"The guard has no argument {key} here", remedy=f"Use {', '.join(sorted(known))}.")
    if args.get("runbook"):
        return Asked(runbook=str(args["runbook"]), tool=False)
    return _tool(args)


def _tool(args: Mapping[str, object]) -> Asked:
    """Read what the play of a tool states for want of a contract."""
    risk = str(args.get("risk") or "read")
    if risk not in RISKS:
        raise InvalidInput(f"The guard's argument risk is {risk!r}", remedy=f"Use one of {', '.join(RISKS)}.")
    objects = args.get("objects") or []
    if not isinstance(objects, list):
        raise InvalidInput("The guard's argument objects is no list", remedy="Write objects: [environment].")
    if risk != "read" and not objects:
        # without an object there is no lease, and nothing that ops_confirm must name
        raise InvalidInput(
            "The guard's argument objects names nothing to change", remedy="Write objects: [environment]."
        )
    disruptive = args.get("disruptive", False)
    if not isinstance(disruptive, bool):
        raise InvalidInput(f"The guard's argument disruptive is {disruptive!r}", remedy="Use true or false.")
    return Asked(
        runbook=str(args["tool"]),
        tool=True,
        action=str(args.get("action") or "").strip() or str(args["tool"]),
        risk=risk,
        objects=tuple(str(item) for item in objects),
        disruptive=disruptive,
    )


def tool_asked(tool: Tool, action: str) -> Asked:
    """Return what is asked of a tool that the guard itself carries out.

    :param action: as it was asked for; empty for the tool's first.
    """
    chosen = action or tool.choose("", {})
    risk = tool.actions.get(chosen, "read")
    return Asked(tool.name, tool=True, action=chosen, risk=risk, objects=("environment",))
