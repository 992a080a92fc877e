# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a process runs: read from C(/proc), which every user may in part.

A process is located by its working directory or its program. Where neither lies in a release (a program of the system
that was given a path), the moment of its start tells: what started after the link was switched runs what it leads to.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_DELETED = " (deleted)"
# /proc counts in ticks, and a process may start in the same one
_TICK_SECONDS = 0.02


@dataclass(frozen=True)
class Process:
    """One live process.

    :param started: seconds since the machine booted.
    :param places: its working directory and its program, where this user may see them.
    """

    pid: int
    parent: int
    started: float
    places: tuple[str, ...] = ()

    @property
    def identity(self) -> tuple[int, float]:
        """Return what tells it from a later process with the same number."""
        return self.pid, self.started

    def release(self, releases: Path) -> str:
        """Return the name of the release that it runs in; empty when it cannot be told from its places."""
        prefix = f"{releases}/"
        for place in self.places:
            if place.startswith(prefix):
                return place.removeprefix(prefix).removesuffix(_DELETED).split("/")[0]
        return ""


class Processes:
    """The processes of this machine.

    :param root: where the kernel shows them.
    """

    def __init__(self, root: str = "/proc") -> None:
        self._root = Path(root)
        self._ticks = os.sysconf("SC_CLK_TCK")

    def one(self, pid: int) -> Process | None:
        """Return a process; C(None) when there is none, or only its remains."""
        try:
            said = (self._root / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        # the name of the program may hold blanks and brackets
        fields = said.rpartition(")")[2].split()
        if len(fields) < 20 or fields[0] in ("Z", "X"):
            return None
        return Process(pid, int(fields[1]), int(fields[19]) / self._ticks, tuple(self._places(pid)))

    def every(self) -> Iterator[Process]:
        """Yield all processes."""
        for name in os.listdir(self._root):
            process = self.one(int(name)) if name.isdigit() else None
            if process is not None:
                yield process

    def boot(self) -> str:
        """Return what names this run of the machine."""
        try:
            return (self._root / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        except OSError:
            return ""

    def _places(self, pid: int) -> Iterator[str]:
        for name in ("cwd", "exe"):
            try:
                yield os.readlink(self._root / str(pid) / name)
            except OSError:
                continue


def in_use(processes: Iterable[Process], releases: Path) -> frozenset[str]:
    """Return the names of the releases that some process runs in."""
    return frozenset(name for process in processes if (name := process.release(releases)))


def runs(
    main: Iterable[Process], every: Iterable[Process], releases: Path, name: str, switched: float
) -> tuple[bool, str]:
    """Tell whether a component's processes run that release, and otherwise what they run instead.

    After a graceful reload a main process may be an old one that has new children.

    :param main: the processes that the supervisor names.
    :param every: all processes, among them their children.
    :param switched: when the link was switched, in seconds since the boot.
    """
    others = list(every)
    for process in main:
        where = _runs(process, releases, switched)
        children = (other for other in others if other.parent == process.pid)
        if where in (name, "") or any(_runs(child, releases, switched) in (name, "") for child in children):
            continue
        return False, f"process {process.pid} runs {where}"
    return True, ""


def _runs(process: Process, releases: Path, switched: float) -> str:
    """Return the release that a process runs; empty for: what the link led to when it was switched."""
    located = process.release(releases)
    if located:
        return located
    return "" if process.started >= switched - _TICK_SECONDS else "what served before the link was switched"
