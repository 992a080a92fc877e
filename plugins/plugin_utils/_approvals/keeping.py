# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping the plan of a check run in the journal, so that it can be approved; and the way on from another plan."""

from __future__ import annotations

from collections.abc import Mapping

from ...module_utils._errors import OpsError, Refused
from .._runs.conductor import Conductor
from .._runs.next_command import Commands
from .._runs.records import Result
from .permits import is_marked
from .plans import planned_event


def kept(conductor: Conductor, permit: object, result: Result) -> Result:
    """Return a module's result after journalling the plan that a check run showed, where approval is asked for."""
    reads = conductor.module.endswith("_info")
    if reads or not isinstance(permit, Mapping) or not is_marked(permit) or result.get("failed"):
        return result
    event = planned_event(result, run=str(permit.get("run")), object=conductor.object, module=conductor.module)
    try:
        conductor.open_ledger().journal.append(event, conductor.redactor)
    except OpsError as error:
        conductor.say(f"  this plan cannot be approved, because it is not journalled: {error}")
    return result


def again(commands: Commands, result: Mapping[str, object]) -> str:
    """Return the run's own command; as a check run where its plan is not the one that was approved."""
    details, command = result.get("details"), commands.again()
    refused = result.get("error_kind") == Refused.__name__ and isinstance(details, Mapping) and "plan_hash" in details
    return f"{command} --check" if refused and command else command
