# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each kind of channel is sent: bodies for PagerDuty, Slack and webhooks, subject and text for mail."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

from ...module_utils._clock import format_time
from .deciding import Message
from .events import RECOVERY, RULES, TEST
from .harmless import one_line, shown, without_mentions

CLIENT = "steady.ops"
CONTRACT_VERSION = 1
# limits of the receivers
_DEDUP_KEY = 255
_SUMMARY = 1024
_SLACK_HEADER = 150
_SLACK_SECTION = 2900
_SUBJECT = 180
_WORDS: Mapping[str, str] = {
    "failed": "FAILED",
    "rolled_back": "ROLLED BACK",
    "refused": "REFUSED",
    "override": "OVERRIDE",
    "unfinished": "UNFINISHED",
    "missed": "MISSED",
    "critical": "CRITICAL",
    RECOVERY: "RECOVERED",
    TEST: "TEST",
}

Body = Mapping[str, object]


def title_of(message: Message) -> str:
    """Return the one line that says it."""
    event = message.event
    again = f" again ({message.repeat + 1} times since {message.since})" if message.repeat else ""
    return one_line(f"{_WORDS.get(event.rule, event.rule)}{again}: {event.object}: {event.summary}")


def text_of(message: Message) -> str:
    """Return everything as lines of text."""
    event = message.event
    ends = [f"over since {message.since}: {', '.join(sorted({state.rule for state in message.ends}))}"]
    run = [f"run: {event.run}"] if event.run else []
    return "\n".join([f"about: {event.object}", *shown(event.details), *(ends if message.ends else []), *run])


def pagerduty(message: Message, now: datetime, routing_key: str) -> list[Body]:
    """Return the events for PagerDuty's Events API v2: a recovery resolves every alert that it ends.

    A test triggers an alert and resolves it at once.
    """
    event = message.event
    if event.rule == RECOVERY:
        return [_resolve(routing_key, state.key) for state in message.ends]
    system, _slash, rest = event.object.partition("/")
    trigger: Body = {
        "routing_key": routing_key,
        "event_action": "trigger",
        "dedup_key": _dedup(event.key),
        "client": CLIENT,
        "payload": {
            "summary": title_of(message)[:_SUMMARY],
            "source": event.object,
            "severity": RULES.get(event.rule, "info"),
            "timestamp": format_time(now),
            "component": event.object.rpartition("/")[2],
            "group": f"{system}/{rest.partition('/')[0]}",
            "class": event.rule,
            "custom_details": {**event.details, "run": event.run, "repeat": message.repeat},
        },
    }
    return [trigger, _resolve(routing_key, event.key)] if event.rule == TEST else [trigger]


def slack(message: Message) -> Body:
    """Return a message for Slack, or for what takes Slack's: plain text in blocks, and the same without blocks.

    C(plain_text) is shown as it is: no mention, no link, no markup. What knows no blocks shows C(text).
    """
    title, text = title_of(message), text_of(message)
    below = _without_markup(text[:_SLACK_SECTION]).replace("`", "'")
    return {
        "text": f"{_without_markup(title)}\n```{below}```",
        "blocks": [
            {"type": "header", "text": _plain(title, _SLACK_HEADER)},
            {"type": "section", "text": _plain(text, _SLACK_SECTION)},
        ],
    }


def webhook(message: Message, now: datetime) -> Body:
    """Return the body of a webhook: the contract of docs/notify.md."""
    event = message.event
    system, _slash, rest = event.object.partition("/")
    return {
        "version": CONTRACT_VERSION,
        "rule": event.rule,
        "severity": RULES.get(event.rule, "info"),
        "title": title_of(message),
        "summary": event.summary,
        "object": event.object,
        "system": system,
        "environment": rest.partition("/")[0],
        "members": sorted(event.members),
        "source": event.source,
        "run": event.run,
        "details": dict(event.details),
        "repeat": message.repeat,
        "since": message.since or format_time(now),
        "at": format_time(now),
        "key": event.key,
        "ends": [state.key for state in message.ends],
        "lab": event.lab,
    }


def mail(message: Message, now: datetime, domain: str) -> tuple[str, str, str, str]:
    """Return subject, text, this mail's id, and the id of the first mail about this state, or nothing.

    :param domain: the right-hand side of the ids.
    """
    event = message.event
    title = title_of(message)
    own = [event.run or str(now.timestamp()), _short(event.key)]
    begun = message.ends[0] if message.ends else None
    key, run = (begun.key, begun.thread) if begun else (event.key, message.thread)
    if begun or message.repeat:
        own.insert(1, str(message.repeat))
    thread = f"<{run}.{_short(key)}@{domain}>" if run else ""
    return one_line(title, _SUBJECT), f"{title}\n\n{text_of(message)}\n", f"<{'.'.join(own)}@{domain}>", thread


def _short(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:12]


def _resolve(routing_key: str, key: str) -> Body:
    return {"routing_key": routing_key, "event_action": "resolve", "dedup_key": _dedup(key)}


def _dedup(key: str) -> str:
    """Return the key, and one that is as good where it is too long."""
    if len(key) <= _DEDUP_KEY:
        return key
    return f"{key[:180]}...{hashlib.sha256(key.encode()).hexdigest()[:40]}"


def _plain(text: str, longest: int) -> Body:
    shorter = text if len(text) <= longest else f"{text[: longest - 3]}..."
    return {"type": "plain_text", "text": shorter, "emoji": False}


def _without_markup(text: str) -> str:
    """Return the text with Slack's control characters escaped, and no mention or link of those that know others."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("](", "] (")
    return without_mentions(escaped)
