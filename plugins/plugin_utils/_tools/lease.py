# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tool C(lease): who changes what, which holds stand; places and lifts holds, breaks a lease."""

from __future__ import annotations

import difflib
from datetime import timedelta
from pathlib import Path

from ...module_utils._clock import format_time, parse_time
from ...module_utils._errors import InvalidInput
from ...module_utils._redact import redact_shapes
from .._ledger import deadlines
from .._ledger.holds import Hold
from .._ledger.leases import Lease
from .._ledger.ledger import Ledger, open_ledger
from .._ledger.processes import this_place
from .._runs.ledger_show import show
from .._runs.who import user_name
from .tool import Outcome, Said, Surroundings, Tool, command_of, text_of

# where none of the inventory's components can be offered
_UNNAMED = "NAME-OF-THE-COMPONENT"


def operate(action: str, said: Said, around: Surroundings) -> Outcome:
    """Do one action of the tool.

    :param said: C(object), and for a hold C(message) and C(until).
    """
    policy = around.policy
    ledger = open_ledger(policy.ledger, policy.system, policy.environment)
    if action == "show":
        return Outcome(False, tuple(show(ledger)[1:]), ledger)
    name = _object(action, said, around)
    if action == "hold":
        return _hold(name, said, ledger, around)
    if action == "lift":
        return _lift(name, ledger, check=around.check)
    return _break(name, said, ledger, around)


def _hold(name: str, said: Said, ledger: Ledger, around: Surroundings) -> Outcome:
    _refuse_unknown(name, said, ledger, around)
    # a hold is read by everybody
    message, until_text = redact_shapes(text_of(said, "message")), text_of(said, "until")
    if not message:
        raise InvalidInput("lease_message is empty", remedy="Say why.", next=_whole_hold(name, said, ledger))
    if not until_text:
        raise InvalidInput("lease_until is empty", remedy="Say until when.", next=_whole_hold(name, said, ledger))
    later = _whole_hold(name, {**said, "until": ""}, ledger)
    try:
        until, now = parse_time(until_text), ledger.store.now()
    except InvalidInput as error:
        raise InvalidInput(f"lease_until: {error.sentence}", remedy=error.remedy, next=later) from None
    if until <= now:
        raise InvalidInput(f"lease_until {until_text} is past", remedy="Name a time to come.", next=later)
    standing = [hold for hold in ledger.holds.standing() if hold.object == name]
    same = any((hold.message, hold.until) == (message, until) for hold in standing)
    if not around.check and not same:
        ledger.holds.place(Hold(name, message, until, user_name(), now))
    word = "is held already" if same else ("would be held" if around.check else "is held")
    replaced = [] if same else [f"in place of the hold of {hold.by} {_standing(hold)}" for hold in standing]
    return Outcome(not same, (f"{name} {word} until {format_time(until)}: {message}", *replaced), ledger)


def _standing(hold: Hold) -> str:
    return f"until {format_time(hold.until)}: {hold.message}"


def _whole_hold(name: str, said: Said, ledger: Ledger) -> dict[str, object]:
    """Return the command that places the hold, with an hour from now and a word for what was not said."""
    in_an_hour = format_time(ledger.store.now() + timedelta(hours=1))
    until, message = text_of(said, "until") or in_an_hour, text_of(said, "message") or "REASON"
    return command_of("lease", "hold", {"object": name, "until": until, "message": message})


def _lift(name: str, ledger: Ledger, *, check: bool) -> Outcome:
    held = [hold.object for hold in ledger.holds.standing()]
    there = name in held
    if there and not check:
        ledger.holds.lift(name)
    none = f"there was none; held are {', '.join(held)}" if held else "there was none, nor any other"
    word = ("would be lifted" if check else "is lifted") if there else none
    return Outcome(there, (f"hold on {name}: {word}",), ledger)


def _break(name: str, said: Said, ledger: Ledger, around: Surroundings) -> Outcome:
    """Free the leases of the run that holds an object: it starts no further step, and the next run settles its work.

    A holder on this machine reads at once that it must stop; one elsewhere reads it when it renews, within the
    lease's time at the latest.
    """
    held = next((lease for lease in ledger.leases.all() if lease.object == name), None)
    if held is None:
        others = ", ".join(lease.object for lease in ledger.leases.all())
        none = f"there was none; leased are {others}" if others else "there was none, nor any other"
        return Outcome(False, (f"lease on {name}: {none}",), ledger)
    _refuse_unsure(name, held, said, around)
    if not around.check:
        if held.holder.place == this_place():
            deadlines.stop(Path(held.holder.directory))
        ledger.leases.release(held.holder.run)
    word = "would be broken" if around.check else "is broken"
    lines = (
        f"lease on {name}, token {held.token}, of {held.holder.named()}: {word}",
        "what that run had begun is settled by the next run over its components",
    )
    event = {"broken": held.as_dict(), "reason": around.word("ops_reason")}
    return Outcome(True, lines, ledger, event)


def _refuse_unsure(name: str, held: Lease, said: Said, around: Surroundings) -> None:
    """Raise C(InvalidInput) unless the object's path was typed, and a reason."""
    typed, reason = around.word("ops_confirm"), around.word("ops_reason")
    if typed == name and reason:
        return
    what = "ops_reason is empty" if typed == name else f"ops_confirm is {typed!r}" if typed else "ops_confirm is empty"
    again = around.commands.again(
        {"ops_confirm": name, **({} if reason else {"ops_reason": "REASON"})}, without=("ops_confirm",)
    )
    raise InvalidInput(
        f"Breaking the lease on {name} takes it away from {held.holder.named()}, and {what}",
        remedy="When that run should end, see first whether it can be ended where it runs; then type the path and say"
        f" why: `{again}`",
    )


def _refuse_unknown(name: str, said: Said, ledger: Ledger, around: Surroundings) -> None:
    """Raise C(InvalidInput) for an object that no run would ever ask for: its hold would stop nothing."""
    path = around.policy.path
    known = [f"{path}/{component}" for component in sorted(around.components)]
    if name in (path, *known):
        return
    near = difflib.get_close_matches(name, known, n=3)
    offered = near[0] if near else f"{path}/{_UNNAMED}"
    raise InvalidInput(
        f"lease_object names {name}, which is no component of this inventory, so the hold would stop nothing",
        remedy=f"Name a component, or {path} for all of it; the nearest are {', '.join(near or known[:3])}.",
        next=_whole_hold(offered, said, ledger),
    )


def _object(action: str, said: Said, around: Surroundings) -> str:
    name, path = text_of(said, "object").strip("/"), around.policy.path
    unnamed = command_of("lease", action, {**said, "object": f"{path}/{_UNNAMED}"})
    if not name:
        raise InvalidInput("lease_object is empty", remedy="Name the object.", next=unnamed)
    full = name if "/" in name else f"{path}/{name}"
    if full != path and not full.startswith(f"{path}/"):
        raise InvalidInput(
            f"lease_object is {name}, and this ledger is that of {path}",
            remedy=f"Name an object of {path}, or pass the other inventory with -i.",
            next=unnamed,
        )
    return full


TOOL = Tool(
    "lease",
    {"show": "read", "hold": "change", "lift": "change", "break": "change"},
    ("object", "message", "until"),
    operate,
)
