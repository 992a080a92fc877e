# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several components in one run are one unit: which steps a run takes, and what it owes an unfinished one. Pure.

A unit is a record in the releases chain, open from before its first switch until all its components serve what was
wanted, or what served before::

    {"kind": "unit", "run": "...", "action": "deploy", "members": ["api", "frontend"], "wish": {"release": "2"},
     "state": "open | settled"}

Every intent of a component in it carries C(unit_run), the run of its unit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ...module_utils._errors import Refused
from ...module_utils._release.history import fits
from ...module_utils._release.intent import release_of
from ...module_utils._release.values import Release
from ...module_utils._release.ways import Way, deployment, return_to

Record = Mapping[str, object]
SWITCH, SETTLE, UNDO = "switch", "settle", "undo"
_STATES = {"deploy": "deployed", "adopt": "adopted", "rollback": "rolled_back"}


@dataclass(frozen=True)
class Unit:
    """Components that are switched together.

    :param run: the run that began it; a later run that goes on with it keeps the name.
    :param members: in the order in which they are switched.
    :param wish: the options that say what was wanted, empty ones left out.
    """

    run: str
    action: str
    members: tuple[str, ...]
    wish: Mapping[str, str] = field(default_factory=dict)

    @property
    def several(self) -> bool:
        """Tell whether it has more than one component; of one alone the ledger keeps no unit."""
        return len(self.members) > 1

    def record(self, path: str, state: str) -> dict[str, object]:
        """Return the unit as the ledger keeps it.

        :param path: C(<system>/<environment>).
        """
        about = {"run": self.run, "action": self.action, "members": list(self.members), "wish": dict(self.wish)}
        return {"kind": "unit", "unit": path, **about, "state": state}


@dataclass(frozen=True)
class Step:
    """One call of a component's module.

    :param part: C(switch), C(settle) (of an earlier run's unit) or C(undo).
    :param unit: whose step it is.
    :param closes: whether the unit may be settled after it.
    :param options: the module's options that say what is to come of it.
    """

    component: str
    part: str
    unit: Unit
    closes: bool = False
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Course:
    """What a run over components does, in order.

    :param settle: for units that earlier runs left open.
    :param undo: what the rescue does, later components first; one component alone has gone back by itself.
    :param told: what may be said once all of it passed.
    """

    settle: tuple[Step, ...]
    switch: tuple[Step, ...]
    undo: tuple[Step, ...]
    told: tuple[str, ...] = ()


def open_units(records: Iterable[Record]) -> list[Unit]:
    """Return the units that no run has settled, the oldest first."""
    found: dict[str, Unit] = {}
    for record in records:
        if record.get("kind") != "unit":
            continue
        run = str(record["run"])
        if record.get("state") != "open":
            found.pop(run, None)
            continue
        members, wish = record.get("members"), record.get("wish")
        found[run] = Unit(
            run,
            str(record.get("action")),
            tuple(str(member) for member in members) if isinstance(members, list) else (),
            {str(key): str(value) for key, value in wish.items()} if isinstance(wish, Mapping) else {},
        )
    return list(found.values())


def intent_in(records: Iterable[Record], component: str, unit: Unit, *, of_undo: bool = False) -> Record | None:
    """Return the newest intent of a component in a unit, C(None) where it was never switched in it.

    :param of_undo: the intent of its undo counts too.
    """
    newest: Record | None = None
    for record in records:
        components = record.get("components")
        named = isinstance(components, Mapping) and component in components
        counts = of_undo or record.get("runbook") != "undo"
        if record.get("kind") == "intent" and named and counts and record.get("unit_run") == unit.run:
            newest = record
    return newest


def change_in(intent: Record | None, component: str) -> Record:
    """Return what an intent says of one component; empty where it says nothing."""
    components = intent.get("components") if intent else None
    change = components.get(component) if isinstance(components, Mapping) else None
    return change if isinstance(change, Mapping) else {}


def course(
    wanted: Unit,
    open_ones: Sequence[Unit],
    records: Sequence[Record],
    *,
    play: Collection[str] = (),
    still: tuple[str, ...] = (),
) -> Course:
    """Decide on the steps of a run.

    An unfinished unit of the same wish and components is gone on with. An unfinished rollback is finished, whatever
    comes next; any other unit is put back, later components first. A rollback that names nothing else to leave or to
    go to has then what it wanted.

    :param wanted: this run's own unit.
    :param open_ones: units that earlier runs left open and that share a component with this run.
    :param play: the components of the run, of which C(wanted) may be a part; none for just those.
    :param still: what goes back although a rollback otherwise ends with what it settles.
    :raises Refused: an open unit has components that are not in this run.
    """
    for unit in open_ones:
        _refuse_part_of(unit, play or wanted.members)
        if wanted.action not in ("deploy", "rollback"):
            first = "Deploy or roll back first: that finishes it or puts back what served."
            raise _unfinished(unit, f"so there is no {wanted.action}", first)
    same = [unit for unit in open_ones if (unit.action, unit.wish) == (wanted.action, wanted.wish)]
    whole = [unit for unit in same if set(unit.members) == set(wanted.members)]
    goes_on = next((unit for unit in whole if unit.action != "rollback"), None)
    settle = tuple(step for unit in open_ones if unit is not goes_on for step in _settling(unit, records))
    ends_there = bool(settle) and _has_its_wish(wanted, open_ones, records)
    own = Unit((goes_on or wanted).run, wanted.action, still if ends_there else wanted.members, wanted.wish)
    finished = [unit for unit in open_ones if unit is not goes_on and unit.action == "rollback"]
    to_undo = [unit for unit in [own, *finished] if len(unit.members) > 1]
    undo = tuple(step for unit in to_undo for step in _in_order(tuple(reversed(unit.members)), UNDO, unit))
    return Course(settle, _in_order(own.members, SWITCH, own), undo)


def course_of_run(wanted: Unit, records: Sequence[Record]) -> Course:
    """Decide on the steps of a run from what the ledger holds.

    :raises Refused: an open unit has components that are not in this run.
    """
    return course(wanted, concerning(wanted.members, records), records)


def concerning(components: Iterable[str], records: Iterable[Record]) -> list[Unit]:
    """Return the units that no run has settled and that share one of these components, the oldest first."""
    named = set(components)
    return [unit for unit in open_units(records) if named & set(unit.members)]


def way_on(unit: Unit) -> Way:
    """Return the command that goes on with an unfinished unit, over all of its components."""
    way = deployment(unit.wish.get("release", "")) if unit.action == "deploy" else return_to(**unit.wish)
    return {**way, "limit": ",".join(unit.members)}


def _refuse_part_of(unit: Unit, components: Collection[str]) -> None:
    missing = [member for member in unit.members if member not in components]
    if missing:
        whole = "Run it over all of them, without --limit: it finishes them together or puts them back together."
        raise _unfinished(unit, f"and this run leaves out {', '.join(missing)}", whole)


def _unfinished(unit: Unit, what: str, remedy: str) -> Refused:
    begun = f"The {unit.action} of {', '.join(unit.members)} by run {unit.run} is unfinished"
    return Refused(f"{begun}, {what}", remedy=remedy, next=way_on(unit))


def _has_its_wish(wanted: Unit, settled: Sequence[Unit], records: Sequence[Record]) -> bool:
    """Tell whether a rollback has nothing more to do once these units are put back, or finished."""
    leaves = wanted.wish.get("rollback_from", "")
    if wanted.action != "rollback" or wanted.wish.get("rollback_to"):
        return False
    left = (release for unit in settled for release in left_by_settling(unit, unit.members, records))
    return not leaves or any(fits(release, leaves) for release in left)


def left_by_settling(unit: Unit, members: Iterable[str], records: Sequence[Record]) -> Iterable[Release]:
    """Return what these members of a unit no longer serve once it is put back, or finished."""
    key = "from_release" if unit.action == "rollback" else "to_release"
    for member in members:
        release = change_in(intent_in(records, member, unit), member).get(key)
        if isinstance(release, Mapping):
            yield release_of(release)


def _settling(unit: Unit, records: Sequence[Record]) -> tuple[Step, ...]:
    if unit.action == "rollback":
        return _closing(
            Step(member, SETTLE, unit, options=_finishing(unit, member, records)) for member in unit.members
        )
    undone = {"state": "undone"}
    return _closing(Step(member, SETTLE, unit, options=undone) for member in reversed(unit.members))


def _finishing(unit: Unit, member: str, records: Sequence[Record]) -> dict[str, str]:
    """Return the options that finish a rollback of one component, and change nothing where it is finished."""
    options = dict(unit.wish)
    if left := change_in(intent_in(records, member, unit), member).get("from"):
        options["rollback_from"] = str(left)
    return {"state": _STATES[unit.action], **options}


def _in_order(members: tuple[str, ...], part: str, unit: Unit) -> tuple[Step, ...]:
    options = {"state": "undone"} if part == UNDO else {"state": _STATES[unit.action], **unit.wish}
    return _closing(Step(member, part, unit, options=options) for member in members)


def _closing(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Mark the last step of a unit."""
    found = list(steps)
    return (*found[:-1], Step(**{**vars(found[-1]), "closes": True})) if found else ()
