# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping secrets out of everything that is shown or kept: by value, and by the shapes they have."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping

MASK = "********"
_SHORTEST_VALUE = 4

_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), MASK),
    # user:password@ in any URL; the password may hold anything but a blank or the last @ before the host
    (re.compile(r"(\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s:/?#@]*):[^\s]*?@(?=[^\s@]*(?:[\s/?#\"']|\Z))"), rf"\1:{MASK}@"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*"), MASK),
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"), MASK),
    (
        re.compile(
            r"\b(?:ghp|gho|ghu|ghs|ghr|glpat|github_pat|xox[abpr]|sk_live|sk_test|rk_live|rnd)[-_][A-Za-z0-9_-]{10,}"
        ),
        MASK,
    ),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"), rf"\1 {MASK}"),
    (
        re.compile(
            r"(?i)([\"']?[\w.-]*(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)[\"']?"
            r"\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&\"']+)"
        ),
        rf"\1{MASK}",
    ),
)


def redact_shapes(text: str) -> str:
    """Return the text with everything masked that has the shape of a secret.

    Shapes: private keys in PEM, passwords in URLs, JWTs, AWS access key ids, well-known token prefixes,
    C(Authorization) values, and C(password=...) in its many spellings.
    """
    for pattern, replacement in _SHAPES:
        text = pattern.sub(replacement, text)
    return text


class Redactor:
    """Masks known secret values, and then whatever has the shape of one.

    :param values: secrets of this run. Those shorter than four characters are left to the shapes:
        masking them would destroy the text.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        known = {value for value in values if len(value) >= _SHORTEST_VALUE}
        spellings = known | {json.dumps(value)[1:-1] for value in known}
        self._values = sorted(spellings, key=len, reverse=True)

    def text(self, text: str) -> str:
        """Return the text with the secrets masked."""
        for value in self._values:
            text = text.replace(value, MASK)
        return redact_shapes(text)

    def value(self, value: object) -> object:
        """Return the same structure with every string in it, keys included, masked."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(item) for key, item in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self.value(item) for item in value]
        return value


def fingerprint(value: object) -> str:
    """Return a short one-way mark by which two secrets can be compared without showing either."""
    canonical = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return f"fp:{hashlib.sha256(canonical.encode()).hexdigest()[:12]}"
