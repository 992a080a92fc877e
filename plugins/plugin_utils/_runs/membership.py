# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One component's call within its unit: what it adds to the ledger, and whether there is anything to undo. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...module_utils._release.history import History
from .._ledger.releases import concerns
from .units import SWITCH, Record, Step, Unit, intent_in, open_units

Records = Sequence[Record]


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
    if step is None or len(step.unit.members) < 2:
        return [dict(intent)]
    opening = [] if _is_open(step.unit, records) else [step.unit.record(path, "open")]
    return [*opening, {**intent, "unit_run": step.unit.run}]


def closing(step: Step | None, records: Records, path: str) -> list[dict[str, object]]:
    """Return the end of the unit, where this step may be its last and nothing is left in an unknown state.

    :param records: those of the ledger and those that are written together with the end.
    """
    if step is None or not step.closes or not _is_open(step.unit, records):
        return []
    if any(_is_unsettled(records, member, step.unit) for member in step.unit.members):
        return []
    return [step.unit.record(path, "settled")]


def is_to_undo(step: Step, records: Records) -> bool:
    """Tell whether the unit's switch of this component stands, or may stand."""
    intent = intent_in(records, step.component, step.unit)
    if intent is None or not _is_open(step.unit, records):
        return False
    unsettled = _is_unsettled(records, step.component, step.unit)
    return unsettled or _served_last(records, step.component) == _wanted(intent, step.component)


def told(unit: Unit, records: Records) -> str:
    """Return what came of each component of a unit that went back."""
    parts = []
    for member in unit.members:
        intent = intent_in(records, member, unit)
        if intent is None:
            parts.append(f"{member} was not touched")
            continue
        history = History.from_records([record for record in records if concerns(record, member)], member)
        last = history.last_served
        if _is_unsettled(records, member, unit):
            parts.append(f"{member} is in an unknown state")
        elif last is not None and last.id == _wanted(intent, member):
            parts.append(f"{member} STILL serves {last.label}")
        else:
            parts.append(f"{member} serves {last.label if last else 'what it served'}")
    return f"The {unit.action} of {', '.join(unit.members)} was undone: {', '.join(parts)}."


def is_rehearsal(step: Step | None, *, check: bool, real: bool) -> bool:
    """Tell whether a task plans for a real run over several components, before the first of them is touched."""
    return step is not None and step.part == SWITCH and check and real


def _is_unsettled(records: Records, component: str, unit: Unit) -> bool:
    intent = intent_in(records, component, unit, of_undo=True)
    return intent is not None and intent.get("state") == "open"


def _is_open(unit: Unit, records: Records) -> bool:
    return any(known.run == unit.run for known in open_units(records))


def _wanted(intent: Record, component: str) -> object:
    components = intent.get("components")
    change = components.get(component) if isinstance(components, Mapping) else None
    return change.get("to") if isinstance(change, Mapping) else None


def _served_last(records: Records, component: str) -> object:
    served = [record for record in records if record.get("kind") == "served" and record.get("component") == component]
    return served[-1].get("release") if served else None
