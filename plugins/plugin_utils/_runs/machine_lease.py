# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lease of a run as a machine must see it: the same moment, on the machine's own clock.

Clocks of two machines show different numbers. What the machine's clock showed when its answer was written was later
shown nowhere before the answer came: so the machine's clock is at least that far ahead of ours. Counting from there a
deadline is early by the time the answer took, and never late, however long a request lay on its way.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...module_utils._clock import Clock

STOP: dict[str, object] = {"deadline": 0.0, "stop": True}


def read(path: str) -> tuple[float, bool]:
    """Return the deadline of the controller's own lease file, and whether its run is told to stop or cannot be seen."""
    try:
        lease = json.loads(Path(path).read_text(encoding="utf-8"))
        deadline, stop = float(lease["deadline"]), bool(lease["stop"])
    except (OSError, ValueError, OverflowError, KeyError, TypeError):
        return 0.0, True
    return (deadline, stop) if math.isfinite(deadline) else (0.0, True)


def translated(deadline: float, stop: bool, ahead: float) -> dict[str, object]:
    """Return what the machine is to be told.

    :param ahead: how many seconds the machine's clock is ahead of ours, at least.
    """
    return dict(STOP) if stop else {"deadline": deadline + ahead, "stop": False}


@dataclass
class Copy:
    """The lease's copy on one machine, and until when it lasts there.

    While the machine does not answer the deadline that it may have read stays the last: a run that is cut off ends.

    :param path: the controller's own lease file.
    """

    path: str
    clock: Clock
    _ahead: float = 0.0
    _sent: float = 0.0
    _heard_at: float = field(default=0.0)
    _silent: bool = False

    def __post_init__(self) -> None:
        self._heard_at = self.clock.steady()

    def to_send(self) -> dict[str, object]:
        """Return the lease for the next request."""
        deadline, stop = read(self.path)
        if not self._silent:
            self._sent = deadline
        return translated(min(deadline, self._sent), stop, self._ahead)

    def answered(self, answer: Mapping[str, object]) -> None:
        """Take note of an answer that came just now, with what the machine's clock showed when it was written."""
        self._heard_at = self.clock.steady()
        self._ahead = float(str(answer["clock"])) - self._heard_at
        self._silent = False

    def unanswered(self) -> None:
        """Take note that a request got no answer; it may have arrived."""
        self._silent = True

    @property
    def silent_seconds(self) -> float:
        """Since when nothing was heard."""
        return self.clock.steady() - self._heard_at

    @property
    def left(self) -> float:
        """For how many seconds the machine may still think that it has the lease; 0 when it cannot."""
        return max(0.0, self._sent - self.clock.steady())
