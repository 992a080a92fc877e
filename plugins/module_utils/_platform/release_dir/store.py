# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The releases on the disk: finding one, telling whether it is whole and still what it was.

A release's digest is the SHA-256 of the archive it came from. Its metadata is written last, so that a directory with
metadata is a whole one; the hash of its tree stands in it, and its content is compared before it may serve again. A
directory without metadata was put there by another tool: its tree hash is its digest.
"""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from ..._errors import OpsError, RequestRefused
from ..._release.protocol import Release
from . import content, storage
from .layout import CONTENT, METADATA, Layout

_HALF_RELEASE = re.compile(r"\..+\.(?:partial|removed)-[0-9a-f]{8}")
_HALF_FILE = re.compile(r"(?:current|\.steady-intent\.json)\.[0-9a-f]{8}")


@dataclass(frozen=True)
class Kept:
    """A release on the disk.

    :param name: of its directory.
    :param digest: empty where another tool put it there and its content was not hashed.
    :param ours: whether it was brought there by this module.
    """

    name: str
    digest: str = ""
    ref: str = ""
    version: str | None = None
    created: str = ""
    ours: bool = True


@dataclass
class Store:
    """The releases of one component.

    What was once hashed or compared is remembered: a run judges a release when it begins.
    """

    layout: Layout
    _hashed: dict[Path, str] = field(default_factory=dict, init=False)
    _whole: dict[Path, str] = field(default_factory=dict, init=False)

    def names(self) -> list[str]:
        """Return the names of all directories that may be releases; half-made and hidden ones are none."""
        with (
            storage.refusing("The releases cannot be listed", self.layout.releases),
            # what stands there instead of a directory is an obstacle, and is said as one
            contextlib.suppress(FileNotFoundError, NotADirectoryError),
        ):
            listed = [item for item in os.scandir(self.layout.releases) if item.is_dir(follow_symlinks=False)]
            return sorted(item.name for item in listed if not item.name.startswith("."))
        return []

    def look(self, name: str) -> Kept:
        """Describe a release directory."""
        directory = self.layout.releases / name
        with storage.refusing(f"Release {name} cannot be read", self.layout.releases):
            said = storage.read_json(directory / METADATA)
        if said is None or said.get("finished") is not True or not said.get("digest"):
            return Kept(name, ours=said is not None)
        version = said.get("version")
        return Kept(
            name,
            str(said["digest"]),
            str(said.get("ref") or ""),
            None if version is None else str(version),
            str(said.get("created") or ""),
        )

    def digest(self, name: str) -> str:
        """Return a release's digest; of another tool's the hash of its tree.

        :raises RequestRefused: it has none: it is half-made, cannot be read, or is too large to be hashed.
        """
        kept = self.look(name)
        if kept.digest:
            return kept.digest
        directory = self.layout.releases / name
        if kept.ours:
            raise RequestRefused(f"{directory} is a release that was not finished")
        if directory not in self._hashed:
            try:
                with storage.refusing(f"{directory} cannot be hashed", self.layout.releases):
                    self._hashed[directory] = content.tree_hash(content.read_tree(directory))
            except content.TooLarge:
                raise RequestRefused(f"{directory} holds too many files to be a release") from None
        return self._hashed[directory]

    def find(self, digest: str) -> str:
        """Return the name of the directory that holds a release; empty when there is none."""
        name = Release(digest).id
        if self.look(name).digest == digest:
            return name
        for other in self.names():
            with contextlib.suppress(OpsError):
                if self.digest(other) == digest:
                    return other
        return ""

    def damage(self, name: str) -> str:
        """Return what is no longer as it was unpacked; empty when all is."""
        directory = self.layout.releases / name
        if not self.look(name).digest:
            # the digest of another tool's release is its content
            return ""
        if directory not in self._whole:
            self._whole[directory] = self._damage(directory)
        return self._whole[directory]

    def _damage(self, directory: Path) -> str:
        with storage.refusing(f"{directory} cannot be read", self.layout.releases):
            metadata, listed = storage.read_json(directory / METADATA), storage.read_json(directory / CONTENT)
        try:
            items = content.from_records((listed or {}).get("tree"))
        except ValueError:
            return CONTENT
        if content.tree_hash(items) != (metadata or {}).get("tree"):
            return CONTENT
        return content.first_change(directory, items)

    def forget(self, name: str) -> None:
        """Forget what was remembered of a release that is replaced."""
        self._whole.pop(self.layout.releases / name, None)

    def leftovers(self) -> list[Path]:
        """Return what killed runs left: half-made and half-removed releases, links and files that got no final name.

        Only asked while the lock is held: what another run makes at this moment looks the same.
        """
        found: list[Path] = []
        for directory, pattern in ((self.layout.releases, _HALF_RELEASE), (self.layout.base, _HALF_FILE)):
            with (
                storage.refusing("What killed runs left cannot be seen", directory),
                contextlib.suppress(FileNotFoundError),
            ):
                found += [directory / name for name in sorted(os.listdir(directory)) if pattern.fullmatch(name)]
        return found
