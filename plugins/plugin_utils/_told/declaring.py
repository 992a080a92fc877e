# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading one value of a channel's declaration: each is right, or named in a sentence that shows no secret."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from .events import RULES

QUIET_HOURS = 4.0
PORTS = {"starttls": 587, "tls": 465, "none": 25}
ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,255}", re.ASCII)
# what is worth waking somebody: rolled back means that it serves, and a refusal broke nothing
_WAKES = frozenset(("failed", "unfinished", "missed", "critical", "recovery"))
_URL = re.compile(r"https?://[\x21-\x7e]{1,2000}")
_HERE = ("localhost", "127.0.0.1", "::1")

Declared = Mapping[str, object]


class Wrong(Exception):
    """A declaration that cannot be used; its text is a sentence."""


def is_local(host: str) -> bool:
    """Tell whether what is sent to the host stays on this machine."""
    return host in _HERE


def wrong_url(url: str, *, secret: bool) -> str:
    """Return what is wrong with an address, without showing it; empty when nothing is.

    :param secret: whether the address is a secret, or goes together with one.
    """
    try:
        parts = urlsplit(url)
        port_fits = parts.port is None or parts.port > 0
    except ValueError:
        parts, port_fits = urlsplit(""), False
    if not port_fits or not _URL.fullmatch(url) or not parts.hostname:
        return "is no http or https address"
    if parts.username is not None or parts.password is not None:
        return "holds a user or a password: name the secret with token_file or token_env"
    if secret and parts.scheme != "https" and not is_local(parts.hostname):
        return "must begin with https://, since a secret goes there"
    return ""


def rules_of(said: object, kind: str) -> frozenset[str]:
    """Return the rules that a channel listens to; where nothing is said, the sensible ones of its kind."""
    if said in (None, ""):
        return _WAKES if kind == "pagerduty" else frozenset(RULES)
    if said == "all":
        return frozenset(RULES)
    names: Collection[object] = [said] if isinstance(said, str) else said if isinstance(said, (list, tuple)) else ()
    if not names:
        raise Wrong("on is neither all nor a list of rules")
    for name in names:
        if not isinstance(name, str) or name not in RULES:
            raise Wrong(f"on names {str(name)[:40]!r}, which is none of all, {', '.join(RULES)}")
    return frozenset(str(name) for name in names)


def text_of(item: Declared, key: str) -> str:
    """Return a text of one line; empty where nothing is said."""
    value = item.get(key)
    if value is None:
        return ""
    if not isinstance(value, str) or not value.isprintable():
        raise Wrong(f"{key} is no text of one line")
    return value.strip()


def flag_of(item: Declared, key: str) -> bool:
    """Return a flag; false where nothing is said."""
    value = item.get(key, False)
    if not isinstance(value, bool):
        raise Wrong(f"{key} is neither true nor false")
    return value


def hours_of(item: Declared) -> float:
    """Return for how many hours the same state stays silent."""
    value = item.get("quiet_hours", QUIET_HOURS)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 24 * 31:
        raise Wrong("quiet_hours is no number of hours from 0 to 744")
    return float(value)


def port_of(item: Declared) -> int:
    """Return the port; where nothing is said, the one that belongs to C(tls)."""
    tls = item.get("tls") or "starttls"
    value = item.get("port", PORTS.get(str(tls), 0))
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 65535:
        raise Wrong("port is no number from 1 to 65535")
    return value


def addresses_of(said: object) -> tuple[str, ...]:
    """Return the mail addresses; none where one of them is not."""
    names = [said] if isinstance(said, str) else said if isinstance(said, (list, tuple)) else []
    return tuple(names) if all(isinstance(name, str) and ADDRESS.fullmatch(name) for name in names) else ()
