# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom to tell what: the same state stays silent for a while, and a recovery is told where the failure was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ...module_utils._clock import format_time, parse_time
from .channels import Channel
from .events import MOMENTS, RECOVERY, TEST, Event

# of the same run, so that one failure is not two messages
_OUTCOMES = frozenset(("failed", "rolled_back", "refused", "unfinished"))
_FORGOTTEN_AFTER = timedelta(days=90)

# spelled once here: inside State the name `object` is a field
Values = Mapping[str, object]


@dataclass(frozen=True)
class State:
    """Something bad that a channel was told of and that goes on.

    :param state: the cause, as C(Event.state).
    :param members: the objects that have not recovered yet.
    :param first: when it was told first.
    :param told: when it was told last, or changed.
    :param count: how often it was noticed.
    :param thread: the run that began it; the first message is known by it.
    """

    channel: str
    key: str
    object: str
    source: str
    rule: str
    members: tuple[str, ...]
    state: str
    first: str
    told: str
    count: int
    thread: str

    @property
    def place(self) -> tuple[str, str]:
        """Return what only one state has."""
        return self.channel, self.key

    def as_dict(self) -> Values:
        """Return the record as the ledger keeps it."""
        return {**vars(self), "members": list(self.members)}

    @classmethod
    def from_dict(cls, value: Values) -> State:
        """Read what L(as_dict) wrote.

        :raises ValueError, KeyError, TypeError: it is damaged.
        """
        texts = {name: str(value[name]) for name in _TEXTS}
        members, count = value["members"], value["count"]
        if not isinstance(members, list) or not isinstance(count, int):
            raise ValueError
        parse_time(texts["told"])
        return cls(**texts, members=tuple(map(str, members)), count=count)


_TEXTS = ("channel", "key", "object", "source", "rule", "state", "first", "told", "thread")


@dataclass(frozen=True)
class Message:
    """One event on its way through one channel.

    :param repeat: how often this state was noticed before.
    :param since: when it was told first; empty for the first time.
    :param thread: the run that began it.
    :param ends: the states that a recovery ends.
    """

    channel: Channel
    event: Event
    repeat: int = 0
    since: str = ""
    thread: str = ""
    ends: tuple[State, ...] = ()


@dataclass(frozen=True)
class Course:
    """What is to be done.

    :param kept: states as they stand afterwards, whatever is delivered.
    :param over: places of states that nobody needs to be told the end of.
    """

    messages: tuple[Message, ...]
    kept: tuple[State, ...] = ()
    over: tuple[tuple[str, str], ...] = ()


def listens(channel: Channel, event: Event) -> bool:
    """Tell whether a channel is told of such an event at all."""
    return (event.rule in channel.on or event.rule == TEST) and (channel.lab or not event.lab)


def decide(
    channels: Sequence[Channel], events: Sequence[Event], states: Sequence[State] | None, now: datetime
) -> Course:
    """Return whom to tell what.

    :param states: what the channels were told; None where that is not known: then everything is told but recoveries,
        since nobody knows whom they would concern.
    """
    messages: list[Message] = []
    kept: list[State] = []
    over: list[tuple[str, str]] = []
    for channel in channels:
        mine = [state for state in states or () if state.channel == channel.name]
        for event in _most_telling(channel, events):
            if event.rule == RECOVERY:
                ended, left = _recovered(event, mine)
                kept += left
                if ended and listens(channel, event):
                    messages.append(_end(channel, event, ended))
                else:
                    over += [state.place for state in ended]
                continue
            found = next((state for state in mine if state.key == event.key), None)
            if found and event.rule not in MOMENTS and _same(found, event, channel, now):
                kept.append(_noticed(found, event))
                if not channel.edits:
                    continue
            messages.append(_begin(channel, event, found))
    return Course(tuple(messages), tuple(kept), tuple(over))


def state_after(message: Message, now: datetime) -> State | None:
    """Return the state that a channel is in when it was told; None for what is no state."""
    event = message.event
    if event.rule in (*MOMENTS, RECOVERY):
        return None
    at = format_time(now)
    return State(
        channel=message.channel.name,
        key=event.key,
        object=event.object,
        source=event.source,
        rule=event.rule,
        members=tuple(sorted(event.concerned)),
        state=event.state,
        first=message.since or at,
        told=at,
        count=message.repeat + 1,
        thread=message.thread or event.run,
    )


def standing(states: Iterable[State], now: datetime) -> list[State]:
    """Return the states that are not older than anybody remembers."""
    return [state for state in states if now - parse_time(state.told) < _FORGOTTEN_AFTER]


def _most_telling(channel: Channel, events: Sequence[Event]) -> list[Event]:
    """Return what a channel is told; the finding that a failure is about goes with the failure."""
    wanted = [event for event in events if event.rule == RECOVERY or listens(channel, event)]
    outcomes = {event.run for event in wanted if event.rule in _OUTCOMES}
    return [event for event in wanted if event.rule != "critical" or event.run not in outcomes]


def _recovered(event: Event, states: Sequence[State]) -> tuple[list[State], list[State]]:
    """Return the states that are over, and those of which only some objects have recovered."""
    ended, left = [], []
    for state in states:
        if state.source != event.source or (event.recovers and state.rule not in event.recovers):
            continue
        rest = tuple(name for name in state.members if name not in event.concerned)
        if not rest:
            ended.append(state)
        elif len(rest) < len(state.members):
            left.append(replace(state, members=rest))
    return ended, left


def _end(channel: Channel, event: Event, ended: Sequence[State]) -> Message:
    first = min(ended, key=lambda state: state.first)
    return Message(channel, event, since=first.first, thread=first.thread, ends=tuple(ended))


def _begin(channel: Channel, event: Event, found: State | None) -> Message:
    if found is None or event.rule in MOMENTS:
        return Message(channel, event)
    return Message(channel, event, repeat=found.count, since=found.first, thread=found.thread)


def _same(found: State, event: Event, channel: Channel, now: datetime) -> bool:
    """Tell whether a channel was told of just this not long ago."""
    since = now - parse_time(found.told)
    return found.state == event.state and since < timedelta(hours=channel.quiet_hours)


def _noticed(found: State, event: Event) -> State:
    return replace(found, count=found.count + 1, members=tuple(sorted({*found.members, *event.concerned})))
