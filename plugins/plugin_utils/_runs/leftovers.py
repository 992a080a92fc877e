# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sweeping what killed runs left: module files with their options in Ansible's temporary directories, run directories.

Only what belongs to this user, whose process is gone, and that no living process names on its command line. The code of
a killed module lies in the system's temporary directory, without options, under a name that tells no process: it goes
when it is a day old, longer than any run may last, and nothing runs that module.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from .._ledger import deadlines
from .._ledger.processes import Process

# ansible-tmp-<time>-<pid>-<random> of a local connection; the pid is that of the worker that made it
_REMOTE = re.compile(r"ansible-tmp-\d+(?:\.\d+)?-(\d+)-\d+\Z")
# ansible-local-<pid><8 characters>
_LOCAL = re.compile(r"ansible-local-(\d+)[a-z0-9_]{8}\Z")
# ansible_<full name of a module>_payload_<8 characters>, only of ours
_PAYLOAD = re.compile(r"ansible_steady\.ops\.([a-z0-9_]+)_payload_[a-z0-9_]{8}\Z")
_PAYLOAD_AGE_SECONDS = 24 * 3600


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
    found = [(path, str(path)) for place in places for path in _dead(place, alive)]
    found += _old_payloads(Path(tempfile.gettempdir()))
    if found:
        in_use = (command_lines or _command_lines)()
        found = [(path, user) for path, user in found if user not in in_use]
    for path, _user in found:
        shutil.rmtree(path, ignore_errors=True)
    return [path for path, _user in found] + _dead_runs(runs)


def _dead(place: Path, alive: Callable[[int], bool]) -> list[Path]:
    dead = []
    for entry in _entries(place):
        pid = pid_of(entry.name)
        if pid is not None and not alive(pid) and _changed_at(entry) is not None:
            dead.append(Path(entry.path))
    return dead


def _old_payloads(place: Path) -> list[tuple[Path, str]]:
    """Return each with the words that a process running its module has on its command line."""
    newest = time.time() - _PAYLOAD_AGE_SECONDS
    old = []
    for entry in _entries(place):
        name = _PAYLOAD.match(entry.name)
        changed = _changed_at(entry) if name else None
        if name and changed is not None and changed < newest:
            old.append((Path(entry.path), f"AnsiballZ_{name[1]}.py"))
    return old


def _entries(place: Path) -> list[os.DirEntry[str]]:
    try:
        return list(os.scandir(place))
    except OSError:
        return []


def _changed_at(entry: os.DirEntry[str]) -> float | None:
    """Return when a directory of this user changed, in seconds since 1970; None for all else, and when it is gone."""
    try:
        if not entry.is_dir(follow_symlinks=False):
            return None
        found = entry.stat(follow_symlinks=False)
    except OSError:
        return None
    return found.st_mtime if found.st_uid == os.geteuid() else None


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
