# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person wants of an incident, read from the options: blank is nothing, and no text spoils a line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ...module_utils._clock import format_time, parse_time
from ...module_utils._errors import InvalidInput
from ...module_utils._redact import Redactor
from .severity import classify, function_of, percent_of, severity_of

ACTIONS = ("list", "open", "note", "close", "acknowledge")
_LONGEST = 16384
_LINE = 200
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# they turn the direction of what follows in a terminal
_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_SLUG = re.compile(r"[^a-z0-9]+")
_CHANNEL = 80


@dataclass(frozen=True)
class Wish:
    """What is wanted.

    :param severity: as it was said; C(by_rule) is what the rule makes of users and function.
    :param title: one line; what was longer stands in C(message) too.
    :param reverted: numbers of temporary measures that were taken back.
    """

    action: str
    id: str = ""
    severity: str = ""
    by_rule: str = ""
    users_percent: float | None = None
    function: str = ""
    owner: str = ""
    systems: tuple[str, ...] = ()
    title: str = ""
    message: str = ""
    mitigation: str = ""
    revert_by: str = ""
    reverted: tuple[int, ...] = ()
    resolution: str = ""

    def command(self, action: str = "", **more: str) -> dict[str, object]:
        """Return the command of an action on this incident as errors name it under C(next)."""
        given = {"action": action or self.action, "id": self.id, **more}
        variables = {f"incident_{key}": value for key, value in given.items() if value}
        return {"playbook": "incident", "variables": variables}


def read_wish(action: str, options: Mapping[str, object], redactor: Redactor) -> Wish:
    """Read the options.

    :raises InvalidInput: names the one that is wrong.
    """

    def text(name: str, longest: int = _LONGEST) -> str:
        return cleaned(f"incident_{name}", redactor.text(str(options.get(name) or "")), longest)

    title, message = " ".join(text("title").split()), text("message")
    if len(title) > _LINE:
        # nothing that was said is lost
        message = f"{title}\n{message}".strip()
        title = f"{title[: _LINE - 1]}…"
    users, function = percent_of(text("users_percent")), function_of(text("function"))
    return Wish(
        action=action,
        id=_id_of(text("id")),
        severity=severity_of(text("severity")),
        by_rule=classify(users, function),
        users_percent=users,
        function=function,
        owner=" ".join(text("owner", _LINE).split()),
        systems=_systems(options.get("systems"), redactor),
        title=title,
        message=message,
        mitigation=" ".join(text("mitigation").split()),
        revert_by=_time(text("revert_by")),
        reverted=_numbers(text("reverted")),
        resolution=text("resolution"),
    )


def cleaned(option: str, text: str, longest: int = _LONGEST) -> str:
    """Return a text that can be shown and kept: lines and tabs stay, what steers a terminal does not.

    :raises InvalidInput: it is too long to be kept.
    """
    lines = _TURNING.sub("", text).replace("\r\n", "\n").replace("\r", "\n").strip()
    shown = "".join(one if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cs") else "�" for one in lines)
    if len(shown) > longest:
        raise InvalidInput(
            f"{option} has {len(shown)} characters, and {longest} are kept",
            remedy="Put the whole text into a file and say where that is.",
        )
    return shown


def channel_of(title: str, id: str, day: str) -> str:
    """Return what the channel in a chat is called: lower case, at most 80 characters.

    :param day: as C(20261121).
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = _SLUG.sub("-", plain).strip("-") or _SLUG.sub("-", id.lower()).strip("-")
    return f"incident-{day}-{slug}"[:_CHANNEL].rstrip("-")


def new_id(known: Iterable[str], now: datetime) -> str:
    """Return the next free id of the day: C(INC-20261121-1).

    :param known: ids that were used.
    """
    prefix = f"INC-{now:%Y%m%d}-"
    numbers = [int(rest) for id in known if id.startswith(prefix) and (rest := id[len(prefix) :]).isdecimal()]
    return f"{prefix}{max(numbers, default=0) + 1}"


def later(now: datetime, hours: int = 24) -> str:
    """Return a time to offer."""
    return format_time(now + timedelta(hours=hours))


def is_id(text: str) -> bool:
    """Tell whether an incident may be called so."""
    return bool(_ID.fullmatch(text))


def _id_of(text: str) -> str:
    if text and not is_id(text):
        raise InvalidInput(
            f"incident_id is {text[:40]!r}",
            remedy="Use letters, digits, dots, dashes and underscores, at most 64; left out, one is given.",
        )
    return text


def _systems(value: object, redactor: Redactor) -> tuple[str, ...]:
    parts = value if isinstance(value, (list, tuple)) else str(value or "").split(",")
    words = [" ".join(cleaned("incident_systems", redactor.text(str(part)), _LINE).split()) for part in parts]
    return tuple(dict.fromkeys(word for word in words if word))


def _time(text: str) -> str:
    if not text:
        return ""
    try:
        return format_time(parse_time(text))
    except InvalidInput as error:
        raise InvalidInput(f"incident_revert_by: {error.sentence}", remedy=error.remedy) from None


def _numbers(text: str) -> tuple[int, ...]:
    words = [word for word in re.split(r"[\s,]+", text) if word]
    if not all(word.isascii() and word.isdecimal() and len(word) < 6 for word in words):
        raise InvalidInput(
            f"incident_reverted is {text[:40]!r}",
            remedy="Name the numbers of the temporary measures that were taken back, as the list shows them.",
            next={"playbook": "incident"},
        )
    return tuple(sorted({int(word) for word in words}))
