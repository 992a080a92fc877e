# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tool C(ledger): what C(playbooks/ledger.yml) does. No gate but the policy holds it back: it opens the others."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from ...module_utils._clock import format_time, parse_time
from ...module_utils._errors import InvalidInput, OpsError
from .._gates.request import Policy
from .._ledger.holds import Hold
from .._ledger.ledger import Ledger, initialise, open_ledger, store_of, verify
from .._ledger.memory import Memory
from .door import TurnedAway
from .ledger_show import show
from .next_command import Commands
from .who import user_name

# where none of the inventory's components can be offered
_UNNAMED = "NAME-OF-THE-COMPONENT"
ACTIONS = {"show": "read", "check": "read", "initialise": "change", "hold": "change", "lift": "change"}


@dataclass(frozen=True)
class Outcome:
    """What the tool did, and the lines that say so."""

    changed: bool
    lines: tuple[str, ...]
    ledger: Ledger | None


@dataclass(frozen=True)
class Surroundings:
    """What the tool is told beside its operation.

    :param components: every host of the inventory.
    """

    components: Collection[str]
    memory: Memory
    check: bool = False


def operate(action: str, policy: Policy, operation: Mapping[str, object], around: Surroundings) -> Outcome:
    """Do one action of the tool; repeating it changes nothing.

    :param operation: C(object), C(message) and C(until) of a hold; C(lost), the id of a ledger given up.
    :raises OpsError: says what is wrong and the way on.
    """
    if action not in ACTIONS:
        raise InvalidInput(
            f"ledger_action is {action!r}",
            remedy=f"Use one of {', '.join(ACTIONS)}.",
            next=_nearest_action(action, operation),
        )
    if action == "initialise":
        return _initialise(policy, operation, around)
    ledger = open_ledger(policy.ledger, policy.system, policy.environment)
    if not around.check:
        around.memory.note(ledger)
    if action == "show":
        return Outcome(False, tuple(show(ledger)), ledger)
    if action == "check":
        counts = verify(ledger)
        told = ", ".join(f"{name} {count} entries" for name, count in counts.items())
        return Outcome(
            False,
            (f"{policy.ledger} is whole: {told}. Not excluded: a full rewrite by somebody who may write there.",),
            ledger,
        )
    if action == "hold":
        return _hold(ledger, policy, operation, around)
    return _lift(ledger, policy, operation, check=around.check)


def _initialise(policy: Policy, operation: Mapping[str, object], around: Surroundings) -> Outcome:
    store = store_of(policy.ledger)
    there = store.read("identity") is not None
    if not there:
        around.memory.refuse_begun_anew(policy.ledger, str(operation.get("lost") or "").strip())
        store.refuse_unplaced()
    if around.check:
        said = "is initialised already" if there else "would be initialised"
        return Outcome(not there, (f"{policy.ledger} of {policy.path} {said}",), None)
    ledger, changed = initialise(policy.ledger, policy.system, policy.environment)
    around.memory.note(ledger)
    said = "is initialised" if changed else "was initialised already"
    return Outcome(changed, (f"{policy.ledger} of {policy.path} {said}, id {ledger.identity.id}",), ledger)


def _hold(ledger: Ledger, policy: Policy, operation: Mapping[str, object], around: Surroundings) -> Outcome:
    name = _object(policy, operation, "hold")
    _refuse_unknown(name, policy, around.components, operation, ledger)
    message = str(operation.get("message") or "").strip()
    if not message:
        raise InvalidInput("ledger_message is empty", remedy="Say why.", next=_whole_hold(name, operation, ledger))
    until_text = str(operation.get("until") or "").strip()
    if not until_text:
        raise InvalidInput("ledger_until is empty", remedy="Say until when.", next=_whole_hold(name, operation, ledger))
    later = _whole_hold(name, {**operation, "until": ""}, ledger)
    try:
        until, now = parse_time(until_text), ledger.store.now()
    except InvalidInput as error:
        raise InvalidInput(f"ledger_until: {error.sentence}", remedy=error.remedy, next=later) from None
    if until <= now:
        raise InvalidInput(f"ledger_until {until_text} is past", remedy="Name a time to come.", next=later)
    standing = [hold for hold in ledger.holds.standing() if hold.object == name]
    same = any((hold.message, hold.until) == (message, until) for hold in standing)
    if not around.check and not same:
        ledger.holds.place(Hold(name, message, until, user_name(), now))
    word = "is held already" if same else ("would be held" if around.check else "is held")
    return Outcome(not same, (f"{name} {word} until {format_time(until)}: {message}",), ledger)


def _whole_hold(name: str, operation: Mapping[str, object], ledger: Ledger) -> dict[str, object]:
    """Return the command that places the hold, with an hour from now and a word for what was not said."""
    in_an_hour = format_time(ledger.store.now() + timedelta(hours=1))
    until, message = operation.get("until") or in_an_hour, operation.get("message") or "REASON"
    return _said("hold", {"object": name, "until": until, "message": message})


def _nearest_action(action: str, operation: Mapping[str, object]) -> dict[str, object]:
    """Return the command with the action that was most likely meant; without one the command that shows the ledger."""
    near = difflib.get_close_matches(action, ACTIONS, n=1)
    return _said(near[0], operation) if near else {"playbook": "ledger"}


def _said(action: str, operation: Mapping[str, object]) -> dict[str, object]:
    """Return the command of an action with what was said for it."""
    names = {"object": "hold", "until": "until", "message": "message", "lost": "lost"}
    given = {f"ledger_{name}": operation[key] for key, name in names.items() if operation.get(key)}
    return {"playbook": "ledger", "variables": {"ledger_action": action, **given}}


def _lift(ledger: Ledger, policy: Policy, operation: Mapping[str, object], *, check: bool) -> Outcome:
    name = _object(policy, operation, "lift")
    held = [hold.object for hold in ledger.holds.standing()]
    there = name in held
    if there and not check:
        ledger.holds.lift(name)
    none = f"there was none; held are {', '.join(held)}" if held else "there was none, nor any other"
    word = ("would be lifted" if check else "is lifted") if there else none
    return Outcome(there, (f"hold on {name}: {word}",), ledger)


def _refuse_unknown(
    name: str, policy: Policy, components: Collection[str], operation: Mapping[str, object], ledger: Ledger
) -> None:
    """Raise C(InvalidInput) for an object that no run would ever ask for: its hold would stop nothing."""
    known = [f"{policy.path}/{component}" for component in sorted(components)]
    if name in (policy.path, *known):
        return
    near = difflib.get_close_matches(name, known, n=3)
    offered = near[0] if near else f"{policy.path}/{_UNNAMED}"
    raise InvalidInput(
        f"ledger_hold names {name}, which is no component of this inventory, so the hold would stop nothing",
        remedy=f"Name a component, or {policy.path} for all of it; the nearest are {', '.join(near or known[:3])}.",
        next=_whole_hold(offered, operation, ledger),
    )


def _object(policy: Policy, operation: Mapping[str, object], action: str) -> str:
    name = str(operation.get("object") or "").strip().strip("/")
    unnamed = _said(action, {**operation, "object": f"{policy.path}/{_UNNAMED}"})
    if not name:
        raise InvalidInput("ledger_hold is empty", remedy="Name the object.", next=unnamed)
    full = name if "/" in name else f"{policy.path}/{name}"
    if full != policy.path and not full.startswith(f"{policy.path}/"):
        raise InvalidInput(
            f"ledger_hold is {name}, and this ledger is that of {policy.path}",
            remedy=f"Name an object of {policy.path}, or pass the other inventory with -i.",
            next=unnamed,
        )
    return full


def turned_away(error: OpsError, result: Mapping[str, object], commands: Commands) -> TurnedAway:
    """Return a refusal of the tool that ends as every run does.

    :param result: what the guard's task returns, which the last line is made of.
    """
    following = commands.wanted(error.next)
    said = {"error_kind": type(error).__name__, "guard": "refused", "next": error.next, "details": error.details}
    text = f"{error} Next: {following}" if following else str(error)
    return TurnedAway(text, {**result, **{key: value for key, value in said.items() if value}})


def journal_opening(
    outcome: Outcome, action: str, policy: Policy, *, run: str, who: Mapping[str, object], check: bool
) -> str:
    """Write the tool's opening entry; return why it was not written, which stops nobody from opening a gate."""
    if outcome.ledger is None:
        return ""
    event = {
        "event": "opened",
        "run": run,
        "runbook": "ledger",
        "action": action,
        "mode": "check" if check else "real",
        "risk": ACTIONS[action],
        "object": policy.path,
        "objects": [policy.path],
        "allowed": True,
        "lines": list(outcome.lines),
        "who": dict(who),
    }
    try:
        outcome.ledger.journal.append(event)
    except OpsError as error:
        return str(error)
    return ""
