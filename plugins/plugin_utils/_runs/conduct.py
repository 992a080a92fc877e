# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The front end of changing modules: history in, plan shown, intent kept, change made, verdicts out.

Free of Ansible: the caller hands in how the module is run. C(execute(args, check)) runs it once and returns its
result. A module that crashed returns C(failed) without C(intent_open): then the intent stays open for the next run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from ...module_utils._clock import Clock
from ...module_utils._errors import OpsError, Refused
from ...module_utils._permit import Permit
from ...module_utils._redact import Redactor
from .._ledger.ledger import Ledger
from .lines import about, ending_lines, plan_lines
from .records import (
    Result,
    entries_of,
    has_work,
    new_intent,
    open_intent,
    plan_of,
    settles,
    step_event,
    world_moved,
)

Args = dict[str, object]
Execute = Callable[[Args, bool], Result]
PLANS_AT_MOST = 3
_TAKE_HISTORY = ("_deploy", "_release_info")


@dataclass(frozen=True)
class Conductor:
    """What one task works with.

    :param object: C(<system>/<environment>/<component>).
    :param ledger: None where it cannot be reached: the module plans without history, and a change is refused.
    :param no_ledger: why there is none, for a module that reads: its history is unknown, not empty.
    :param progress_path: where the module reports; empty when nobody follows.
    """

    module: str
    object: str
    execute: Execute
    ledger: Ledger | None
    say: Callable[[str], None]
    clock: Clock
    redactor: Redactor = field(default_factory=Redactor)
    progress_path: str = ""
    no_ledger: str = ""


def conduct(conductor: Conductor, args: Mapping[str, object], *, check: bool) -> Result:
    """Run a changing module and return its result, without C(entries).

    In check mode the plan is shown and that is all. Otherwise the module is planned, its intent kept, run with
    exactly that plan approved, and what came of it written down; planned anew when the world moved in between
    or when the module asks for another turn.

    :param args: the task's options; C(permit) comes from the guard.
    """
    try:
        reads = is_reading(conductor.module)
        result = _plan_once(conductor, args) if check or reads else _carry_out(conductor, args)
        for line in [] if reads else ending_lines(conductor.object, result, check=check):
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
    _show(conductor, planned, check=True)
    return planned


def _carry_out(conductor: Conductor, args: Mapping[str, object]) -> Result:
    permit = Permit.from_option(_permit(conductor, args), check=False, object=conductor.object)
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
            _record(conductor, options, permit, planned, None, began=conductor.clock.steady())
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
    _ledger(conductor)
    # a worker that outlived its killed run gets this far: it must not write over its successor
    permit.prove(conductor.clock)
    intent = new_intent(planned, conductor.object.rpartition("/")[0])
    if intent:
        _append(conductor, options, permit, [intent])
    else:
        intent = open_intent(_history(options))
    allowed = {**_permit(conductor, options), "approved_plan_hashes": [plan_hash] if plan_hash else []}
    progress = {"progress_path": conductor.progress_path} if conductor.progress_path else {}
    result = conductor.execute({**options, **progress, "permit": allowed}, False)
    try:
        _record(conductor, options, permit, result, intent, began=began)
    except OpsError as error:
        said = str(result.get("msg") or "").rstrip(".")
        sentence = f"{said}. What was done on {conductor.object} could not be recorded: {error}".lstrip(". ")
        return {**result, "failed": True, "again": False, "intent_open": _is_open(conductor, intent), "msg": sentence}
    return result


def _is_open(conductor: Conductor, intent: Mapping[str, object] | None) -> bool:
    """Tell whether the intent was left open by an append that failed; as long as that cannot be read, it was."""
    try:
        return open_intent(_ledger(conductor).releases.history(conductor.object.rpartition("/")[2])) is not None
    except OpsError:
        return intent is not None


def _record(
    conductor: Conductor,
    options: Args,
    permit: Permit,
    result: Result,
    intent: Mapping[str, object] | None,
    *,
    began: float,
) -> None:
    """Write the result's entries and the end of the intent in one append, and a step into the journal."""
    records = entries_of(result, conductor.object.rpartition("/")[2])
    if intent and settles(result):
        records.append({**intent, "state": "settled", "at": _ledger(conductor).now_text()})
    if records:
        _append(conductor, options, permit, records)
    event = {
        **step_event(result),
        "run": permit.run,
        "object": conductor.object,
        "module": conductor.module,
        "seconds": round(conductor.clock.steady() - began, 1),
    }
    _ledger(conductor).journal.append(event, conductor.redactor)


def _append(conductor: Conductor, options: Args, permit: Permit, records: Iterable[Mapping[str, object]]) -> None:
    """Write records with run and time, while our token is still the one that may write."""
    ledger = _ledger(conductor)
    token = _token(_permit(conductor, options), conductor.object)
    at = ledger.now_text()
    stamped = [{"run": permit.run, "at": at, **record} for record in records]
    shown = cast("list[dict[str, object]]", conductor.redactor.value(stamped))
    ledger.releases.append(shown, before_write=lambda: ledger.leases.prove(conductor.object, token))


def _options(conductor: Conductor, args: Mapping[str, object]) -> Args:
    """Return the module's options with the permit narrowed to this object, and with the history of a component."""
    options = dict(args)
    if permit := _permit(conductor, args):
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
        return {"history": conductor.ledger.releases.history(conductor.object.rpartition("/")[2])}
    except OpsError as error:
        if not reads:
            raise
        return {"history_unknown": str(error)}


def _show(conductor: Conductor, planned: Result, *, check: bool) -> None:
    for line in plan_lines(conductor.object, plan_of(planned), check=check):
        conductor.say(conductor.redactor.text(line))


def _permit(conductor: Conductor, args: Mapping[str, object]) -> dict[str, object]:
    permit = args.get("permit")
    return {**permit, "object": conductor.object} if isinstance(permit, Mapping) and permit else {}


def _token(permit: Mapping[str, object], object: str) -> int:
    leases = permit.get("objects")
    for lease in leases if isinstance(leases, list) else []:
        if isinstance(lease, Mapping) and lease.get("object") == object:
            return int(str(lease.get("token", -1)))
    return -1


def _history(options: Args) -> list[Mapping[str, object]]:
    history = options.get("history")
    return history if isinstance(history, list) else []


def _ledger(conductor: Conductor) -> Ledger:
    if conductor.ledger is None:
        raise Refused(
            f"The ledger of {conductor.object} cannot be reached, so nothing is changed",
            remedy="Bring the ledger back, then run the same command again.",
        )
    return conductor.ledger
