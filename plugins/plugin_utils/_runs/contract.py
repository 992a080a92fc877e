# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract of a runbook, C(roles/<runbook>/meta/runbook.yml), read and validated."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from ...module_utils._errors import InvalidInput
from .._gates.request import RISKS

PLACES = ("controller", "machine", "platform")
GATES = ("backup", "approval", "confirm", "window", "freeze")
# the word for an action's objects that are none of any component
LEDGER = "ledger"
_KEYS = {"purpose", "place", "procedures", "actions", "platforms"}
_ACTION_KEYS = {
    *("risk", "disruptive", "objects", "deadline_minutes", "undo", "extra_gates"),
    *("unit", "batch", "requires", "without_ledger"),
}


@dataclass(frozen=True)
class Action:
    """What a runbook does in one run.

    :param objects: C(component) for each host of the play, C(environment) for all of it, or a component's name;
        C(ledger) alone where no component is touched nor asked: what it writes needs no lease.
    :param unit: the components of the play are taken in order as one unit; the options of their modules that say what
        is wanted, each with the run's variable. C(None) where each stands for itself.
    :param batch: the variable that says how much of each fleet of such components one run takes; empty for all.
    :param requires: the variables without which the run has nothing to do.
    :param without_ledger: it brings back what served, so it may go on while the ledger cannot be reached.
    """

    name: str
    risk: str
    disruptive: bool = False
    objects: tuple[str, ...] = ("component",)
    deadline_minutes: float | None = None
    undo: str = ""
    extra_gates: frozenset[str] = frozenset()
    unit: Mapping[str, str] | None = None
    batch: str = ""
    requires: tuple[str, ...] = ()
    without_ledger: bool = False

    @property
    def in_ledger(self) -> bool:
        """Tell whether nothing but the ledger is read and written."""
        return LEDGER in self.objects


@dataclass(frozen=True)
class Contract:
    """A runbook's promise.

    :param variables: those that its role describes; empty where it describes none.
    """

    runbook: str
    purpose: str
    place: str
    actions: tuple[Action, ...]
    procedures: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    variables: frozenset[str] = frozenset()

    def choose(self, asked: str) -> Action:
        """Return the action that was asked for; asked for none: the first that reads, else the first.

        :raises InvalidInput: there is no such action.
        """
        asked = asked.strip()
        if not asked:
            return next((action for action in self.actions if action.risk == "read"), self.actions[0])
        for action in self.actions:
            if action.name == asked:
                return action
        names = [action.name for action in self.actions]
        nearest = difflib.get_close_matches(asked, names, n=1, cutoff=0)[0]
        raise InvalidInput(
            f"{action_variable(self.runbook)} is {asked!r}, and {self.runbook} has no such action",
            remedy=f"Use one of {', '.join(names)}.",
            next={"playbook": self.runbook, "variables": {action_variable(self.runbook): nearest}},
        )


def action_variable(runbook: str) -> str:
    """Return the variable that chooses the action: C(rollback_action), for C(acme.nomad.deploy) C(deploy_action)."""
    return f"{runbook.rpartition('.')[2]}_action"


def role_name(runbook: str) -> str:
    """Return the role of a runbook: ours when no collection is named."""
    return runbook if "." in runbook else f"steady.ops.{runbook}"


def load(runbook: str, role: Path) -> Contract:
    """Read the contract beside the role.

    :param role: the role's directory.
    :raises InvalidInput: there is none, or it is not one.
    """
    path = role / "meta" / "runbook.yml"
    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InvalidInput(
            f"The role of the runbook {runbook} has no contract", remedy=f"Write {path} as docs say."
        ) from None
    except (OSError, yaml.YAMLError) as error:
        raise InvalidInput(f"The contract {path} cannot be read: {' '.join(str(error).split())}") from None
    return replace(validate(runbook, value), variables=variables_of(runbook, role))


def variables_of(runbook: str, role: Path) -> frozenset[str]:
    """Return the variables that the role describes, with the one that chooses the action; empty without a description.

    :param role: the role's directory.
    """
    try:
        value = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
        entries = value["argument_specs"].values()
        names = {str(name) for entry in entries for name in entry.get("options") or {}}
    except (OSError, yaml.YAMLError, TypeError, KeyError, AttributeError):
        return frozenset()
    return frozenset(names | {action_variable(runbook)})


def validate(runbook: str, value: object) -> Contract:
    """Turn what stands in the file into a contract.

    :raises InvalidInput: names the key that is wrong.
    """
    if not isinstance(value, Mapping):
        raise InvalidInput(f"The contract of {runbook} is empty", remedy="Write purpose, place and actions.")
    _known(runbook, "", value, _KEYS)
    if not isinstance(value.get("purpose"), str) or not value["purpose"].strip():
        raise _wrong(runbook, "purpose", "Write one sentence.")
    if value.get("place") not in PLACES:
        raise _wrong(runbook, "place", f"Use one of {', '.join(PLACES)}.")
    actions = value.get("actions")
    if not isinstance(actions, Mapping) or not actions:
        raise _wrong(runbook, "actions", "Name at least one action with its risk.")
    return Contract(
        runbook=runbook,
        purpose=value["purpose"],
        place=value["place"],
        actions=tuple(_action(runbook, str(name), action) for name, action in actions.items()),
        procedures=_texts(runbook, "procedures", value.get("procedures", [])),
        platforms=_texts(runbook, "platforms", value.get("platforms", [])),
    )


def _action(runbook: str, name: str, value: object) -> Action:
    where = f"actions.{name}"
    if not isinstance(value, Mapping):
        raise _wrong(runbook, where, f"Write at least {{risk: {'|'.join(RISKS)}}}.")
    _known(runbook, f"{where}.", value, _ACTION_KEYS)
    if value.get("risk") not in RISKS:
        raise _wrong(runbook, f"{where}.risk", f"Use one of {', '.join(RISKS)}.")
    minutes = value.get("deadline_minutes")
    if minutes is not None and (isinstance(minutes, bool) or not isinstance(minutes, (int, float)) or minutes <= 0):
        raise _wrong(runbook, f"{where}.deadline_minutes", "Use a number of minutes.")
    for key in ("disruptive", "without_ledger"):
        if not isinstance(value.get(key, False), bool):
            raise _wrong(runbook, f"{where}.{key}", "Use true or false.")
    gates = frozenset(_texts(runbook, f"{where}.extra_gates", value.get("extra_gates", [])))
    if gates - set(GATES):
        raise _wrong(runbook, f"{where}.extra_gates", f"Use some of {', '.join(GATES)}.")
    batch = value.get("batch", "")
    if not isinstance(batch, str) or (batch and "unit" not in value):
        raise _wrong(runbook, f"{where}.batch", "Name the run's variable, beside unit.")
    objects = _texts(runbook, f"{where}.objects", value.get("objects", ["component"]))
    if value["risk"] != "read" and not objects:
        raise _wrong(runbook, f"{where}.objects", "Name what it changes: component, environment, or a component.")
    if LEDGER in objects and len(objects) > 1:
        raise _wrong(runbook, f"{where}.objects", f"Write {LEDGER} alone: what touches a component needs its lease.")
    return Action(
        name=name,
        risk=value["risk"],
        disruptive=value.get("disruptive", False),
        objects=objects,
        deadline_minutes=minutes,
        undo=str(value.get("undo", "")),
        extra_gates=gates,
        unit=_names(runbook, f"{where}.unit", value["unit"]) if "unit" in value else None,
        batch=batch,
        requires=_texts(runbook, f"{where}.requires", value.get("requires", [])),
        without_ledger=value.get("without_ledger", False),
    )


def _texts(runbook: str, key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise _wrong(runbook, key, "Write a list of words.")
    return tuple(value)


def _names(runbook: str, key: str, value: object) -> dict[str, str]:
    pairs = value.items() if isinstance(value, Mapping) else None
    if pairs is None or not all(isinstance(word, str) and word for pair in pairs for word in pair):
        raise _wrong(runbook, key, "Write a dictionary of option and variable: {release: deploy_release}.")
    return dict(pairs)


def _known(runbook: str, where: str, value: Mapping[object, object], keys: set[str]) -> None:
    for key in value:
        if key not in keys:
            raise InvalidInput(
                f"The contract of {runbook} has the unknown key {where}{key}",
                remedy=f"Keys here are {', '.join(sorted(keys))}.",
            )


def _wrong(runbook: str, key: str, remedy: str) -> InvalidInput:
    return InvalidInput(f"The contract of {runbook} has no usable {key}", remedy=remedy)
