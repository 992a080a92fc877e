# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the state of one checkout's lab lives, and who may touch it.

The state directory is short (a socket's path may have 107 bytes) and outside the checkout, because PostgreSQL refuses
root and its own account may not be able to enter the checkout. `.lab` in the checkout is a link to it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lab.errors import LabError

BASE_VARIABLE = "STEADY_LAB_BASE"
LOCK_WAIT_SECONDS = 180.0


class Place:
    """The directories and files of one checkout's lab; nothing is created before `create()`."""

    def __init__(self, checkout: Path) -> None:
        self.checkout = checkout.resolve()
        self.link = self.checkout / ".lab"
        digest = hashlib.sha256(f"{os.geteuid()}:{self.checkout}".encode()).hexdigest()[:12]
        self.state = Path(os.environ.get(BASE_VARIABLE, "/tmp")).resolve() / f"steady-{digest}"
        self.status_file = self.state / "status.json"
        self.logs = self.state / "logs"
        self.records = self.state / "records"
        self.secrets = self.state / "secrets"
        self.ledger = self.state / "ledger"

    def create(self) -> None:
        """Make the directories and the link; refuse a state directory that somebody else has made."""
        if len(str(self.state / "run" / ".s.PGSQL.65535.lock")) > 107:
            raise LabError(f"{self.state} is too long a path for a socket: set {BASE_VARIABLE} to a short directory.")
        # Traversable, so that PostgreSQL's account reaches its own data directory; what is private is 0700 below it.
        self.state.mkdir(mode=0o711, parents=True, exist_ok=True)
        self._refuse_foreign()
        self.state.chmod(0o711)
        for private in (self.logs, self.records, self.secrets, self.ledger):
            private.mkdir(mode=0o700, exist_ok=True)
        self._point_link()

    def _refuse_foreign(self) -> None:
        seen = self.state.lstat()
        if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.geteuid():
            raise LabError(
                f"{self.state} is somebody else's: remove it, or set {BASE_VARIABLE} to a directory of your own."
            )

    def _point_link(self) -> None:
        if self.link.is_symlink():
            target = self.link.readlink()
            if target == self.state:
                return
            if target.exists() and target.stat().st_uid != os.geteuid():
                owner = target.stat().st_uid
                raise LabError(
                    f"{self.link} points to a lab of user id {owner}: run `python -m lab down` as that user."
                )
            self.link.unlink()  # it came along when a checkout was copied, or its directory is gone
        elif self.link.exists():
            raise LabError(f"{self.link} is in the way: the lab wants to make a link of that name, move it aside.")
        self.link.symlink_to(self.state)

    def remove(self) -> None:
        """Remove the state directory and the link to it (not a link that points elsewhere)."""
        if self.state.exists():
            self._refuse_foreign()
            shutil.rmtree(self.state)
        if self.link.is_symlink() and self.link.readlink() == self.state:
            self.link.unlink()

    @contextlib.contextmanager
    def lock(self, say: Callable[[str], None]) -> Iterator[None]:
        """Hold the lab's lock; a killed holder's lock is freed by the kernel.

        The lock is on the directory of this package: a lock file would have to be left behind by `down`.
        """
        handle = os.open(self.checkout / "lab", os.O_RDONLY | os.O_DIRECTORY)
        try:
            give_up, told = time.monotonic() + LOCK_WAIT_SECONDS, False
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if not told:
                        say("another lab command is at work here, waiting for it")
                        told = True
                    if time.monotonic() > give_up:
                        raise LabError(
                            "Another lab command has been at work for three minutes: end it, then try again."
                        ) from None
                    time.sleep(0.1)
            yield
        finally:
            os.close(handle)

    def read_status(self) -> dict[str, Any] | None:
        """What the last `up` wrote, or None when the lab is not up."""
        try:
            status: dict[str, Any] = json.loads(self.status_file.read_text())
        except (FileNotFoundError, NotADirectoryError):
            return None
        except ValueError:
            raise LabError(f"{self.status_file} is damaged: run `lab down`, then `lab up`.") from None
        return status

    def write_status(self, status: dict[str, Any]) -> None:
        """Replace the status file in one step."""
        write_private(self.status_file, json.dumps(status, indent=2) + "\n")

    def secret(self, name: str) -> Path:
        """The file with the random password `name`, made when it is missing."""
        path = self.secrets / name
        if not path.exists():
            write_private(path, secrets.token_urlsafe(24))
        return path


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as stream:
        stream.write(text)
    draft.replace(path)
