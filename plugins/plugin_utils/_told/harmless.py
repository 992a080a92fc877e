# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making a text harmless before it leaves: no secret, no control characters, no forged line, no endless length."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from ...module_utils._redact import Redactor
from .events import Details, Event

LONGEST_LINE = 300
_LONGEST_TEXT = 2000
_MOST_LINES = 30
_MOST_ITEMS = 50
_MENTION = re.compile(r"(?<![\w])@(?=\w)")
# between @ and the name it stops a mention, and is not seen
_ZERO_WIDTH = "\u200b"


def one_line(text: str, longest: int = LONGEST_LINE) -> str:
    """Return the text as one line that can be printed: no line breaks, escapes or marks that turn the text around."""
    return _cut(" ".join("".join(char if char.isprintable() else " " for char in text).split()), longest)


def lines_of(text: str) -> list[str]:
    """Return the lines of a text, each printable, and not too many."""
    kept = [line for part in text.splitlines() if (line := one_line(part, _LONGEST_TEXT))]
    return [*kept[:_MOST_LINES], "..."] if len(kept) > _MOST_LINES else kept


def without_mentions(text: str) -> str:
    """Return the text so that a chat alerts nobody for it: C(@here) is no mention any more."""
    return _MENTION.sub(f"@{_ZERO_WIDTH}", text)


def harmless(event: Event, redactor: Redactor) -> Event:
    """Return the event as it may leave this machine: masked first and cut then, since half a secret has no shape."""
    return replace(
        event,
        object=one_line(redactor.text(event.object)),
        summary=one_line(redactor.text(event.summary)),
        details={
            one_line(redactor.text(str(key)), 40): _value(value, redactor) for key, value in event.details.items()
        },
        run=one_line(event.run, 40),
        source=one_line(redactor.text(event.source), 100),
        members=tuple(one_line(redactor.text(member)) for member in event.members),
        state=one_line(redactor.text(event.state)),
    )


def shown(details: Details) -> list[str]:
    """Return the details as lines; what goes on below its first line is indented, so that no value forges a line."""
    lines = []
    for key, value in details.items():
        first, *more = _texts(value) or [""]
        if first:
            lines += [f"{key}: {first}", *(f"    {line}" for line in more)]
    return lines


def _texts(value: object) -> list[str]:
    if isinstance(value, Mapping):
        return [f"{key}: {item}" for key, item in value.items()]
    if isinstance(value, (list, tuple)):
        return [line for item in value for line in _texts(item)]
    return str(value).splitlines()


def _value(value: object, redactor: Redactor) -> object:
    if isinstance(value, Mapping):
        pairs = list(value.items())[:_MOST_ITEMS]
        return {one_line(redactor.text(str(key))): _value(item, redactor) for key, item in pairs}
    if isinstance(value, (list, tuple)):
        return [_value(item, redactor) for item in list(value)[:_MOST_ITEMS]]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return _cut("\n".join(lines_of(redactor.text(str(value)))), _LONGEST_TEXT)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 3]}..."
