"""Releases of the sample application as archives, the same bytes each time: what a build server would hand over."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

from tools.treehash import ROOT

# as the application's settings; what a release is like is a property of the release
RELEASES: dict[str, Mapping[str, object]] = {
    "1.0.0": {},
    "2.0.0": {},
    "3.0.0": {},
    "9.0.0": {"behaviour": {"kind": "crash"}},
    "9.1.0": {"behaviour": {"kind": "wrong_version", "version": "2.0.0"}},
    # runs on while nobody asks; ends at the first request after a while, and is well again once it was restarted
    "9.2.0": {"behaviour": {"kind": "dies_after", "seconds": 1.5, "mode": "exit"}},
}
PORT = 3000


def write_artefacts(directory: Path, releases: Mapping[str, Mapping[str, object]] | None = None) -> Path:
    """Write ``app-<version>.tar.gz`` for each release into ``directory`` and return it."""
    directory.mkdir(parents=True, exist_ok=True)
    for version, settings in (RELEASES if releases is None else releases).items():
        given = {"version": version, "host": "0.0.0.0", "port": PORT, "contract": "generic", **settings}
        (directory / f"app-{version}.tar.gz").write_bytes(archive(given))
    return directory


def archive(settings: Mapping[str, object]) -> bytes:
    """Return the application with these settings, packed; names, owners and times do not depend on this machine."""
    files = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in (ROOT / "lab" / "app").glob("*.py")}
    files["lab/__init__.py"] = (ROOT / "lab" / "__init__.py").read_bytes()
    files["settings.json"] = json.dumps(settings, indent=2).encode()
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as stream,
        tarfile.open(fileobj=stream, mode="w") as archived,
    ):
        for name, content in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o644
            archived.addfile(member, io.BytesIO(content))
    return packed.getvalue()
