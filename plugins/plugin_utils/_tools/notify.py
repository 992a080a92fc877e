# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tool C(notify): whom the inventory tells of what, whether that arrived, and a test of it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from ...module_utils._errors import InvalidInput, OpsError
from .._ledger.ledger import Ledger, open_ledger
from .._told.channels import Channel, read_channels
from .._told.deciding import Message, listens
from .._told.events import RULES, TEST, Delivery, Event
from .._told.messages import text_of as text_of_message
from .._told.messages import title_of
from .._told.references import secret_of
from .._told.states import Book, Told
from .._told.telling import tell
from .tool import Outcome, Said, Surroundings, Tool, command_of, text_of

_NOBODY = "ops_notify declares no channel: nobody is told of anything. docs/notify.md says how to declare one."


def operate(action: str, said: Said, around: Surroundings) -> Outcome:
    """Do one action of the tool.

    :param said: C(channel), the only one to be tested.
    """
    channels, wrong = read_channels(around.policy.notify)
    ledger, away = _ledger(around)
    lines = [f"wrong: {problem}" for problem in wrong]
    lines += [f"the ledger cannot be read, so what was told before is not known: {away}"] if away else []
    if action == "show":
        told, more = _told(ledger)
        lines += [*more, *(line for channel in channels for line in _shown(channel, told, around))]
        red = f"ops_notify cannot be used as it stands: {'; '.join(wrong)}" if wrong else ""
        return Outcome(False, tuple(lines if channels or wrong else [_NOBODY]), ledger, red=red)
    chosen = _chosen(channels, wrong, text_of(said, "channel"))
    event = _event(around)
    if around.check:
        return Outcome(bool(chosen), (*lines, *_rendered(chosen, event)), ledger)
    return _tested(chosen, event, ledger, around, lines)


def _tested(
    chosen: Sequence[Channel], event: Event, ledger: Ledger | None, around: Surroundings, lines: Sequence[str]
) -> Outcome:
    """Send a test through each channel; red unless every one delivered that a run of this environment may tell."""
    now = ledger.store.now() if ledger else around.clock.now()
    told = tell(ledger, chosen, [event], now, environment=around.environment)
    came = {delivery.channel: delivery for delivery in told}
    results = [f"{channel.name} ({channel.kind}): {_result(came.get(channel.name))}" for channel in chosen]
    unrecorded = dict.fromkeys(delivery.unrecorded for delivery in told if delivery.unrecorded and ledger)
    results += [f"who was told is not recorded: {why}" for why in unrecorded]
    meant = [channel for channel in chosen if listens(channel, event)] or chosen
    failed = [channel.name for channel in meant if not _arrived(came.get(channel.name))]
    again = around.commands.wanted(command_of("notify", "test", {"channel": failed[0]})) if failed else ""
    red = f"The test did not arrive through {', '.join(failed)}. Correct what is said above. Next: {again}"
    return Outcome(bool(told), (*lines, *results), ledger, red=red if failed else "")


def _arrived(delivery: Delivery | None) -> bool:
    return delivery is not None and delivery.delivered and not delivery.problem


def _result(delivery: Delivery | None) -> str:
    if delivery is None:
        return "not sent: a lab tells only channels that say lab: true"
    if delivery.problem:
        return f"{'delivered, but' if delivery.delivered else 'not delivered:'} {delivery.problem}"
    return "delivered"


def _rendered(chosen: Sequence[Channel], event: Event) -> list[str]:
    """Return what would be sent, and to whom."""
    lines = [
        f"{channel.name} ({channel.kind}): "
        + ("would be sent the message below" if listens(channel, event) else _result(None))
        for channel in chosen
    ]
    message = Message(chosen[0], event)
    return [*lines, title_of(message), *(f"  {line}" for line in text_of_message(message).splitlines())]


def _event(around: Surroundings) -> Event:
    policy, who = around.policy, around.who
    return Event(
        TEST,
        policy.path,
        "nothing happened; this only shows that messages arrive",
        {"who": f"{who.get('user', '')}@{who.get('host', '')}"},
        run=around.run,
        source="notify.test",
        lab=policy.lab,
    )


def _chosen(channels: Sequence[Channel], wrong: Sequence[str], name: str) -> list[Channel]:
    """Return the channels to test.

    :raises InvalidInput: there is none, or none of that name, or one is wrong that should be tested too.
    """
    show = command_of("notify", "show")
    if wrong and not name:
        raise InvalidInput("; ".join(wrong), remedy="Correct that in the inventory's group_vars.", next=show)
    if not channels:
        raise InvalidInput("ops_notify declares no channel", remedy="Declare one as docs/notify.md says.", next=show)
    if not name:
        return list(channels)
    found = [channel for channel in channels if channel.name == name]
    if found:
        return found
    names = [channel.name for channel in channels]
    near = difflib.get_close_matches(name, names, n=1) or names[:1]
    raise InvalidInput(
        f"notify_channel is {name!r}, which is no channel of ops_notify that can be used",
        remedy=f"Use one of {', '.join(names)}.",
        next=command_of("notify", "test", {"channel": near[0]}),
    )


def _shown(channel: Channel, told: Told, around: Surroundings) -> list[str]:
    """Return what a channel is told, whether its secret is there, and what came of it the last time."""
    rules = "everything" if channel.on == frozenset(RULES) else ", ".join(rule for rule in RULES if rule in channel.on)
    silent = ", not in this lab (say lab: true)" if around.policy.lab and not channel.lab else ""
    lines = [f"{channel.name} ({channel.kind}): told of {rules}{silent}; {_last(told.last.get(channel.name))}"]
    try:
        secret_of(channel, around.environment)
    except OpsError as error:
        lines.append(f"  it cannot be told: {error}")
    standing = [state for state in told.states if state.channel == channel.name]
    lines += [f"  {state.rule} of {state.object} since {state.first}, not recovered" for state in standing]
    return lines


def _last(last: Mapping[str, object] | None) -> str:
    if not last:
        return "nothing was sent yet"
    came = "delivered" if last.get("delivered") else "not delivered"
    problem = f": {last['problem']}" if last.get("problem") else ""
    return f"last {last.get('rule')} of {last.get('object')} at {last.get('at')}, {came}{problem}"


def _told(ledger: Ledger | None) -> tuple[Told, list[str]]:
    if ledger is None:
        return Told(), []
    try:
        return Book(ledger.store).read(), []
    except OpsError as error:
        return Told(), [str(error)]


def _ledger(around: Surroundings) -> tuple[Ledger | None, str]:
    """Return the ledger, or why there is none: the channels can be tried without it."""
    policy = around.policy
    try:
        return open_ledger(policy.ledger, policy.system, policy.environment), ""
    except OpsError as error:
        return None, error.sentence


TOOL = Tool("notify", {"show": "read", "test": "change"}, ("channel",), operate)
