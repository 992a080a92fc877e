# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The run directory: deadline files that modules read, and the lock by which a living module is seen."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterable
from pathlib import Path

from .leases import TTL_SECONDS, Lease
from .processes import Process, this_place

MODULE_LOCK = "module.lock"
# the holder stops this much before others may begin: room for clocks that run at different speeds
MARGIN_SECONDS = 5
_OWNER = "run.json"


def boot_seconds() -> float:
    """Return the clock that counts suspend, as modules read it."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def make(directory: Path, run: str, process: Process) -> None:
    """Make the run directory, for its owner alone, with the lock file and a note whose it is."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.chmod(directory, 0o700)
    os.close(os.open(directory / MODULE_LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    _write(directory / _OWNER, {"run": run, "place": this_place(), "process": process.as_dict()})


def owner(directory: Path) -> Process | None:
    """Return the process whose run directory this is; None when that cannot be told, or not be seen from here."""
    try:
        note = json.loads((directory / _OWNER).read_text(encoding="utf-8"))
        return Process(**note["process"]) if note["place"] == this_place() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def path_for(directory: Path, object: str) -> Path:
    """Return the deadline file of an object."""
    return directory / f"lease-{hashlib.sha256(object.encode()).hexdigest()[:16]}.json"


def extend(directory: Path, leases: Iterable[Lease], since: float) -> None:
    """Write how long each lease may be relied upon.

    :param since: the boot-time clock before the renewal was asked for: it counts from there at the latest.
    """
    for lease in leases:
        _write(path_for(directory, lease.object), {"deadline": since + TTL_SECONDS - MARGIN_SECONDS, "stop": False})


def stop(directory: Path) -> None:
    """Tell the modules of this run to start no further step."""
    with contextlib.suppress(FileNotFoundError):
        for path in sorted(directory.glob("lease-*.json")):
            _write(path, {"deadline": 0, "stop": True})


def module_lives(directory: Path) -> bool:
    """Tell whether a module holds the lock of this run directory."""
    try:
        descriptor = os.open(directory / MODULE_LOCK, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return True
        raise
    finally:
        os.close(descriptor)
    return False


def last_sign(directory: Path) -> float:
    """Return when the run's modules last reported progress, as seconds since the epoch; 0 for never."""
    signs = []
    with contextlib.suppress(FileNotFoundError):
        for path in directory.glob("progress-*"):
            signs.append(path.stat().st_mtime)
    return max(signs, default=0.0)


def remove(directory: Path) -> None:
    """Remove the run directory; what is gone already is no error."""
    shutil.rmtree(directory, ignore_errors=True)


def _write(path: Path, value: object) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(value, stream)
    os.replace(draft, path)
