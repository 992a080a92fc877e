# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping secrets out of everything that is shown or kept: by value, and by the shapes they have."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

MASK = "********"
_SHORTEST_VALUE = 4
_SHORTEST_LINE = 16
_PASSES = 8

# No pattern may begin with an open repetition: on a long word it would try every start again and take minutes.
_NAMES = (
    r"(?:password|passwd|passphrase|pwd|secret|token|signature|requirepass|masterauth"
    r"|(?:api|access|account|private|secret)[_-]?key)"
)
# a quote, plain or as JSON inside JSON writes it
_QUOTE = r"\\*[\"']"
# one character of a value without quotes: a quote ends it only where a structure goes on behind
_BARE = r"(?:[^\s\"']|[\"'](?![\s,;}\])]|:\s|\Z))"

_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            r"-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|\Z)",
            re.DOTALL,
        ),
        MASK,
    ),
    # user:password@ in any URL, up to the last @ before a blank or the next string of a list or mapping: the password
    # may hold anything unencoded
    (re.compile(r"(:\\?/\\?/[^\s:/?#@]*):(?:[^\s\"']|[\"'](?!,\\*[\"'])){0,2000}@"), rf"\1:{MASK}@"),
    (re.compile(r"eyJ[\w-]{5,2000}\.[\w-]+\.[\w-]*(?:\.[\w-]+\.[\w-]+)?", re.ASCII), MASK),
    (re.compile(r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])"), MASK),
    (
        re.compile(
            r"\b(?:ghp|gho|ghu|ghs|ghr|glpat|github_pat|xox[abpr]|sk_live|sk_test|rk_live|rnd)[-_][A-Za-z0-9_-]{10,}"
        ),
        MASK,
    ),
    # headers that are a secret as a whole, as text and as the pair of a dict or tuple, to the end of the line
    (
        re.compile(
            rf"(?i)((?:authorization|cookie)(?:{_QUOTE})?\s*[=:,]\s*)(?P<quote>{_QUOTE}).*?(?:(?<!\\)(?P=quote)|$)",
            re.MULTILINE,
        ),
        rf"\1\g<quote>{MASK}\g<quote>",
    ),
    (re.compile(rf"(?i)((?:authorization|cookie)\s*[=:]\s*)(?!{_QUOTE})[^\s\"'][^\r\n\"']*"), rf"\1{MASK}"),
    (re.compile(r"\b((?i:bearer|basic))\s+(?=[a-z.]*[A-Z0-9_~+/=-])[A-Za-z0-9._~+/=-]{8,}"), rf"\1 {MASK}"),
    # password = "...", "password": "...", \"password\": \"...\", PASSWORD '...' (SQL), and what a shell glues to it
    (
        re.compile(
            rf"(?im)({_NAMES}(?:{_QUOTE})?\s*[=:]\s*|password\s+|identified by\s+)"
            rf"(?P<quote>{_QUOTE}).*?(?:(?<!\\)(?P=quote)(?:(?![\s,;:&}}\])\\]){_BARE}+)?|$)"
        ),
        rf"\1\g<quote>{MASK}\g<quote>",
    ),
    (re.compile(rf"(?i)({_NAMES}(?:{_QUOTE})?\s*[=:]\s*(?:[|>][+-]?\s+)?)(?!{_QUOTE}){_BARE}+"), rf"\1{MASK}"),
    # --password VALUE, as text and as a list
    (re.compile(rf"(?i)(--[\w-]{{0,40}}?{_NAMES}(?:{_QUOTE},\s*{_QUOTE}|\s+))[^\s\"']+"), rf"\1{MASK}"),
)
_SECRET_KEY = re.compile(rf"(?i)(?:{_NAMES}|authorization|cookie)\Z")


def redact_shapes(text: str) -> str:
    """Return the text with everything masked that has the shape of a secret.

    Shapes: private keys in PEM, passwords in URLs, JWTs, AWS access key ids, well-known token prefixes,
    C(Authorization) and C(Cookie) values, and C(password=...) in its many spellings. In doubt it masks too much.
    """
    # what one pass masked may show the next where a secret ends; each pass masks more, so this settles
    for _number in range(_PASSES):
        before = text
        for pattern, replacement in _SHAPES:
            text = pattern.sub(replacement, text)
        if text == before:
            break
    return text


class Redactor:
    """Masks known secret values, and then whatever has the shape of one.

    :param values: secrets of this run. Those shorter than four characters are left to the shapes:
        masking them would destroy the text.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        known = {value for value in values if len(value) >= _SHORTEST_VALUE and value.strip("*")}
        # a certificate's key is often shown line by line
        lines = {line.strip() for value in known for line in value.splitlines()}
        known |= {line for line in lines if len(line) >= _SHORTEST_LINE}
        spellings = {spelling for value in known for spelling in _spellings(value)}
        self._values = sorted(spellings, key=lambda value: (-len(value), value))

    def text(self, text: str) -> str:
        """Return the text with the secrets masked."""
        for value in self._values:
            text = text.replace(value, MASK)
        return redact_shapes(text)

    def value(self, value: object) -> object:
        """Return the same structure, as JSON can hold it, with every secret in it masked.

        Masked are strings as L(Redactor.text) does, keys included, whatever stands under a key that is named like
        a secret, and numbers that are a known secret. What JSON cannot hold becomes its masked text.
        """
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, (int, float)):
            return MASK if str(value) in self._values else value
        if isinstance(value, Mapping):
            return {self.text(str(key)): self._under(str(key), item) for key, item in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self.value(item) for item in value]
        return self.text(value.decode(errors="replace") if isinstance(value, bytes) else str(value))

    def _under(self, key: str, item: object) -> object:
        fencing_token = isinstance(item, int) and key.lower().endswith("token")
        plain = isinstance(item, (str, bytes, int, float)) and not isinstance(item, bool) and item != ""
        return MASK if plain and not fencing_token and _SECRET_KEY.search(key) else self.value(item)


def fingerprint(value: object) -> str:
    """Return a short one-way mark by which two secrets can be compared without showing either."""
    canonical = json.dumps(value, sort_keys=True, default=str)
    return f"fp:{hashlib.sha256(canonical.encode()).hexdigest()[:12]}"


def _spellings(value: str) -> set[str]:
    """Return the ways in which a text shows the value: as it is, in JSON, in JSON inside JSON, in Python, in a URL."""
    in_json = {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    twice = {json.dumps(text)[1:-1] for text in in_json}
    in_url = {write(value, safe="", errors="replace") for write in (quote, quote_plus)}
    return {value, repr(value)[1:-1]} | in_json | twice | in_url
