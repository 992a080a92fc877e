# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands as the supervisor: for whatever is neither systemd nor pm2."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..._errors import InvalidInput
from .processes import Processes
from .supervisor import Caller, Health, State


@dataclass(frozen=True)
class Commands:
    """Start, stop, reload and status as argument lists, or a file that holds the process id.

    :param start: must return; what it starts goes on by itself.
    :param stop: must return when the application has ended.
    :param reload: makes the running application take what the link leads to; without it stop and start do.
    :param status: ends with 0 while the application runs; asked where there is no pid file.
    """

    caller: Caller
    processes: Processes
    start: tuple[str, ...]
    stop: tuple[str, ...] = ()
    reload: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    pid_file: str = ""
    log_file: str = ""

    def state(self) -> State:
        """Say how the application stands."""
        if not self.pid_file:
            runs = self.caller.call(*self.status).rc == 0
            return State(Health.RUNNING if runs else Health.STOPPED, "running" if runs else "not running")
        pid = self._pid()
        if pid is None or self.processes.one(pid) is None:
            return State(Health.STOPPED, "not running" if pid is None else f"process {pid} is gone")
        return State(Health.RUNNING, "running", (pid,))

    def switch(self, release: str) -> None:
        """Reload, or stop and start."""
        more = {"STEADY_RELEASE": release}
        if self.reload and self.state().health is Health.RUNNING:
            self.caller.must(*self.reload, more=more)
            return
        if self.stop:
            self.caller.must(*self.stop, more=more)
        self.caller.must(*self.start, more=more)

    def settled(self) -> None:
        """There is nothing to note."""

    def last_words(self, since: datetime | None, count: int) -> Sequence[str]:
        """Return the last lines of the log file, whenever they were written."""
        return tail(self.log_file, count) if self.log_file else ()

    def _pid(self) -> int | None:
        try:
            return int(Path(self.pid_file).read_text(encoding="ascii").split()[0])
        except (OSError, ValueError, IndexError):
            return None


def checked(argv: object, name: str) -> tuple[str, ...]:
    """Return an argument list.

    :raises InvalidInput: it is none; a shell line is not taken.
    """
    given = argv or []
    if not isinstance(given, list) or any(not isinstance(part, str) or not part for part in given):
        raise InvalidInput(f"supervisor.{name} is no list of words", remedy=f"Write {name}: [program, argument].")
    return tuple(given)


def tail(path: str, count: int, most_bytes: int = 65536) -> list[str]:
    """Return the last lines of a file; empty when there is none."""
    try:
        with open(path, "rb") as stream:
            stream.seek(0, 2)
            stream.seek(max(0, stream.tell() - most_bytes))
            lines = deque(stream.read().decode("utf-8", "replace").splitlines(), count)
    except OSError as error:
        return [f"({path} cannot be read: {error.strerror})"]
    return list(lines)
