# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The process that keeps a run's leases while the run lives, and frees them when it is gone.

Started by the guard in a session of its own; nothing relies on Ansible's C(always). It ends when the run ended
properly (its directory is gone), and when the run was killed, after the run's modules have stopped.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, cast

from ...module_utils._errors import LeaseLost, OpsError
from . import deadlines
from .leases import RENEW_SECONDS, Leases
from .ledger import store_of
from .processes import Process
from .takeover import SAFE_POINT_SECONDS

_LOOK_SECONDS = 1.0
_START_SECONDS = 20
_MODULE = "ansible_collections.steady.ops.plugins.plugin_utils._ledger.keeper"


class Keeper:
    """Renews the leases of one run."""

    def __init__(self, *, url: str, run: str, process: Process, directory: Path) -> None:
        self._leases = Leases(store_of(url))
        self._run = run
        self._process = process
        self._directory = directory
        self._me = Process.of(os.getpid())
        self._renewed_at = 0.0

    def renew(self) -> None:
        """Renew at the store and let the modules know until when they may go on.

        :raises LeaseLost: somebody else has the objects now; the modules are told to stop.
        """
        since = deadlines.boot_seconds()
        try:
            leases = self._leases.renew(self._run, keeper=self._me)
        except LeaseLost:
            deadlines.stop(self._directory)
            raise
        deadlines.extend(self._directory, leases, since)
        self._renewed_at = since

    def serve(self) -> None:
        """Renew until the run ends; then wait for its modules and free the leases."""
        try:
            descriptor: int | None = os.pidfd_open(self._process.pid)
        except OSError:
            descriptor = None
        while descriptor is not None and self._process.alive():
            if not self._directory.exists():
                return
            self._renew_when_due()
            select.select([descriptor], [], [], _LOOK_SECONDS)
        self._clear()

    def _renew_when_due(self) -> None:
        if deadlines.boot_seconds() - self._renewed_at < RENEW_SECONDS:
            return
        try:
            self.renew()
        except LeaseLost:
            raise
        except OpsError:
            # the store is away: the deadline files run out by themselves unless it comes back in time
            return

    def _clear(self) -> None:
        """The run was killed: stop its modules, keep others away until they have stopped, then free all."""
        deadlines.stop(self._directory)
        gone_at, gone_wall = deadlines.boot_seconds(), time.time()
        while deadlines.module_lives(self._directory):
            silent = time.time() - max(gone_wall, deadlines.last_sign(self._directory))
            if silent > SAFE_POINT_SECONDS and deadlines.boot_seconds() - gone_at > SAFE_POINT_SECONDS:
                break
            if deadlines.boot_seconds() - self._renewed_at >= RENEW_SECONDS:
                self._leases.renew(self._run, keeper=self._me)
                self._renewed_at = deadlines.boot_seconds()
            time.sleep(0.2)
        self._leases.release(self._run)
        deadlines.remove(self._directory)


def start(*, url: str, run: str, process: Process, directory: Path) -> None:
    """Start the keeper of a run and return when it has renewed the leases once.

    :raises OpsError: it did not start.
    """
    options = {"url": url, "run": run, "process": process.as_dict(), "directory": str(directory)}
    # a closed world: this collection's root and nothing of the caller's environment in the search path
    program = f"import sys; sys.path.insert(0, sys.argv[1]); from {_MODULE} import main; main()"
    keeper = subprocess.Popen(
        [sys.executable, "-I", "-c", program, _root(), f"steady.ops keeper of run {run}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
        close_fds=True,
    )
    asked, answered = cast(IO[bytes], keeper.stdin), cast(IO[bytes], keeper.stdout)
    asked.write(json.dumps(options).encode())
    asked.close()
    ready, *_others = select.select([answered], [], [], _START_SECONDS)
    said = answered.readline() if ready else b""
    answered.close()
    if said != b"ready\n":
        keeper.kill()
        keeper.wait()
        reason = said.decode(errors="replace").strip() or "it gave no sign of life"
        raise OpsError(
            f"The process that keeps the leases of this run did not start: {reason}",
            remedy=f"Check that {sys.executable} can be run and import this collection.",
        )


def _root() -> str:
    """Return the directory that holds C(ansible_collections), as this module was found."""
    return str(Path(__file__).absolute().parents[6])


def main() -> None:
    """Be the keeper: options as JSON on standard input, one line C(ready) on standard output."""
    options = json.load(sys.stdin)
    keeper = Keeper(
        url=options["url"],
        run=options["run"],
        process=Process(**options["process"]),
        directory=Path(options["directory"]),
    )
    try:
        keeper.renew()
    except OpsError as error:
        print(error, flush=True)
        return
    print("ready", flush=True)
    devnull = os.open(os.devnull, os.O_RDWR)
    os.dup2(devnull, 0)
    os.dup2(devnull, 1)
    try:
        keeper.serve()
    except OpsError:
        # nothing can be said to anybody any more: the deadlines run out, the lease expires, the next run takes over
        return
