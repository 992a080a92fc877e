# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One component's call within its unit: what it adds to the ledger, and whether there is anything to undo. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...module_utils._release.history import History
from ...module_utils._release.intent import release_of
from .._ledger.releases import concerns
from .units import SETTLE, SWITCH, UNDO, Record, Step, Unit, change_in, intent_in, open_units

Records = Sequence[Record]
_STILL, _UNKNOWN = "STILL serves", "unknown state"


def step_from(permit: Mapping[str, object]) -> Step | None:
    """Return the step that the guard wrote into the permit; C(None) without a unit."""
    told = permit.get("unit")
    if not isinstance(told, Mapping):
        return None
    members, wish = told.get("members"), told.get("wish")
    unit = Unit(
        str(told["run"]),
        str(told["action"]),
        tuple(str(member) for member in members) if isinstance(members, (list, tuple)) else (),
        {str(key): str(value) for key, value in wish.items()} if isinstance(wish, Mapping) else {},
    )
    return Step(str(told["component"]), str(told["part"]), unit, bool(told.get("closes")))


def step_as_dict(step: Step) -> dict[str, object]:
    """Return the step as the permit carries it."""
    unit = step.unit
    return {
        "component": step.component,
        "part": step.part,
        "closes": step.closes,
        "run": unit.run,
        "action": unit.action,
        "members": list(unit.members),
        "wish": dict(unit.wish),
    }


def announced(step: Step | None, records: Records, path: str, intent: Mapping[str, object]) -> list[dict[str, object]]:
    """Return the intent as its unit keeps it, and before the first one the unit itself.

    :param path: C(<system>/<environment>).
    """
    if step is None or not step.unit.several:
        return [dict(intent)]
    opening = [] if _is_open(step.unit, records) else [step.unit.record(path, "open")]
    return [*opening, {**intent, "unit_run": step.unit.run}]


def closing(step: Step | None, records: Records, path: str) -> list[dict[str, object]]:
    """Return the end of the unit, where this step may be its last and nothing is left to do in it.

    :param records: those of the ledger and those that are written together with the end.
    """
    if step is None or not step.closes or not _is_open(step.unit, records):
        return []
    left = _to_undo if puts_back(step) else _is_unsettled
    if any(left(records, member, step.unit) for member in step.unit.members):
        return []
    if not puts_back(step) and not _has_its_wish(records, step):
        return []
    return [step.unit.record(path, "settled")]


def puts_back(step: Step) -> bool:
    """Tell whether a step is of a unit that is put back; an earlier run's rollback is finished instead."""
    return step.part == UNDO or (step.part == SETTLE and step.unit.action != "rollback")


def is_to_undo(step: Step, records: Records) -> bool:
    """Tell whether the unit's switch of this component stands, or may stand, and nobody gave up undoing it."""
    return _is_open(step.unit, records) and _to_undo(records, step.component, step.unit)


def stays(step: Step, path: str, serving: object, *, given_up: bool) -> dict[str, object]:
    """Return the record that this component's switch is not undone, and that no later run need try.

    :param serving: what serves there, as results show a release; empty when that is not known.
    :param given_up: it should have been undone.
    """
    told = {"given_up": True, "serving": serving or None} if given_up else {}
    return {
        "kind": "intent",
        "unit": path,
        "unit_run": step.unit.run,
        "runbook": "undo",
        "components": {step.component: {}},
        "state": "settled",
        "stays": True,
        **told,
    }


def was_given_up(unit: Unit, records: Records) -> bool:
    """Tell whether a component of the unit could not be put back, for a reason that stays."""
    newest = (intent_in(records, member, unit, of_undo=True) for member in unit.members)
    return any(intent is not None and bool(intent.get("given_up")) for intent in newest)


def told(unit: Unit, records: Records) -> str:
    """Return what came of each component of a unit that went back."""
    named = f"The {unit.action} of {', '.join(unit.members)}"
    if all(intent_in(records, member, unit) is None for member in unit.members):
        return f"{named} was not begun."
    parts = [_told_of(member, unit, records) for member in unit.members]
    whole = not any(_STILL in part or _UNKNOWN in part for part in parts)
    whole = whole and not any(_undo_failed(intent_in(records, member, unit, of_undo=True)) for member in unit.members)
    return f"{named} was {'undone' if whole else 'NOT undone as a whole'}: {', '.join(parts)}."


def told_by(run: str, step: Step, records: Records) -> str:
    """Return what came of every unit that a run put back or leaves open; of the step's own where there is none.

    :param records: the ends of units carry C(settled_by) and C(told).
    """
    ended = [_whose(record, step.unit) for record in records if record.get("settled_by") == run]
    left = [unit for unit in open_units(records) if set(unit.members) & set(step.unit.members)]
    return " ".join([*ended, *(told(unit, records) for unit in left)]) or told(step.unit, records)


def _whose(record: Record, own: Unit) -> str:
    """Return what came of a unit, under the name of its run where another is spoken of too."""
    told_then, run = str(record.get("told")), str(record.get("run"))
    return told_then if run == own.run else f"Of the earlier run {run}: {told_then}"


def _undo_failed(newest: Record | None) -> bool:
    return newest is not None and newest.get("runbook") == "undo" and "serving" in newest


def _told_of(member: str, unit: Unit, records: Records) -> str:
    intent, newest = intent_in(records, member, unit), intent_in(records, member, unit, of_undo=True)
    if intent is None or newest is None:
        return f"{member} was not touched"
    if newest.get("state") == "open":
        return f"{member} is in an {_UNKNOWN}"
    serving = newest.get("serving")
    if "serving" in newest and not isinstance(serving, Mapping):
        return f"what {member} serves is not known"
    if isinstance(serving, Mapping):
        release = release_of(serving)
    else:
        last = History.from_records([record for record in records if concerns(record, member)], member).last_served
        if last is None:
            return f"{member} serves what it served"
        release = last
    word = _STILL if release.id == _wanted(intent, member) else "serves"
    return f"{member} {word} {release.label}"


def is_rehearsal(step: Step | None, *, check: bool, real: bool) -> bool:
    """Tell whether a task plans for a real run over several components, before the first of them is touched."""
    return step is not None and step.part == SWITCH and check and real


def _is_unsettled(records: Records, component: str, unit: Unit) -> bool:
    intent = intent_in(records, component, unit, of_undo=True)
    return intent is not None and intent.get("state") == "open"


def _to_undo(records: Records, component: str, unit: Unit) -> bool:
    intent, newest = intent_in(records, component, unit), intent_in(records, component, unit, of_undo=True)
    if intent is None or newest is None or newest.get("stays"):
        return False
    if newest.get("state") == "open":
        return True
    if "serving" in newest:
        serving = newest["serving"]
        return isinstance(serving, Mapping) and serving.get("id") == _wanted(intent, component)
    return _served_last(records, component) == _wanted(intent, component)


def _has_its_wish(records: Records, step: Step) -> bool:
    """Tell whether the component's newest switch in the unit was the unit's own, and what it wanted serves.

    A turn that only settled what an earlier run left leaves the wish to the next turn.
    """
    newest = intent_in(records, step.component, step.unit, of_undo=True)
    if newest is None:
        return True
    own = newest.get("runbook") == step.unit.action
    return own and _served_last(records, step.component) == _wanted(newest, step.component)


def _is_open(unit: Unit, records: Records) -> bool:
    return any(known.run == unit.run for known in open_units(records))


def _wanted(intent: Record, component: str) -> object:
    return change_in(intent, component).get("to")


def _served_last(records: Records, component: str) -> object:
    served = [record for record in records if record.get("kind") == "served" and record.get("component") == component]
    return served[-1].get("release") if served else None
