# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an archive holds, before anything is written: every name, type and size of it is judged first.

Python 3.10 may lack the extraction filters of C(tarfile), so the rules stand here: no absolute path, no C(..), no link
out of the tree, nothing but files, directories and links, no name twice, and an end to size and number.
"""

from __future__ import annotations

import contextlib
import lzma
import posixpath
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import IO

from ..._errors import RequestRefused

MARK = ".steady-"
_MOST_ENTRIES = 500_000
_UNREADABLE = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError)


class Kind(str, Enum):
    """What an entry is."""

    FILE = "file"
    DIRECTORY = "directory"
    LINK = "link"
    SAME_AS = "hard link"


@dataclass(frozen=True)
class Entry:
    """One thing in an archive.

    :param name: its path below the release, parts separated by C(/).
    :param mode: permission bits, already cut down to what a release may have.
    :param target: where a link points, or the name of the file that a hard link is.
    """

    name: str
    kind: Kind
    mode: int = 0o644
    size: int = 0
    target: str = ""


class Archive:
    """A tar archive (plain, gz, bz2, xz) or a zip archive.

    :param strip: how many leading directories to leave out.
    :param without: paths of entries to leave out, with all below them.
    """

    def __init__(self, path: Path, *, strip: int = 0, without: tuple[str, ...] = (), most_bytes: int = 1 << 32) -> None:
        self.path = path
        self._strip = strip
        self._without = without
        self._most_bytes = most_bytes

    def survey(self) -> tuple[Entry, ...]:
        """Return all entries, judged.

        :raises RequestRefused: it is no archive, or something in it must not be unpacked.
        """
        entries: list[Entry] = []
        kinds: dict[str, Kind] = {}
        total = 0
        for entry, _content in self.entries():
            if entry.kind is Kind.DIRECTORY and kinds.get(entry.name) is Kind.DIRECTORY:
                continue
            if entry.name in kinds:
                raise self._refused(f"holds {entry.name} twice")
            if entry.kind is Kind.SAME_AS and kinds.get(entry.target) is not Kind.FILE:
                raise self._refused(f"holds the hard link {entry.name} to {entry.target}, which is no file before it")
            kinds[entry.name] = entry.kind
            entries.append(entry)
            total += entry.size
            if total > self._most_bytes or len(entries) > _MOST_ENTRIES:
                raise self._refused(f"unpacks to more than {self._most_bytes} bytes or {_MOST_ENTRIES} entries")
        for name in kinds:
            above = next((part for part in _above(name) if kinds.get(part, Kind.DIRECTORY) is not Kind.DIRECTORY), None)
            if above is not None:
                raise self._refused(f"holds {name} below {above}, which is no directory")
        if Kind.FILE not in kinds.values():
            raise self._refused("holds no file" + (f" below {self._strip} directories" if self._strip else ""))
        return tuple(entries)

    def entries(self) -> Iterator[tuple[Entry, IO[bytes] | None]]:
        """Yield each entry with its content, which must be read before the next is asked for."""
        try:
            if zipfile.is_zipfile(self.path):
                with zipfile.ZipFile(self.path) as opened:
                    yield from self._of_zip(opened)
            else:
                with tarfile.open(self.path, "r:*") as tar:
                    yield from self._of_tar(tar)
        except _UNREADABLE as error:
            raise self._refused(f"cannot be read to its end ({error}); it is no whole tar or zip archive") from None

    def _of_tar(self, opened: tarfile.TarFile) -> Iterator[tuple[Entry, IO[bytes] | None]]:
        for member in opened:
            name = self._name(member.name)
            if not name:
                continue
            if member.isreg():
                with contextlib.closing(_content(opened, member)) as content:
                    yield Entry(name, Kind.FILE, _file_mode(member.mode), member.size), content
            elif member.isdir():
                yield Entry(name, Kind.DIRECTORY, 0o755), None
            elif member.issym():
                yield Entry(name, Kind.LINK, 0o777, 0, self._inside(name, member.linkname)), None
            elif member.islnk():
                yield Entry(name, Kind.SAME_AS, 0, 0, self._name(member.linkname)), None
            else:
                raise self._refused(f"holds {name}, which is a device or pipe")

    def _of_zip(self, opened: zipfile.ZipFile) -> Iterator[tuple[Entry, IO[bytes] | None]]:
        for info in opened.infolist():
            name = self._name(info.filename)
            if not name:
                continue
            mode = info.external_attr >> 16
            if info.flag_bits & 1:
                raise self._refused(f"holds {name} encrypted")
            if info.is_dir():
                yield Entry(name, Kind.DIRECTORY, 0o755), None
            elif stat.S_ISLNK(mode):
                target = opened.read(info).decode("utf-8", "surrogateescape")
                yield Entry(name, Kind.LINK, 0o777, 0, self._inside(name, target)), None
            elif stat.S_IFMT(mode) in (0, stat.S_IFREG):
                with opened.open(info) as content:
                    yield Entry(name, Kind.FILE, _file_mode(mode or 0o644), info.file_size), content
            else:
                raise self._refused(f"holds {name}, which is a device or pipe")

    def _name(self, written: str) -> str:
        """Return the path below the release; empty when the entry is left out."""
        parts = [part for part in written.split("/") if part not in ("", ".")]
        if written.startswith("/") or ".." in parts or "\0" in written:
            raise self._refused(f"holds the path {written!r}, which leads out of the release")
        name = "/".join(parts[self._strip :])
        if name.startswith(MARK):
            raise self._refused(f"holds {name}, a name that steady.ops keeps for itself")
        left_out = any(name == path or name.startswith(f"{path}/") for path in self._without)
        return "" if left_out else name

    def _inside(self, name: str, target: str) -> str:
        """Return a link's target, which must stay in the tree as it is written; what it meets is judged on the disk."""
        reached = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
        if not target or target.startswith("/") or reached.split("/")[0] == ".." or "\0" in target:
            raise self._refused(f"holds the link {name} to {target!r}, which leads out of the release")
        return target

    def _refused(self, what: str) -> RequestRefused:
        return RequestRefused(
            f"The artefact {self.path.name} {what}, so nothing of it was unpacked",
            remedy="Build the archive again: files, directories and links that stay within it.",
        )


def _content(opened: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    content = opened.extractfile(member)
    if content is None:
        raise tarfile.ReadError(f"{member.name} has no content")
    return content


def _file_mode(mode: int) -> int:
    """Return the permission bits without set-id bits and without write for others; the owner can always read."""
    return mode & 0o755 | 0o600


def _above(name: str) -> Iterator[str]:
    while "/" in name:
        name = name.rpartition("/")[0]
        yield name
