# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Following a module's progress file while it runs, with a line at least every ten seconds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from ...module_utils._clock import Clock
from .lines import Progress, progress_line, silence_line

# a line at least every ten seconds, and a worker that waits for its turn may be late
SILENCE_SECONDS = 9.0
LOOK_SECONDS = 0.2


class Events(Protocol):
    """Where a module's reports come from."""

    def read(self) -> list[dict[str, object]]:
        """Return the new events, oldest first."""


class Tail:
    """Reads what was added to a progress file since the last look; half a line waits for its rest.

    What stood there before is of an earlier turn and was said then.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._offset = path.stat().st_size
        except OSError:
            self._offset = 0

    def read(self) -> list[dict[str, object]]:
        """Return the new events, oldest first; what is no event is skipped."""
        try:
            with self._path.open("rb") as stream:
                stream.seek(self._offset)
                data = stream.read()
        except OSError:
            return []
        whole, newline, _rest = data.rpartition(b"\n")
        self._offset += len(whole) + len(newline)
        events = []
        for line in whole.splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict):
                events.append(event)
        return events


def follow(
    *,
    object: str,
    module: str,
    tail: Events | None,
    finished: Callable[[float], bool],
    say: Callable[[Progress], None],
    clock: Clock,
) -> None:
    """Say what the module reports until it has finished.

    :param finished: waits so many seconds at most and tells whether the module has ended.
    """
    told = spoken = clock.steady()
    last = ""
    while True:
        ended = finished(LOOK_SECONDS)
        for event in tail.read() if tail else []:
            say(progress_line(object, event))
            last = str(event.get("line", ""))
            told = spoken = clock.steady()
        if ended:
            return
        if clock.steady() - spoken >= SILENCE_SECONDS:
            say(silence_line(object, module, clock.steady() - told, last))
            spoken = clock.steady()
