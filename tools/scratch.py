"""A temporary directory of this checkout for one test run, and the end of what a run left in it.

Tests start real servers. When a run is killed they live on; each works in the run's directory or was started with a
path in it, so that the next run of the same checkout finds and ends exactly those.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tools.treehash import ROOT

TTY_FIELD = 4  # of /proc/PID/stat, counted behind the closing bracket of the name


def scratch_of(root: Path) -> Path:
    """Return the directory for ``root``: short, because sockets have a limit of 107 bytes."""
    return Path(tempfile.gettempdir()) / f"steady-test-{hashlib.sha256(str(root).encode()).hexdigest()[:8]}"


@contextmanager
def scratch(root: Path = ROOT) -> Iterator[Path]:
    """Give an empty directory; on the way out nothing runs in it any more, its files stay until the next run.

    Raises SystemExit when another run of this checkout is under way.
    """
    directory = scratch_of(root)
    lock = root / ".cache" / "test.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit("another `make test` runs in this checkout: wait for it, or stop it") from None
        end_processes(directory)
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(mode=0o711)  # the lab's PostgreSQL user has to pass through
        try:
            yield directory
        finally:
            end_processes(directory)


def end_processes(directory: Path) -> int:
    """Kill what works in ``directory``, until nothing is left that could start more; return how many it were."""
    ended = 0
    for _round in range(20):
        found = list(processes_in(directory))
        if not found:
            break
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                ended += 1
        time.sleep(0.1)
    return ended


def processes_in(directory: Path) -> Iterator[int]:
    """Yield the processes without a terminal that work in ``directory`` or were started with a path in it."""
    inside = f"{directory}/".encode()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with suppress(OSError):
            places = [os.readlink(entry / "cwd").encode() + b"/", *(entry / "cmdline").read_bytes().split(b"\0")]
            terminal = (entry / "stat").read_text().rpartition(")")[2].split()[TTY_FIELD]
            if terminal == "0" and any(place.startswith(inside) for place in places):
                yield int(entry.name)
