# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The anchor C(file): one line for each end of a run, appended to a file that somebody else has made."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Mapping
from pathlib import Path

from ...module_utils._errors import InvalidInput, OpsError, Unreachable
from .heads import Heads, heads_from


def write(options: Mapping[str, object], heads: Heads) -> None:
    """Append the heads as one line.

    The file is never made here: one that is gone, or a file system that is not mounted, would go unnoticed.

    :raises OpsError: it is not there, is no file, or takes nothing.
    """
    path = _path(options)
    try:
        # a FIFO that nobody reads must not hold up the end of a run
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise InvalidInput(f"{path} is no file", remedy="Name a file")
            # in front too: a line that was torn by a full disk stays one line
            line = b"\n" + heads.as_line() + b"\n"
            if os.write(descriptor, line) != len(line):
                raise Unreachable(f"{path} took half a line only", remedy="Make room there")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _gone(path, error) from None


def read(options: Mapping[str, object], ledger_id: str) -> list[tuple[str, Heads]]:
    """Return the heads of a ledger with their places, oldest first; what is no line of ours is left out.

    :raises OpsError: the file cannot be read.
    """
    path = _path(options)
    kept = []
    try:
        with path.open("rb") as stream:
            for number, line in enumerate(stream, 1):
                heads = heads_from(line) if line.strip() else None
                if heads and heads.ledger == ledger_id:
                    kept.append((f" line {number}", heads))
    except OSError as error:
        raise _gone(path, error) from None
    return kept


def _path(options: Mapping[str, object]) -> Path:
    path = Path(str(options["path"]))
    if not path.is_absolute():
        raise InvalidInput(f"path is {str(path)!r}", remedy="Write it as an absolute path")
    return path


def _gone(path: Path, error: OSError) -> OpsError:
    if isinstance(error, FileNotFoundError):
        quoted = shlex.quote(str(path))
        remedy = f"Mount its file system; if it never was there, make it: `touch {quoted} && sudo chattr +a {quoted}`"
        return Unreachable(f"{path} is not there", remedy=remedy)
    return Unreachable(
        f"{path} cannot be used: {error.strerror or error}", remedy="Let this user append to it and read it"
    )
