# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run ids: 26 characters that sort by the time at which the run began."""

from __future__ import annotations

import re
import secrets
import time
from datetime import UTC, datetime

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID = re.compile(f"[0-7][{_DIGITS}]{{25}}")


def new_run_id(milliseconds: int | None = None, randomness: int | None = None) -> str:
    """Return a ULID: 48 bits of time, 80 of chance, in Crockford's base 32.

    :param milliseconds: since the epoch; the present when not given.
    :param randomness: 80 bits; drawn when not given.
    """
    when = int(time.time() * 1000) if milliseconds is None else milliseconds
    number = when << 80 | (secrets.randbits(80) if randomness is None else randomness)
    return "".join(_DIGITS[number >> shift & 31] for shift in range(125, -1, -5))


def began(run: str) -> datetime | None:
    """Return when the run of an id began; None where it is no id of ours."""
    if not _ID.fullmatch(run):
        return None
    milliseconds = 0
    for digit in run[:10]:
        milliseconds = milliseconds << 5 | _DIGITS.index(digit)
    return datetime.fromtimestamp(milliseconds // 1000, UTC)
