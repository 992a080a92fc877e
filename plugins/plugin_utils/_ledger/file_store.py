# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger in a directory: one file per key, written beside its name, synced, then linked or renamed."""

from __future__ import annotations

import builtins
import contextlib
import fcntl
import hashlib
import os
import secrets
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ...module_utils._errors import InvalidInput, Refused, Unreachable
from .store import INITIALISE, SHOW, Stored, Unusable

_LOCK = ".lock"


def path_of(url: str) -> Path:
    """Return the directory of a C(file:) URL.

    :raises InvalidInput: the URL names another machine or no absolute path.
    """
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost") or not parts.path.startswith("/") or parts.path == "/":
        raise InvalidInput(
            f"ops_ledger is {url!r}",
            remedy="Write it as file:///absolute/directory",
            next={"playbook": "inventory_check"},
        )
    return Path(unquote(parts.path))


class FileStore:
    """Keeps keys as files below one directory, which and which alone the owner may enter."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._root = path_of(url)

    @property
    def url(self) -> str:
        """Return the URL that this was made from."""
        return self._url

    def absence(self) -> str:
        """Return what is there instead of a ledger."""
        if self._root.is_dir():
            return f"{self._root} holds none"
        place = next(each for each in self._root.parents if each.is_dir())
        return f"there is no directory {self._root}" + ("" if place == self._root.parent else f", only {place}")

    def refuse_unplaced(self) -> None:
        """Raise C(Refused) when the directory above is missing: a file system that is not mounted looks so."""
        parent = self._root.parent
        if not parent.is_dir():
            raise Refused(
                f"The ledger {self._url} is not made where there is no directory {parent}",
                remedy="If it existed before, mount or restore it; if it is new, run"
                f" `mkdir -p {shlex.quote(str(parent))}` first",
                next=INITIALISE,
            )

    def create(self) -> None:
        """Make the directory when there is none, but none above it.

        :raises Refused: the one above is missing, or it is there and others may write into it.
        """
        self.refuse_unplaced()
        with self._guarded("created"):
            self._root.mkdir(mode=0o700, exist_ok=True)
        self.refuse_shared()

    def refuse_shared(self) -> None:
        """Raise C(Unusable) when somebody else may write into the directory; a missing one is nobody's."""
        with self._guarded("looked at"):
            try:
                mode = self._root.stat().st_mode
            except FileNotFoundError:
                return
            if mode & 0o022:
                raise Unusable(
                    f"Others may write into the ledger directory {self._root}",
                    remedy=f"Run chmod 700 '{self._root}', then look at it",
                    next=SHOW,
                )

    def put_if_absent(self, key: str, data: bytes) -> bool:
        """Write the key when there is none; tell whether it was written."""
        with self._guarded("written"):
            draft = self._draft(key, data)
            try:
                os.link(draft, self._path(key))
            except FileExistsError:
                return False
            finally:
                draft.unlink(missing_ok=True)
            _sync_directory(self._path(key).parent)
            return True

    def read(self, key: str) -> Stored | None:
        """Return what is under the key; None when there is no such key."""
        with self._guarded("read"):
            try:
                data = self._path(key).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None
            return Stored(data, hashlib.sha256(data).hexdigest())

    def compare_and_swap(self, key: str, expected_version: str | None, data: bytes) -> bool:
        """Write the key when its version (None: no such key) is still the expected one; tell whether it was."""
        with self._guarded("written"), self._locked():
            found = self.read(key)
            if (found.version if found else None) != expected_version:
                return False
            draft = self._draft(key, data)
            os.replace(draft, self._path(key))
            _sync_directory(self._path(key).parent)
            return True

    def list(self, prefix: str) -> builtins.list[str]:
        """Return the keys that begin with the prefix, sorted."""
        folder = prefix.rpartition("/")[0]
        base = self._path(folder) if folder else self._root
        with self._guarded("listed"):
            names = [
                str(Path(where, name).relative_to(self._root))
                for where, _folders, files in os.walk(base)
                for name in files
                if not name.startswith(".")
            ]
        return sorted(name for name in names if name.startswith(prefix))

    def now(self) -> datetime:
        """Return the time of the file system, so that two controllers on one share agree."""
        with self._guarded("written"):
            lock = self._root / _LOCK
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.utime(descriptor)
                return datetime.fromtimestamp(os.fstat(descriptor).st_mtime, UTC)
            finally:
                os.close(descriptor)

    def _path(self, key: str) -> Path:
        if not key or any(part in ("", ".", "..") for part in key.split("/")):
            raise InvalidInput(f"{key!r} is no key of a ledger")
        return self._root / key

    def _draft(self, key: str, data: bytes) -> Path:
        """Write the bytes beside the key's place, synced, and return where."""
        path = self._path(key)
        # one by one: mkdir gives the mode to the last of several only
        for folder in reversed([each for each in path.parents if each.is_relative_to(self._root)]):
            folder.mkdir(mode=0o700, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        return draft

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock of this store; the kernel frees it when the holder dies."""
        descriptor = os.open(self._root / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    @contextlib.contextmanager
    def _guarded(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Unreachable(
                f"The ledger {self._url} cannot be {what}: {error.strerror or error}",
                remedy="Bring its directory back, with room and with rights for this user, then look at it",
                next=SHOW,
            ) from None


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
