# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sweeping what killed runs left: module files with their options in Ansible's temporary directories, run directories.

Only what belongs to this user, whose process is gone, and that no living process names on its command line.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from .._ledger import deadlines
from .._ledger.processes import Process

# ansible-tmp-<time>-<pid>-<random> of a local connection; the pid is that of the worker that made it
_REMOTE = re.compile(r"ansible-tmp-\d+(?:\.\d+)?-(\d+)-\d+\Z")
# ansible-local-<pid><8 characters>
_LOCAL = re.compile(r"ansible-local-(\d+)[a-z0-9_]{8}\Z")


def pid_of(name: str) -> int | None:
    """Return the process that made a temporary directory of this name; None when it is no such name."""
    found = _REMOTE.match(name) or _LOCAL.match(name)
    return int(found[1]) if found else None


def sweep(
    places: Iterable[Path],
    runs: Path,
    *,
    alive: Callable[[int], bool] = lambda pid: Process.of(pid) is not None,
    command_lines: Callable[[], str] | None = None,
) -> list[Path]:
    """Remove what is left of dead runs and return what was removed.

    :param places: directories in which Ansible makes temporary ones.
    :param runs: the directory of run directories.
    """
    found = [path for place in places for path in _dead(place, alive)]
    if found:
        in_use = (command_lines or _command_lines)()
        found = [path for path in found if str(path) not in in_use]
    for path in found:
        shutil.rmtree(path, ignore_errors=True)
    return found + _dead_runs(runs)


def _dead(place: Path, alive: Callable[[int], bool]) -> list[Path]:
    try:
        entries = list(os.scandir(place))
    except OSError:
        return []
    dead = []
    for entry in entries:
        pid = pid_of(entry.name)
        if pid is None or alive(pid) or not entry.is_dir(follow_symlinks=False):
            continue
        if entry.stat(follow_symlinks=False).st_uid == os.geteuid():
            dead.append(Path(entry.path))
    return dead


def _dead_runs(runs: Path) -> list[Path]:
    """Run directories whose run is over, whose lease nobody waits for, and whose modules have ended."""
    try:
        directories = [path for path in runs.iterdir() if path.is_dir() and not path.is_symlink()]
    except OSError:
        return []
    removed = []
    for path in directories:
        process = deadlines.owner(path)
        if process is None or process.alive() or deadlines.module_lives(path):
            continue
        # a late worker of that run finds no deadline, and so no right to begin
        deadlines.remove(path)
        removed.append(path)
    return removed


def _command_lines() -> str:
    lines = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                lines.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
            except OSError:
                continue
    return "\n".join(lines)
