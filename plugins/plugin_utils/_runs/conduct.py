# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The front end of changing modules: history in, plan shown, intent kept, change made, verdicts out.

Free of Ansible: the caller hands in how the module is run. C(execute(args, check)) runs it once and returns its
result. A module that crashed returns C(failed) without C(intent_open): then the intent stays open for the next run.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...module_utils._errors import OpsError, Refused
from ...module_utils._permit import Permit
from .conductor import Args, Conductor
from .lines import about, ending_lines, plan_lines
from .membership import announced, is_rehearsal, is_to_undo, told_by, was_given_up
from .recording import append, end_unit, is_open, note_stay, record
from .records import Result, cannot_be_undone, has_work, new_intent, open_intent, plan_of, world_moved
from .units import UNDO, Step

PLANS_AT_MOST = 3
_TAKE_HISTORY = ("_deploy", "_release_info")


def conduct(conductor: Conductor, args: Mapping[str, object], *, check: bool) -> Result:
    """Run a changing module and return its result, without C(entries).

    In check mode the plan is shown and that is all. Otherwise the module is planned, its intent kept, run with
    exactly that plan approved, and what came of it written down; planned anew when the world moved in between
    or when the module asks for another turn.

    :param args: the task's options; C(permit) comes from the guard.
    """
    try:
        reads = is_reading(conductor.module)
        if conductor.unit is not None and args.get("state") == "undone" and not check:
            result = _undo(conductor, conductor.unit, args)
        else:
            result = _plan_once(conductor, args) if check or reads else _carry_out(conductor, args)
        for line in [] if reads or result.get("undo_failed") else ending_lines(conductor.object, result, check=check):
            conductor.say(conductor.redactor.text(line))
    except OpsError as error:
        result = {**error.as_result(), "failed": True}
    return {key: value for key, value in result.items() if key != "entries"}


def is_reading(module: str) -> bool:
    """Tell whether a module only reads, by its name."""
    return module.endswith("_info")


def _plan_once(conductor: Conductor, args: Mapping[str, object]) -> Result:
    options = _options(conductor, args)
    planned = conductor.execute(options, True)
    rehearsal = is_rehearsal(conductor.unit, check=True, real=conductor.permit(args).get("mode") == "real")
    if rehearsal and planned.get("refused") and not planned.get("failed"):
        return {**planned, "failed": True, "changed": False, "msg": planned["refused"]}
    _show(conductor, planned, check=not rehearsal)
    return planned


def _undo(conductor: Conductor, step: Step, args: Mapping[str, object]) -> Result:
    """Put back a component of a unit. What cannot be put back is reported, and the others still are."""
    try:
        result = _put_back(conductor, step, args)
        for_good = cannot_be_undone(result)
        if step.closes:
            end_unit(conductor, dict(args), step)
            result = _whole(conductor, step, args, result)
    except OpsError as error:
        result, for_good = {**error.as_result(), "failed": True}, False
    if step.part != UNDO and not for_good:
        return result
    if result.get("failed"):
        conductor.say(conductor.redactor.text(about(conductor.object, f"NOT undone: {result.get('msg', '')}")))
    keeps_red = step.part != UNDO and step.closes
    return {**result, "failed": keeps_red, "undo_failed": bool(result.get("failed"))}


def _put_back(conductor: Conductor, step: Step, args: Mapping[str, object]) -> Result:
    releases = conductor.open_ledger().releases
    if not is_to_undo(step, releases.records()):
        return {"changed": False, "msg": f"{conductor.component} has nothing to undo"}
    result = _carry_out(conductor, args)
    failure = result if cannot_be_undone(result) else {}
    if is_to_undo(step, releases.records()) and (failure or not result.get("failed")):
        note_stay(conductor, dict(args), step, failure)
    return result


def _whole(conductor: Conductor, step: Step, args: Mapping[str, object], result: Result) -> Result:
    """Return the result of a unit's last step: what came of the unit, and red where an earlier run's cannot go back."""
    records = conductor.open_ledger().releases.records()
    said = told_by(str(conductor.permit(args).get("run") or ""), step, records)
    if step.part != UNDO and not result.get("failed") and was_given_up(step.unit, records):
        why = f"The unfinished {step.unit.action} of {', '.join(step.unit.members)} could not be put back whole"
        msg = f"{why}. The same command goes on now from what serves"
        return {**result, "failed": True, "unit_told": said, "msg": msg}
    return {**result, "unit_told": said}


def _carry_out(conductor: Conductor, args: Mapping[str, object]) -> Result:
    permit = Permit.from_option(conductor.permit(args), check=False, object=conductor.object)
    result: Result = {}
    settled_before = False
    for turn in range(PLANS_AT_MOST):
        options = _options(conductor, args)
        planned = conductor.execute(options, True)
        if planned.get("failed"):
            return planned
        if planned.get("refused"):
            return {**planned, "failed": True, "changed": settled_before, "msg": planned["refused"]}
        _show(conductor, planned, check=False)
        if not has_work(planned):
            record(conductor, options, permit, planned, None, began=conductor.clock.steady())
            return {**planned, "changed": True} if settled_before else planned
        result = _change(conductor, options, permit, planned)
        if world_moved(result):
            conductor.say(about(conductor.object, "the world changed since this was planned: planning again"))
        elif result.get("again") and not result.get("failed"):
            settled_before = True
            conductor.say(about(conductor.object, f"{result.get('msg', 'that is settled')}: planning anew"))
        else:
            break
        if turn == PLANS_AT_MOST - 1:
            return {
                **result,
                "failed": True,
                "msg": f"{conductor.object} did not come to rest: {result.get('msg', '')}",
            }
    return {**result, "changed": True} if settled_before else result


def _change(conductor: Conductor, options: Args, permit: Permit, planned: Result) -> Result:
    """Keep the intent, run the module really, and keep what came of it."""
    plan_hash = str(planned.get("plan_hash") or "")
    if permit.approved_plan_hashes and plan_hash not in permit.approved_plan_hashes:
        raise Refused(
            f"The plan for {conductor.object} is not the one that was approved",
            remedy="Read the new plan with --check and have it approved.",
            details={"plan_hash": plan_hash},
        )
    began = conductor.clock.steady()
    # what nobody could record is not begun, with or without an intent
    conductor.open_ledger()
    # a worker that outlived its killed run gets this far: it must not write over its successor
    permit.prove(conductor.clock)
    intent = new_intent(planned, conductor.path)
    if intent:
        several = conductor.unit is not None and conductor.unit.unit.several
        known = conductor.open_ledger().releases.records() if several else []
        records = announced(conductor.unit, known, conductor.path, intent)
        append(conductor, options, permit, records)
        intent = records[-1]
    else:
        intent = open_intent(_history(options))
    allowed = {**conductor.permit(options), "approved_plan_hashes": [plan_hash] if plan_hash else []}
    progress = {"progress_path": conductor.progress_path} if conductor.progress_path else {}
    result = conductor.execute({**options, **progress, "permit": allowed}, False)
    try:
        record(conductor, options, permit, result, intent, began=began)
    except OpsError as error:
        said = str(result.get("msg") or "").rstrip(".")
        sentence = f"{said}. What was done on {conductor.object} could not be recorded: {error}".lstrip(". ")
        return {**result, "failed": True, "again": False, "intent_open": is_open(conductor, intent), "msg": sentence}
    return result


def _options(conductor: Conductor, args: Mapping[str, object]) -> Args:
    """Return the module's options with the permit narrowed to this object, and with the history of a component."""
    options = dict(args)
    if permit := conductor.permit(args):
        options["permit"] = permit
    if conductor.module.endswith(_TAKE_HISTORY):
        options.update(_recorded(conductor))
    return options


def _recorded(conductor: Conductor) -> Args:
    """Return the component's history, or for a module that reads why it is unknown."""
    reads = is_reading(conductor.module)
    if conductor.ledger is None:
        return {"history_unknown": conductor.no_ledger} if reads and conductor.no_ledger else {}
    try:
        return {"history": conductor.ledger.releases.history(conductor.component)}
    except OpsError as error:
        if not reads:
            raise
        return {"history_unknown": str(error)}


def _show(conductor: Conductor, planned: Result, *, check: bool) -> None:
    for line in plan_lines(conductor.object, plan_of(planned), check=check):
        conductor.say(conductor.redactor.text(line))


def _history(options: Args) -> list[Mapping[str, object]]:
    history = options.get("history")
    return history if isinstance(history, list) else []
