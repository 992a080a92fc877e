# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a run may wait for those whom it tells."""

from __future__ import annotations

import time

CONNECT_SECONDS = 5.0
ALL_SECONDS = 10.0


def left_of(ends_at: float) -> float:
    """Return the seconds until a moment of the monotonic clock; a little even when it is past."""
    return max(0.1, ends_at - time.monotonic())
