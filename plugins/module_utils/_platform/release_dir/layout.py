# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where everything lies below a component's path, and the link that says what serves."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from ..._errors import InvalidInput

METADATA = ".steady-release.json"
CONTENT = ".steady-content.json"
INTENT = ".steady-intent.json"
LOCK = ".steady-lock"
RESERVE = ".steady-reserve"


@dataclass(frozen=True)
class Link:
    """The link C(current) as it stands.

    :param id: names this very link: another of the same target, made later, has another.
    :param target: what it points to, resolved; it need not exist.
    :param made: when it was made, by the clock on the wall.
    """

    id: str
    target: Path
    made: datetime


@dataclass(frozen=True)
class Layout:
    """C(releases/), C(shared/) and C(current) below one path."""

    base: Path

    @classmethod
    def at(cls, path: str) -> Layout:
        """Return the layout below a path.

        :raises InvalidInput: the path is not absolute, or is the root.
        """
        base = Path(path)
        if not base.is_absolute() or base == Path("/") or ".." in base.parts:
            raise InvalidInput(f"path {path!r} is no absolute path of a component", remedy="Write such as /srv/api.")
        return cls(Path(os.path.realpath(base)))

    @property
    def releases(self) -> Path:
        """Where the releases lie, each in a directory named by its id."""
        return self.base / "releases"

    @property
    def shared(self) -> Path:
        """What outlives the releases."""
        return self.base / "shared"

    @property
    def current(self) -> Path:
        """The link to what serves."""
        return self.base / "current"

    @property
    def intent(self) -> Path:
        """The switch that was announced last."""
        return self.base / INTENT

    @property
    def lock(self) -> Path:
        """Held by the run that changes the component."""
        return self.base / LOCK

    @property
    def reserve(self) -> Path:
        """Room on the disk that is set aside for a way back."""
        return self.base / RESERVE

    def obstacle(self) -> str:
        """Return why nothing can be switched here, with the remedy; empty when it can."""
        if not self.base.parent.is_dir():
            return f"{self.base.parent} is not there. Make it, or correct path"
        for directory in (self.base, self.releases):
            if os.path.lexists(directory) and (directory.is_symlink() or not directory.is_dir()):
                return f"{directory} is no directory. Move it away, or correct path"
        try:
            mode = self.current.lstat().st_mode
        except FileNotFoundError:
            return ""
        if stat.S_ISLNK(mode):
            return ""
        what = "a directory" if stat.S_ISDIR(mode) else "a file"
        keep = f"mv {self.current} {self.releases}/kept && ln -s releases/kept {self.current}"
        remedy = (
            f"Keep it as a release: {keep}" if stat.S_ISDIR(mode) else f"Look at it and remove it: rm {self.current}"
        )
        return f"{self.current} is {what} and should be a link to a release. {remedy}"

    def link(self) -> Link | None:
        """Return the link; C(None) when there is none. Only asked where there is no obstacle."""
        try:
            return describe(self.current)
        except FileNotFoundError:
            return None

    def make_link(self, directory: Path) -> Path:
        """Make a link to a release beside the final one, to be described and then put in its place."""
        beside = self.current.with_name(f"current.{secrets.token_hex(4)}")
        os.symlink(os.path.relpath(directory, self.base), beside)
        return beside

    def put_link(self, beside: Path) -> None:
        """Switch: one rename, so that every reader finds the old release or the new one."""
        os.replace(beside, self.current)


def describe(path: Path) -> Link:
    """Describe a link.

    :raises FileNotFoundError: there is none.
    """
    status, target = path.lstat(), os.readlink(path)
    identity = f"{status.st_ino} {status.st_mtime_ns} {target}"
    made = datetime.fromtimestamp(status.st_mtime, timezone.utc)
    return Link(
        id=f"link-{hashlib.sha256(identity.encode()).hexdigest()[:8]}",
        target=Path(os.path.realpath(path)),
        made=made,
    )
