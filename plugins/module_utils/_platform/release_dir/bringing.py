# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing a release to the disk: unpacked beside its final name, compared, marked as whole, then renamed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ..._clock import Clock, format_time
from ..._errors import InvalidInput, OpsError, RequestRefused
from ..._release.protocol import Release
from . import content, storage
from .archive import Archive, Entry
from .layout import CONTENT, METADATA, Layout
from .store import Store
from .unpack import Space, lacks, unpack


@dataclass(frozen=True)
class Artefact:
    """An archive that was sent to this machine.

    :param path: empty where only its digest is known, as in a plan.
    :param digest: the SHA-256 that it must have.
    """

    path: str = ""
    digest: str = ""
    ref: str = ""
    version: str | None = None
    strip: int = 0
    most_bytes: int = 1 << 32

    def check(self) -> None:
        """Compare what was sent with what was asked for.

        :raises InvalidInput: it is not there, or is another.
        """
        try:
            found = content.file_hash(Path(self.path))
        except OSError as error:
            raise InvalidInput(
                f"artefact_path {self.path!r} cannot be read: {error.strerror}", remedy="Send the archive first."
            ) from None
        if found != self.digest:
            raise InvalidInput(
                f"The artefact of {self.ref or self.digest} has the digest {found}, not {self.digest}",
                remedy="It was damaged on its way or is another one: send it again.",
            )


@dataclass
class Bringer:
    """Brings releases of one component.

    :param owner: user and group that get the content of releases and shared directories; C(None) leaves them to whoever
        runs this. The directories around them stay his: who may not rename a release cannot lead root astray in it.
    :param shared: paths that outlive a release, each a link in it; those that end with C(/) are directories.
    """

    store: Store
    clock: Clock
    artefact: Artefact = field(default_factory=Artefact)
    owner: tuple[int, int] | None = None
    shared: tuple[str, ...] = ()

    @property
    def layout(self) -> Layout:
        """Where everything lies."""
        return self.store.layout

    def preflight(self, release: Release) -> None:
        """Say before anything is begun why a release could not be unpacked.

        What was not sent yet, as in a plan, is not judged; the run itself refuses it.

        :raises OpsError: it could not.
        """
        if self.artefact.path and os.path.exists(self.artefact.path) and not self.store.find(release.digest):
            self.artefact.check()
            self._survey(release)

    def bring(self, release: Release, before_change: Callable[[], None], *, strict: bool = True) -> str:
        """Have a release on the disk, whole, and return the name of its directory.

        :param before_change: raises when this run may change nothing any more.
        :param strict: whether a release that was changed since it was unpacked is refused (or replaced); on a way back,
            which was judged when the run began, it serves all the same.
        :raises RequestRefused: it cannot be unpacked; nothing of it is left.
        """
        name, artefact = self.store.find(release.digest), self.artefact
        if name and not (strict and self.store.damage(name)):
            return name
        if release.digest != artefact.digest or not artefact.path:
            why = f"{self.store.damage(name)} in it was changed" if name else "it is not there"
            raise RequestRefused(
                f"Release {release.label} cannot be served from {self.layout.releases}: {why}",
                remedy="Deploy it with its artefact.",
            )
        before_change()
        try:
            artefact.check()
            return self._unpack(release)
        except InvalidInput as error:
            # to the engine: the switch was refused, and nothing was begun
            raise RequestRefused(error.sentence, remedy=error.remedy) from None

    def _survey(self, release: Release) -> tuple[Archive, tuple[Entry, ...]]:
        """Judge what is in the artefact, and whether there is room for it."""
        artefact, doing = self.artefact, _doing(release)
        without = tuple(path.strip("/") for path in self.shared)
        archive = Archive(Path(artefact.path), strip=artefact.strip, without=without, most_bytes=artefact.most_bytes)
        nearest = next(path for path in (self.layout.releases, *self.layout.releases.parents) if path.is_dir())
        with storage.refusing(doing, nearest):
            entries = archive.survey()
            missing = lacks(Space.at(nearest), entries)
        if missing:
            raise RequestRefused(f"{doing}: it {missing} on the disk of {nearest}", remedy="Free space there.")
        return archive, entries

    def _unpack(self, release: Release) -> str:
        archive, entries = self._survey(release)
        releases = self.layout.releases
        partial = releases / f".{release.id}.partial-{secrets.token_hex(4)}"
        try:
            with storage.refusing(_doing(release), releases):
                for directory in (releases, self.layout.shared):
                    self._make(directory)
                partial.mkdir(mode=0o755)
                unpack(archive, entries, partial)
                self._link_shared(partial)
                self._give(partial)
                self._finish(partial, release)
                self._put(partial, releases / release.id)
        except OpsError:
            storage.remove(partial)
            raise
        return release.id

    def _finish(self, partial: Path, release: Release) -> None:
        """Write down what the release is; its mark comes last, when all else is on the disk."""
        tree = content.read_tree(partial, without=tuple(path.strip("/") for path in self.shared))
        storage.write_json(partial / CONTENT, {"tree": content.as_records(tree)})
        for directory in (path for path, item in tree.items() if item.kind == "d"):
            storage.sync_directory(partial / directory)
        about: dict[str, object] = {
            "id": release.id,
            "ref": release.ref,
            "digest": release.digest,
            "version": release.version,
            "schema_revision": release.schema_revision,
            "tree": content.tree_hash(tree),
            "created": format_time(self.clock.now()),
            "finished": True,
        }
        storage.write_json(partial / METADATA, about)

    def _put(self, partial: Path, directory: Path) -> None:
        """Give it its final name; a damaged one that has it is moved out of the way."""
        if os.path.lexists(directory):
            os.rename(directory, directory.with_name(f".{directory.name}.removed-{secrets.token_hex(4)}"))
        os.rename(partial, directory)
        storage.sync_directory(directory.parent)
        self.store.forget(directory.name)

    def _link_shared(self, partial: Path) -> None:
        for written in self.shared:
            path = written.strip("/")
            source = self.layout.shared / path
            if not os.path.lexists(source):
                if not written.endswith("/"):
                    raise InvalidInput(
                        f"shared_paths names {written}, and {source} is not there",
                        remedy=f"Put it there, or write {written}/ for a directory that may be made.",
                    )
                self._make(source, self.owner)
            target = partial / path
            target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            os.symlink(os.path.relpath(source, target.parent), target)

    def make_base(self) -> None:
        """Have the directory of the component.

        :raises OpsError: it cannot be made.
        """
        with storage.refusing("The component has no directory", self.layout.base):
            self._make(self.layout.base)

    def _make(self, directory: Path, owner: tuple[int, int] | None = None) -> None:
        """Make a directory that stays, with those above it below the component's path."""
        for above in (directory, *directory.parents)[::-1]:
            if (above == self.layout.base or self.layout.base in above.parents) and not above.is_dir():
                above.mkdir(mode=0o755)
                if owner is not None:
                    os.chown(above, *owner, follow_symlinks=False)

    def _give(self, partial: Path) -> None:
        """Give the content away, from the leaves to the root, so that nobody can exchange a part on the way."""
        if self.owner is None:
            return
        for _above, directories, files, place in os.fwalk(partial, topdown=False):
            for name in (*directories, *files):
                os.chown(name, *self.owner, dir_fd=place, follow_symlinks=False)
        os.chown(partial, *self.owner, follow_symlinks=False)


def _doing(release: Release) -> str:
    return f"Release {release.label} cannot be unpacked"
