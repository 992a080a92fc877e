# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes of the lab: started detached, recorded by themselves, ended without ever touching another's.

A record is written by the child between fork and exec, so that a server whose `up` was killed the moment after is still
known. It holds the process id and the start time of that process (clock ticks since boot): an id that was reused has
another start time and is left alone.
"""

from __future__ import annotations

import json
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError

MARKER = "STEADY_LAB_PART"  # in the environment of every process of a lab: "<state directory>#<part>"


@dataclass(frozen=True)
class Process:
    """One process, told apart from a later one with the same id by its start time."""

    pid: int
    started: int

    @property
    def alive(self) -> bool:
        return start_time(self.pid) == self.started


def start_time(pid: int) -> int | None:
    """Clock ticks since boot at which `pid` started; None when it is gone or only a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def read_record(path: Path) -> Process | None:
    """The process that a record names, alive or not; None without a record."""
    try:
        record = json.loads(path.read_text())
        return Process(record["pid"], record["started"])
    except (FileNotFoundError, ValueError, KeyError):
        return None


@dataclass(frozen=True)
class Launch:
    """What to start. `user` is the account to become (only root can), None for one's own."""

    part: str
    argv: list[str]
    cwd: Path
    user: str | None = None


def start(launch: Launch, state: Path) -> Process:
    """Start a detached process with its output in logs/<part>.log; return once it is recorded and running."""
    record = state / "records" / f"{launch.part}.json"
    record.unlink(missing_ok=True)
    account = pwd.getpwnam(launch.user) if launch.user else None

    def become() -> None:  # in the child, between fork and exec
        os.umask(0o077)
        pid = os.getpid()
        handle = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.write(handle, json.dumps({"pid": pid, "started": start_time(pid)}).encode())
        os.close(handle)
        if account:
            os.setgroups([])
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)

    log_file = os.open(state / "logs" / f"{launch.part}.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(log_file, "ab") as log:
        try:
            child = subprocess.Popen(
                launch.argv,
                cwd=launch.cwd,
                env=environment(launch.part, state),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=become,
            )
        except OSError as error:
            record.unlink(missing_ok=True)
            raise LabError(f"{launch.part}: {launch.argv[0]} cannot be started ({error.strerror}).") from error
    process = read_record(record)
    if process is None:
        raise LabError(f"{launch.part}: the process {child.pid} left no record.")
    return process


def environment(part: str, state: Path) -> dict[str, str]:
    """The environment of a lab process: nothing of the caller's but the path, so that no credential gets in."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "HOME": str(state),
        "PYTHONUNBUFFERED": "1",
        MARKER: f"{state}#{part}",
    }


def stop(process: Process | None, *, gently: signal.Signals = signal.SIGTERM, seconds: float = 10.0) -> None:
    """End one process: gently, and by force after `seconds`. A process that is gone, or another's, is left alone."""
    if process is None or not process.alive:
        return
    os.kill(process.pid, gently)
    os.kill(process.pid, signal.SIGCONT)  # a stopped process would keep the request waiting
    if not wait_gone([process], seconds):
        os.kill(process.pid, signal.SIGKILL)
        wait_gone([process], 5.0)


def end_all(processes: Iterable[Process], seconds: float = 3.0) -> None:
    """End many at once: ask all, then force those that stay."""
    found = list(processes)
    for each in (signal.SIGTERM, signal.SIGKILL):
        for process in found:
            if process.alive:
                os.kill(process.pid, each)
        if wait_gone(found, seconds):
            return


def wait_gone(processes: Iterable[Process], seconds: float) -> bool:
    """Whether all of them ended within `seconds`."""
    left, deadline = list(processes), time.monotonic() + seconds
    while left := [each for each in left if each.alive]:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def belonging(state: Path, part: str | None = None) -> list[Process]:
    """Live processes of the lab in `state` (or of one of its parts) that carry its mark, recorded or not.

    PostgreSQL and Redis overwrite their environment's memory, so their programs count when they work in a directory of
    the lab; the sample applications that a fake launches get an environment of their own, so they count by the settings
    file they were given.
    """
    mark = f"{MARKER}={state}#{part or ''}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        started = start_time(int(entry.name))
        if started is not None and _is_ours(entry, state, part, mark):
            found.append(Process(int(entry.name), started))
    return found


def _is_ours(entry: Path, state: Path, part: str | None, mark: bytes) -> bool:
    folder = state / part if part else state
    return _marked(entry, mark, whole=part is not None) or _server_in(entry, folder) or _app_of(entry, folder)


def _app_of(entry: Path, folder: Path) -> bool:
    try:
        words = (entry / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"lab.app" in words and any(word.startswith(str(folder).encode() + b"/") for word in words)


def _marked(entry: Path, mark: bytes, *, whole: bool) -> bool:
    try:
        variables = (entry / "environ").read_bytes().split(b"\0")
    except OSError:
        return False
    return any(each == mark if whole else each.startswith(mark) for each in variables)


def _server_in(entry: Path, folder: Path) -> bool:
    try:
        program, directory = os.readlink(entry / "exe"), os.readlink(entry / "cwd")
    except OSError:
        return False
    name = Path(program.removesuffix(" (deleted)")).name
    return name in ("postgres", "redis-server") and Path(directory.removesuffix(" (deleted)")).is_relative_to(folder)
