# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The content of a directory as one hash, and whether it is still what it was.

The tree hash is the SHA-256 over the sorted entries: path, kind, executable or not, and the content's own hash or the
link's target. Beside it each file's size and times are kept: one that was not touched since is not read again.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .archive import MARK

_CHUNK = 1 << 20
_MOST_ENTRIES = 500_000

# path to (kind, executable, hash or target, signature of the untouched file)
Content = Mapping[str, "Item"]


@dataclass(frozen=True)
class Item:
    """One thing in a tree.

    :param kind: C(f) file, C(d) directory, C(l) link.
    :param mark: the SHA-256 of a file, the target of a link.
    :param untouched: size, modification and change time of a file: while they stand, its content does too.
    """

    kind: str
    executable: bool = False
    mark: str = ""
    untouched: tuple[int, ...] = field(default=(), compare=False)


class TooLarge(Exception):
    """The tree has more entries than a release may have."""


def read_tree(root: Path, without: Iterable[str] = ()) -> dict[str, Item]:
    """Read a directory's whole content.

    :param without: paths to leave out, with all below them: those that are shared by all releases.
    :raises TooLarge: there are too many entries.
    """
    left_out = set(without)
    found: dict[str, Item] = {}
    for path, status in _walk(root, "", left_out):
        found[path] = _item(root / path, status)
        if len(found) > _MOST_ENTRIES:
            raise TooLarge(str(root))
    return found


def tree_hash(content: Content) -> str:
    """Return the hash of a tree, C(sha256:...)."""
    lines = [[path, item.kind, item.executable, item.mark] for path, item in sorted(content.items())]
    return f"sha256:{hashlib.sha256(json.dumps(lines).encode()).hexdigest()}"


def first_change(root: Path, content: Content) -> str:
    """Return the first path that is no longer what it was; empty when all are. What came in addition does not count."""
    for path, item in content.items():
        try:
            status = (root / path).lstat()
            if item.untouched and item.untouched == signature(status):
                continue
            if _item(root / path, status) != item:
                return path
        except OSError:
            return path
    return ""


def as_records(content: Content) -> dict[str, list[object]]:
    """Return a tree as JSON can hold it."""
    return {
        path: [item.kind, item.executable, item.mark, list(item.untouched)] for path, item in sorted(content.items())
    }


def from_records(records: object) -> dict[str, Item]:
    """Read what L(as_records) wrote.

    :raises ValueError: it did not write this.
    """
    if not isinstance(records, Mapping):
        raise ValueError("no list of content")
    try:
        return {
            str(path): Item(str(kind), bool(executable), str(mark), tuple(int(part) for part in untouched))
            for path, (kind, executable, mark, untouched) in records.items()
        }
    except TypeError as error:
        raise ValueError(str(error)) from None


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file, C(sha256:...)."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return f"sha256:{digest.hexdigest()}"


def signature(status: os.stat_result) -> tuple[int, ...]:
    """Return by what an untouched file is known."""
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def _walk(root: Path, below: str, left_out: set[str]) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(root / below) as listed:
        entries = sorted(listed, key=lambda entry: entry.name)
    for entry in entries:
        path = f"{below}/{entry.name}" if below else entry.name
        if path in left_out or path.startswith(MARK):
            continue
        yield path, entry.stat(follow_symlinks=False)
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(root, path, left_out)


def _item(path: Path, status: os.stat_result) -> Item:
    if stat.S_ISLNK(status.st_mode):
        return Item("l", mark=os.readlink(path))
    if stat.S_ISDIR(status.st_mode):
        return Item("d")
    if stat.S_ISREG(status.st_mode):
        return Item("f", bool(status.st_mode & 0o100), file_hash(path), signature(status))
    return Item("?")
