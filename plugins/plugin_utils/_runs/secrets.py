# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding the secrets among options and variables, by the names they go under."""

from __future__ import annotations

import re
from collections.abc import Mapping

_NAME = re.compile(
    r"(?i)password|passwd|secret|token|api_?key|access_?key|private_?key|authorization|credential|cookie"
)
_NO_SECRET = re.compile(r"(?i)(_file|_path|_arn|_name|_seconds)\Z")


def secrets_in(value: object, *, named: bool = False) -> set[str]:
    """Return every string that stands under the name of a secret, at any depth.

    :param named: whether the value already stands under such a name.
    """
    if isinstance(value, Mapping):
        found: set[str] = set()
        for key, item in value.items():
            name = str(key)
            found |= secrets_in(item, named=named or bool(_NAME.search(name) and not _NO_SECRET.search(name)))
        return found
    if isinstance(value, (list, tuple)):
        return set().union(*(secrets_in(item, named=named) for item in value)) if value else set()
    return {value} if named and isinstance(value, str) and value else set()
