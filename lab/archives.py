# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Releases of the sample application: the application and what it is like, as files and as an archive.

The same bytes each time, so that a release has one digest wherever it was packed.
"""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.keeper import MACHINE, RELEASE
from lab.place import write_private

LAB = Path(__file__).resolve().parent


def files_of(release: Mapping[str, Any]) -> dict[str, bytes]:
    """What a release holds, by path: the application's code, and `release` as its settings."""
    code = {f"lab/app/{path.name}": path.read_bytes() for path in (LAB / "app").glob("*.py")}
    return {
        **code,
        "lab/__init__.py": (LAB / "__init__.py").read_bytes(),
        RELEASE: (json.dumps(release, indent=2) + "\n").encode(),
    }


def archive_of(release: Mapping[str, Any]) -> bytes:
    """The release as a tar.gz."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as stream,
        tarfile.open(fileobj=stream, mode="w") as archived,
    ):
        for name, content in sorted(files_of(release).items()):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o644
            archived.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def lay_archive(path: Path, release: Mapping[str, Any]) -> None:
    """Write the archive where it is missing."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = path.with_name(f"{path.name}.new")
        beside.write_bytes(archive_of(release))
        beside.replace(path)


def lay_first(component: Path, release: Mapping[str, Any]) -> None:
    """Put a release there by hand, as somebody did before there was steady.ops, where `current` leads nowhere."""
    current = component / "current"
    if current.exists():
        return
    directory = component / "releases" / str(release["version"])
    for name, content in files_of(release).items():
        path = directory / name
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        path.write_bytes(content)
    current.unlink(missing_ok=True)
    current.symlink_to(directory.relative_to(component))


def lay_machine(home: Path, component: Path, settings: Mapping[str, Any]) -> None:
    """Write what the machine knows: where the component lies, its port, its database."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(home / MACHINE, json.dumps({"path": str(component), "settings": dict(settings)}))
