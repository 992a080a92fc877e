# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bundle: a stretch of the journal in a directory, with what proves it and what tells it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...module_utils._errors import InvalidInput, Refused, Unreachable
from .._ledger.chain import canonical, digest

MANIFEST = "manifest.json"
FORMAT = 1
# a bundle is the same as long as these are: the head and the anchors go on
_LASTING = ("entries.jsonl", "identity.json", "timeline.md")


@dataclass(frozen=True)
class Bundle:
    """What goes into the directory.

    :param facts: what the manifest says beside the files: ledger, system, environment, first and last entry.
    :param files: by name, without the manifest.
    """

    facts: Mapping[str, object]
    files: Mapping[str, bytes]

    @property
    def manifest(self) -> bytes:
        """Return the manifest: the SHA-256 of each file."""
        files = {name: {"sha256": digest(data), "bytes": len(data)} for name, data in sorted(self.files.items())}
        return json.dumps({"format": FORMAT, **self.facts, "files": files}, indent=1, sort_keys=True).encode() + b"\n"

    @property
    def seal(self) -> str:
        """Return the hash of the manifest, which stands for the whole bundle."""
        return digest(self.manifest)


def target_of(said: str, ledger: Path | None) -> Path:
    """Return the directory to write.

    :param ledger: the ledger's own directory, where it has one: an export does not belong there.
    :raises InvalidInput: it is none that could be written.
    """
    if not said:
        raise InvalidInput("journal_to is empty", remedy="Name a directory that does not exist yet", next=_next(""))
    if not said.isprintable():
        raise InvalidInput(f"journal_to is {said!r}", remedy="Leave out what cannot be printed", next=_next(""))
    path = Path(said).expanduser()
    if not path.is_absolute():
        absolute = os.path.abspath(path)
        raise InvalidInput(f"journal_to is {said!r}", remedy="Write it as an absolute path", next=_next(absolute))
    path = Path(os.path.normpath(path))
    if path.is_symlink():
        raise InvalidInput(
            f"journal_to {path} is a symbolic link", remedy="Name the directory itself", next=_next(_beside(path))
        )
    if ledger and path.resolve().is_relative_to(ledger.resolve()):
        raise InvalidInput(
            f"journal_to {path} lies within the ledger", remedy="Name a directory outside it", next=_next("")
        )
    if not path.parent.is_dir():
        raise InvalidInput(
            f"journal_to cannot be made: there is no directory {path.parent}",
            remedy="Make that first, or name a directory in one that is there",
            next=_next(""),
        )
    return path


def is_there(path: Path, bundle: Bundle) -> bool:
    """Tell whether the directory holds this bundle already, whole.

    :raises Refused: it holds anything else.
    """
    if not os.path.lexists(path):
        return False
    try:
        told = json.loads((path / MANIFEST).read_bytes())
        files = {str(name): str(item["sha256"]) for name, item in told["files"].items()}
        whole = all(name == Path(name).name and digest((path / name).read_bytes()) == files[name] for name in files)
        lasting = all(files.get(name) == digest(bundle.files[name]) for name in _LASTING)
        facts = all(told.get(name) == item for name, item in bundle.facts.items())
        same = whole and lasting and facts
        other = f"holds entries {told['first']} to {told['last']}" if whole else "holds an export that was changed"
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        same, other = False, "is there already, and holds no export"
    if same:
        return True
    first, last = bundle.facts["first"], bundle.facts["last"]
    raise Refused(
        f"journal_to {path} {other}, and nothing is overwritten; this would be entries {first} to {last}",
        remedy="Name a directory that does not exist yet",
        next=_next(_beside(path)),
    )


def write(path: Path, bundle: Bundle) -> None:
    """Write the bundle beside its place, synced, and move it there as a whole: 0700 and 0600.

    :raises Unreachable: the place does not take it; nothing is left there.
    """
    draft = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}")
    try:
        try:
            draft.mkdir(mode=0o700)
            for name, data in {**bundle.files, MANIFEST: bundle.manifest}.items():
                _write_file(draft / name, data)
            _sync(draft)
            os.rename(draft, path)
            _sync(path.parent)
        except BaseException:
            with contextlib.suppress(OSError):
                shutil.rmtree(draft, ignore_errors=True)
            raise
    except OSError as error:
        raise Unreachable(
            f"journal_to {path} cannot be written: {error.strerror or error}",
            remedy="Name a directory with room and with rights for this user",
            next=_next(""),
        ) from None


def anchors_file(marks: list[dict[str, object]]) -> bytes:
    """Return the anchored heads, one line each in a list."""
    lines = ",\n".join(canonical(mark).decode() for mark in marks)
    return f"[\n{lines}\n]\n".encode() if lines else b"[]\n"


def _write_file(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _beside(path: Path) -> str:
    """Return a name beside a path that is free."""
    number = 2
    while os.path.lexists(f"{path}-{number}"):
        number += 1
    return f"{path}-{number}"


def _next(to: str) -> dict[str, object]:
    variables = {"journal_action": "export", "journal_to": to or "/ABSOLUTE/NEW-DIRECTORY"}
    return {"playbook": "journal", "variables": variables}
