# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes of this machine: which is meant, and whether it still lives."""

from __future__ import annotations

import functools
import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """A process id and its start time in clock ticks since boot: a reused id has another start."""

    pid: int
    started: int

    @classmethod
    def of(cls, pid: int) -> Process | None:
        """Return the process that has this id now; None when there is none, or only its remains."""
        try:
            text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        # the name in parentheses may hold blanks and parentheses itself
        fields = text.rpartition(")")[2].split()
        state, started = fields[0], int(fields[19])
        return None if state in ("Z", "X") else cls(pid, started)

    def alive(self) -> bool:
        """Tell whether this very process still runs."""
        return Process.of(self.pid) == self

    def as_dict(self) -> dict[str, int]:
        """Return it as the ledger keeps it."""
        return asdict(self)


@functools.cache
def this_place() -> str:
    """Return what two processes share exactly when each can see whether the other lives.

    The host's name, the boot, and the process namespace: two containers on one kernel do not see each other.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:
        # nothing to compare with: never take another's word for one's own
        return f"{socket.gethostname()} unknown {os.getpid()}"
    return f"{socket.gethostname()} {boot} {namespace}"
