# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending messages, every channel in a thread of its own and all of them within ten seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime

from ...module_utils._errors import OpsError
from .channels import Channel
from .deciding import Message
from .events import Delivery
from .messages import pagerduty, slack, webhook
from .patience import ALL_SECONDS, PARTLY
from .references import secret_of

Environment = Mapping[str, str]


def send_all(messages: Sequence[Message], now: datetime, environment: Environment) -> list[tuple[Message, Delivery]]:
    """Send every message and return what came of each; who does not answer in time is not waited for."""
    ends_at = time.monotonic() + ALL_SECONDS
    problems: dict[int, str] = {}

    def work(mine: Sequence[int]) -> None:
        for number in mine:
            problems[number] = _problem(messages[number], now, environment, ends_at)

    threads = []
    for name in dict.fromkeys(message.channel.name for message in messages):
        mine = [number for number, message in enumerate(messages) if message.channel.name == name]
        thread = threading.Thread(target=work, args=(mine,), name=f"tell {name}", daemon=True)
        try:
            thread.start()
            threads.append(thread)
        except RuntimeError:
            # a program that is ending starts no thread any more
            work(mine)
    for thread in threads:
        thread.join(max(0.0, ends_at - time.monotonic()))
    late = f"no answer within {ALL_SECONDS:g} s"
    # a copy: who answers later is late
    came = dict(problems)
    return [(message, _delivery(message, came.get(number, late))) for number, message in enumerate(messages)]


def _delivery(message: Message, problem: str) -> Delivery:
    event = message.event
    delivered = not problem or problem.startswith(PARTLY)
    return Delivery(message.channel.name, event.rule, event.object, event.run, delivered, problem, message.repeat)


def _problem(message: Message, now: datetime, environment: Environment, ends_at: float) -> str:
    try:
        secret = secret_of(message.channel, environment)
        return _send(message, now, secret, ends_at)
    except OpsError as error:
        return str(error)
    except Exception as error:  # whatever goes wrong here must fail no run, and its text may hold a secret
        return f"it could not be sent ({type(error).__name__})"


def _send(message: Message, now: datetime, secret: str, ends_at: float) -> str:
    channel = message.channel
    if channel.kind == "smtp":
        from .mailing import send_mail

        return send_mail(channel, message, now, secret, ends_at=ends_at)
    from .posting import post

    url = secret if channel.secret_is_url else channel.url
    token = secret if channel.kind == "webhook" and not channel.secret_is_url else ""
    for body in _bodies(channel, message, now, secret):
        problem = post(url, body, ends_at=ends_at, secret=secret, token=token, ca_file=channel.ca_file)
        if problem:
            return problem
    return ""


def _bodies(channel: Channel, message: Message, now: datetime, secret: str) -> Sequence[Mapping[str, object]]:
    if channel.kind == "pagerduty":
        return pagerduty(message, now, secret)
    return [slack(message) if channel.kind == "slack" else webhook(message, now)]
