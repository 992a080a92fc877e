# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading one value of a probe: each error names the key and says what would be right."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Mapping
from urllib.parse import urljoin, urlsplit

from .._errors import InvalidInput

_CONTROL = re.compile(r"[\x00-\x20\x7f]")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def known_keys(option: Mapping[str, object], known: Iterable[str], where: str) -> dict[str, object]:
    """Return what is given (None is not given), once every key is known."""
    names = sorted(known)
    for key in option:
        if key not in names:
            near = difflib.get_close_matches(str(key), names, n=1)
            remedy = f"Did you mean {near[0]!r}?" if near else f"Known keys: {', '.join(names)}."
            raise InvalidInput(f"{where}.{key} is not a key of a probe", remedy=remedy)
    return {key: value for key, value in option.items() if value is not None}


def mapping(value: object, where: str) -> dict[str, object]:
    """Return a dictionary with names as keys."""
    if not isinstance(value, Mapping):
        raise InvalidInput(f"{where} is {_kind(value)}", remedy="Write it as a dictionary of keys and values.")
    for key in value:
        if not isinstance(key, str) or not key:
            raise InvalidInput(f"{where} has the key {key!r}", remedy="Keys are names; put it in quotes.")
    return dict(value)


def number(value: object, where: str, *, low: float, high: float, unit: str = "") -> float:
    """Return a number between two limits; a string that spells one is accepted, true and false are not."""
    unit = f" {unit}" if unit else ""
    wanted = f"Give a number from {low:g} to {high:g}{unit}."
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise InvalidInput(f"{where} is {_kind(value)}", remedy=wanted)
    try:
        read = float(value)
    except ValueError:
        raise InvalidInput(f"{where} is {value!r}, which is no number", remedy=wanted) from None
    if math.isnan(read) or not low <= read <= high:
        raise InvalidInput(f"{where} is {read:g}{unit}", remedy=wanted)
    return read


def whole(value: object, where: str, *, low: int, high: int) -> int:
    """Return a whole number between two limits."""
    read = number(value, where, low=low, high=high)
    if read != int(read):
        raise InvalidInput(f"{where} is {read:g}", remedy=f"Give a whole number from {low} to {high}.")
    return int(read)


def flag(value: object, where: str) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise InvalidInput(f"{where} is {value!r}", remedy="Write true or false.")
    return value


def text(value: object, where: str) -> str:
    """Return a text that is not empty: an empty one would be found in every answer."""
    if not isinstance(value, str):
        raise InvalidInput(f"{where} is {_kind(value)}", remedy="Write it as text, in quotes.")
    if not value.strip():
        raise InvalidInput(f"{where} is empty", remedy="Give a text, or leave the key out.")
    return str(value)


def statuses(value: object, where: str) -> tuple[int, ...]:
    """Return the accepted status codes, from one number or a list."""
    codes = list(value) if isinstance(value, (list, tuple)) else [value]
    if not codes:
        raise InvalidInput(f"{where} is an empty list", remedy="Name the status that is right, such as 200.")
    return tuple(whole(code, where, low=100, high=599) for code in codes)


def path(value: object, where: str) -> str:
    """Return a dotted path into a JSON body, such as C(checks.database) or C(nodes.0.state)."""
    read = text(value, where)
    if any(not part for part in read.split(".")):
        raise InvalidInput(f"{where} is {read!r}, a path with an empty part", remedy="Write it as checks.database.")
    return read


def header_name(value: str, where: str) -> str:
    """Return the name of a header."""
    if not _HEADER_NAME.fullmatch(value):
        raise InvalidInput(f"{where} has the key {value!r}, which is no header name", remedy="Write it as Server.")
    return value


def token(value: object, where: str) -> str:
    """Return a secret that may stand in a header; the error does not show it."""
    if not isinstance(value, str) or not value or not value.isascii() or _CONTROL.search(value):
        raise InvalidInput(
            f"{where} cannot be sent in a header", remedy="Give the token alone: printable ASCII, no blanks."
        )
    return str(value)


def url(value: object, where: str, base: str | None = None) -> str:
    """Return an absolute http or https URL.

    :param base: the URL on whose server a path such as C(/ready) is taken.
    """
    read = text(value, where).strip()
    if _CONTROL.search(read) or not read.isascii():
        raise InvalidInput(f"{where} holds a blank or a special character", remedy="Write it percent-encoded.")
    if base is not None and read.startswith("/") and not read.startswith("//"):
        read = urljoin(base, read)
    try:
        parts = urlsplit(read)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidInput(f"{where} is no URL: {error}", remedy="Write it as https://host/path.") from None
    if "@" in parts.netloc:
        # the URL is not repeated: it holds a secret
        raise InvalidInput(f"{where} holds a user or password", remedy="Take it out; use bearer_token for a secret.")
    if parts.scheme not in ("http", "https") or not host or port == 0:
        raise InvalidInput(f"{where} is {read!r}", remedy="Write it as https://host/path or http://host/path.")
    return parts._replace(fragment="").geturl()


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    kinds = {str: "text", int: "a number", float: "a number", list: "a list", tuple: "a list", type(None): "empty"}
    for known, name in kinds.items():
        if isinstance(value, known):
            return name
    return "a dictionary" if isinstance(value, Mapping) else f"of type {type(value).__name__}"
