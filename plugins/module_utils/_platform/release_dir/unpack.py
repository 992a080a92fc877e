# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unpacking an archive that was judged, into a directory that nobody looks at yet."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ..._errors import RequestRefused
from .archive import Archive, Entry, Kind

_CHUNK = 1 << 20
# so many files are synced one by one; for more the kernel is asked once
_FEW = 1000
_SPARE_BYTES = 16 << 20
_BLOCK = 4096


@dataclass(frozen=True)
class Space:
    """What is free where releases lie.

    :param entries: how many files can still be made; C(None) where the file system has no such limit.
    """

    bytes: int
    entries: int | None

    @classmethod
    def at(cls, directory: Path) -> Space:
        """Ask the file system."""
        said = os.statvfs(directory)
        return cls(said.f_bavail * said.f_frsize, said.f_favail if said.f_files else None)


def lacks(space: Space, entries: Sequence[Entry]) -> str:
    """Return what is missing to unpack these, as the second half of a sentence; empty when there is room. Pure."""
    needed = _SPARE_BYTES + sum(-(-entry.size // _BLOCK) * _BLOCK + _BLOCK for entry in entries)
    if space.bytes < needed:
        return f"needs {needed >> 20} MiB and {space.bytes >> 20} MiB are free"
    if space.entries is not None and space.entries < len(entries) + 100:
        return f"needs {len(entries)} files and the file system has room for {space.entries}"
    return ""


def unpack(archive: Archive, entries: Sequence[Entry], into: Path) -> None:
    """Write all entries below a new, empty directory, synced.

    :raises OSError: the disk refused; what was written so far is there.
    :raises RequestRefused: the archive is broken, or a link in it leads out.
    """
    synced = len(entries) <= _FEW
    left = sum(entry.size for entry in entries)
    links: list[Entry] = []
    for entry, content in archive.entries():
        target = into / entry.name
        if entry.kind is Kind.LINK:
            links.append(entry)
        elif entry.kind is Kind.DIRECTORY:
            target.mkdir(mode=0o755, parents=True, exist_ok=True)
        else:
            target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            if content is None:
                os.link(into / entry.target, target, follow_symlinks=False)
            else:
                left -= _write(content, target, entry.mode, left, synced)
    for entry in links:
        (into / entry.name).parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        os.symlink(entry.target, into / entry.name)
    _keep_inside(archive, links, into)
    if not synced:
        os.sync()


def _write(content: IO[bytes], target: Path, mode: int, most: int, synced: bool) -> int:
    """Write one file and return its size."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        written = 0
        while chunk := content.read(_CHUNK):
            written += len(chunk)
            if written > most:
                raise RequestRefused(f"The artefact grew while it was unpacked: {target.name} is larger than it said")
            stream.write(chunk)
        stream.flush()
        os.fchmod(descriptor, mode)
        if synced:
            os.fsync(descriptor)
    return written


def _keep_inside(archive: Archive, links: Sequence[Entry], root: Path) -> None:
    """Follow every link on the disk: a chain of links may lead out although each one looks harmless."""
    inside = os.path.realpath(root)
    for entry in links:
        reached = os.path.realpath(root / entry.name)
        if reached != inside and not reached.startswith(f"{inside}/"):
            raise RequestRefused(
                f"The artefact {archive.path.name} holds the link {entry.name}, which leads out of the release, so"
                " nothing of it was kept",
                remedy="Build the archive again: links must stay within it.",
            )
