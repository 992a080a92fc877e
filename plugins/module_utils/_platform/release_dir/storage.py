# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing so that it lasts: beside the final name, synced, renamed; and what a refusal of the disk means in words."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import pwd
import secrets
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..._errors import AccessDenied, OpsError, RequestRefused

_FULL = (errno.ENOSPC, errno.EDQUOT)
# a link and a file are written at a time, the file of some hundred bytes
_RESERVED_FILES, _RESERVED_BYTES = 3, 16384
_DENIED = (errno.EACCES, errno.EPERM)


def refusal(error: OSError, doing: str, place: Path) -> OpsError:
    """Return what the disk said as an error of ours: nothing was begun.

    :param doing: what failed, as the beginning of a sentence: C(Release 1.8.0 cannot be unpacked).
    """
    where = error.filename or place
    if is_full(error):
        return RequestRefused(
            f"{doing}: the disk that holds {place} is full",
            remedy="Free space there, or lower keep_releases and run it again.",
        )
    if error.errno == errno.EROFS:
        return RequestRefused(
            f"{doing}: the file system that holds {place} is read-only",
            remedy="Look into the kernel log for why, and mount it writable again.",
        )
    if error.errno in _DENIED:
        return AccessDenied(
            f"{doing}: {where} does not permit it to the user {_user()}",
            remedy="Run with become, as root or as the owner of path, or correct the owner.",
        )
    return RequestRefused(f"{doing}: {where}: {error.strerror or error}")


@contextlib.contextmanager
def refusing(doing: str, place: Path) -> Iterator[None]:
    """Turn an error of the disk into one of ours.

    :raises RequestRefused: the disk is full, read-only, or broken.
    :raises AccessDenied: this user may not.
    """
    try:
        yield
    except OSError as error:
        raise refusal(error, doing, place) from None


def sync_directory(directory: Path) -> None:
    """Make the names in a directory last."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_json(path: Path, value: Mapping[str, object]) -> None:
    """Write a file whole or not at all."""
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(value, stream, sort_keys=True, separators=(",", ":"))
            stream.flush()
            os.fsync(descriptor)
        os.replace(temporary, path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    sync_directory(path.parent)


def set_aside(directory: Path) -> None:
    """Have room for a link and for a file of ours, in bytes and in numbers of files, unless it is there already."""
    if directory.is_dir():
        return
    partial = directory.with_name(f"{directory.name}.{secrets.token_hex(4)}")
    try:
        partial.mkdir(mode=0o700)
        for number in range(_RESERVED_FILES):
            descriptor = os.open(partial / str(number), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(bytes(_RESERVED_BYTES))
                stream.flush()
                os.fsync(descriptor)
        os.rename(partial, directory)
    except OSError:
        remove(partial)
        raise


def is_full(error: OSError) -> bool:
    """Tell whether there was no room on the disk."""
    return error.errno in _FULL


def read_json(path: Path) -> dict[str, object] | None:
    """Return what a file of ours holds; C(None) when it is not there or holds no JSON object."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def remove(path: Path) -> None:
    """Remove a directory, file or link of ours; a part that was left is found by the next run."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    with contextlib.suppress(OSError):
        path.unlink()


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
