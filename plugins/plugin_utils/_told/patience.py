# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a run waits for those whom it tells, and what is tried a second time."""

from __future__ import annotations

import time
from collections.abc import Callable

CONNECT_SECONDS = 5.0
ALL_SECONDS = 10.0
_PAUSE_SECONDS = 0.5
# how the problem of a mail begins that arrived, but not with everybody
PARTLY = "refused for "


class Failed(Exception):
    """It was not delivered; the text is why. C(again) tells whether it may be sent once more."""

    def __init__(self, why: str, *, again: bool = False) -> None:
        super().__init__(why)
        self.again = again


def twice(attempt: Callable[[], str], ends_at: float) -> str:
    """Return what an attempt says, or why it failed, after a second one where nothing had arrived and time is left."""
    try:
        return attempt()
    except Failed as failed:
        if not failed.again or left_of(ends_at) <= 2 * _PAUSE_SECONDS:
            return str(failed)
    time.sleep(_PAUSE_SECONDS)
    try:
        return attempt()
    except Failed as failed:
        return str(failed)


def left_of(ends_at: float) -> float:
    """Return the seconds until a moment of the monotonic clock; a little even when it is past."""
    return max(0.1, ends_at - time.monotonic())
