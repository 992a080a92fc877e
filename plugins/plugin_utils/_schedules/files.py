# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a schedule in one directory: what is ours there, what would change, and the change as a whole."""

from __future__ import annotations

import contextlib
import difflib
import os
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...module_utils._errors import Refused

_MODE = 0o644


def mark_of(path: str) -> str:
    """Return the line by which the files of an environment are known as ours."""
    return f"# Written by schedule.yml of steady.ops for {path}: what is changed by hand is written over"


@dataclass(frozen=True)
class Change:
    """One file that would become another.

    :param before: its text now; None where there is none.
    :param after: its text then; None where there will be none.
    """

    name: str
    before: str | None
    after: str | None

    def diff(self) -> list[str]:
        """Return the change as lines of a unified diff."""
        before, after = ((text or "").splitlines() for text in (self.before, self.after))
        old, new = (self.name if text is not None else "none" for text in (self.before, self.after))
        return list(difflib.unified_diff(before, after, old, new, lineterm="", n=1))


class Files:
    """Those of one environment.

    :param ours: tells by its name whether a file belongs to it.
    :param make: whether a directory that is missing is made.
    """

    def __init__(self, directory: Path, mark: str, ours: Callable[[str], bool], *, make: bool = False) -> None:
        self.directory = directory
        self._mark = mark
        self._ours = ours
        self._make = make

    def found(self) -> dict[str, str]:
        """Return what is there, by name.

        :raises Refused: it cannot be read, or somebody else wrote it.
        """
        try:
            names = sorted(name for name in os.listdir(self.directory) if self._ours(name))
            texts = {name: (self.directory / name).read_text(encoding="utf-8", errors="replace") for name in names}
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise Refused(
                f"The units in {self.directory} cannot be read: {error.strerror}",
                remedy="Run this as root, or with -e schedule_user=true.",
            ) from None
        foreign = [name for name in names if self._mark not in texts[name]]
        if foreign:
            raise Refused(
                f"{self.directory / foreign[0]} was not written by this playbook, though it has such a name",
                remedy="Move it away or rename it; nothing was changed.",
            )
        return texts

    def changes(self, wanted: Mapping[str, str]) -> list[Change]:
        """Return what makes the directory hold exactly these of ours."""
        there = self.found()
        names = sorted({*there, *wanted})
        found = [Change(name, there.get(name), wanted.get(name)) for name in names]
        return [each for each in found if each.before != each.after]

    def carry_out(self, changes: Sequence[Change]) -> None:
        """Write all beside their names and then rename them; when that fails nothing is changed.

        :raises Refused: the directory takes nothing.
        """
        drafts: dict[str, Path] = {}
        done: list[Change] = []
        try:
            if self._make:
                self.directory.mkdir(parents=True, exist_ok=True)
            for each in changes:
                if each.after is not None:
                    drafts[each.name] = self.directory / f".{each.name[:180]}.{secrets.token_hex(4)}"
                    _write(drafts[each.name], each.after)
            for each in changes:
                if each.after is None:
                    (self.directory / each.name).unlink(missing_ok=True)
                else:
                    os.replace(drafts[each.name], self.directory / each.name)
                done.append(each)
        except OSError as error:
            for draft in drafts.values():
                with contextlib.suppress(OSError):
                    draft.unlink(missing_ok=True)
            self.put_back(done)
            raise Refused(
                f"The schedules cannot be written into {self.directory}, so nothing was changed: {error.strerror}",
                remedy="Run this as root, with room on the disk, or with -e schedule_user=true.",
            ) from None

    def put_back(self, changes: Iterable[Change]) -> None:
        """Undo changes as far as the disk takes it."""
        for each in changes:
            with contextlib.suppress(OSError):
                if each.before is None:
                    (self.directory / each.name).unlink(missing_ok=True)
                else:
                    _write(self.directory / each.name, each.before)


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fchmod(stream.fileno(), _MODE)
        os.fsync(stream.fileno())
