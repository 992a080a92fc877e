# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Telling: who is told what, that it was told, and what becomes of it when the ledger is away."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ...module_utils._errors import OpsError
from ...module_utils._redact import Redactor
from .._ledger.ledger import Ledger
from .channels import Channel
from .deciding import Course, Message, State, decide, state_after
from .events import Delivery, Event
from .harmless import harmless
from .states import Book

_UNSURE = "it is not known whether this was told before, so it may be told again"


def tell(
    ledger: Ledger | None,
    channels: Sequence[Channel],
    events: Sequence[Event],
    now: datetime,
    *,
    redactor: Redactor | None = None,
    environment: Mapping[str, str] | None = None,
) -> list[Delivery]:
    """Tell every channel what it listens to, and record that in the ledger.

    Takes ten seconds at most and raises nothing.

    :param ledger: None where there is none now: then everything is told but recoveries, and nothing is recorded.
    :param channels: as L(read_channels) returns them.
    :param events: only real ones: a check run tells nobody.
    :param now: aware; the ledger's time where there is one.
    :returns: what was tried; a state that stays silent is not in it.
    """
    if not channels or not events:
        return []
    clean = [harmless(event, redactor or Redactor()) for event in events]
    states = _known(ledger)
    course = decide(channels, clean, states, now)
    if not course.messages and not course.kept and not course.over:
        return []
    messages = [_unsure(message) if states is None else message for message in course.messages]
    sent = _send(messages, now, environment)
    problem = _record(ledger, course, sent, now)
    return [replace(delivery, unrecorded=problem) for _message, delivery in sent]


def _known(ledger: Ledger | None) -> Sequence[State] | None:
    """Return what was told before; None where that cannot be read."""
    try:
        return Book(ledger.store).read().states if ledger else None
    except OpsError:
        return None


def _unsure(message: Message) -> Message:
    return replace(message, event=replace(message.event, details={**message.event.details, "note": _UNSURE}))


def _send(
    messages: Sequence[Message], now: datetime, environment: Mapping[str, str] | None
) -> list[tuple[Message, Delivery]]:
    if not messages:
        return []
    from .sending import send_all

    return send_all(messages, now, os.environ if environment is None else environment)


def _record(ledger: Ledger | None, course: Course, sent: Sequence[tuple[Message, Delivery]], now: datetime) -> str:
    """Keep what was told; return why that did not succeed."""
    if ledger is None:
        return "the ledger is away"
    problem = ""
    for _message, delivery in sent:
        try:
            ledger.journal.append(delivery.as_dict())
        except OpsError as error:
            problem = error.sentence
    arrived = [message for message, delivery in sent if delivery.delivered]
    kept = [*course.kept, *(state for message in arrived if (state := state_after(message, now)))]
    over = [*course.over, *(state.place for message in arrived for state in message.ends)]
    try:
        Book(ledger.store).note([delivery for _message, delivery in sent], kept, over, now)
    except OpsError as error:
        problem = problem or error.sentence
    return problem
