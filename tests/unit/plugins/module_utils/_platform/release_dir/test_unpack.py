"""Unpacking: modes, links, hard links, a full disk, an archive that changed, links that lead out together."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import RequestRefused
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir import unpack as under_test
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.archive import Archive, Entry, Kind
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.unpack import Space, lacks, unpack
from tests.unit.plugins.module_utils._platform.release_dir.test_archive import link, member, tar

MIB = 1 << 20


@pytest.mark.parametrize("few", [0, 1000])
def test_everything_is_there(tmp_path: Path, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "_FEW", few)
    sent = Archive(
        tar(
            tmp_path / "sent",
            member("empty", type=tarfile.DIRTYPE),
            member("bin/app", b"run", mode=0o755),
            member("key", b"k", mode=0o600),
            link("lib/current", "../bin"),
            link("gone", "nowhere"),
            link("copy", "bin/app", tarfile.LNKTYPE),
        )
    )
    into = tmp_path / "into"
    into.mkdir()
    unpack(sent, sent.survey(), into)
    assert sorted(os.listdir(into)) == ["bin", "copy", "empty", "gone", "key", "lib"]
    assert (into / "lib/current/app").read_bytes() == b"run"
    assert os.readlink(into / "gone") == "nowhere"
    assert [(into / name).stat().st_mode & 0o7777 for name in ("bin/app", "copy", "key")] == [0o755, 0o755, 0o600]


def test_links_that_lead_out_together(tmp_path: Path) -> None:
    sent = Archive(
        tar(tmp_path / "sent", member("d/f"), link("d/here", "."), link("out", "d/here/../../secret"), link("in", "d"))
    )
    into = tmp_path / "into"
    into.mkdir()
    with pytest.raises(RequestRefused, match="holds the link out, which leads out of the release"):
        unpack(sent, sent.survey(), into)


def test_a_link_to_the_release_itself(tmp_path: Path) -> None:
    sent = Archive(tar(tmp_path / "sent", member("f"), link("self", ".")))
    into = tmp_path / "into"
    into.mkdir()
    unpack(sent, sent.survey(), into)
    assert (into / "self/f").exists()


def test_an_archive_that_grew(tmp_path: Path) -> None:
    sent = Archive(tar(tmp_path / "sent", member("f", b"12345")))
    entries = tuple(Entry("f", Kind.FILE, size=4) for _entry in sent.survey())
    with pytest.raises(RequestRefused, match="f is larger than it said"):
        unpack(sent, entries, tmp_path)


@pytest.mark.parametrize(
    ("space", "said"),
    [
        (Space(100 * MIB, None), ""),
        (Space(100 * MIB, 102), ""),
        (Space(20 * MIB, None), "needs 26 MiB and 20 MiB are free"),
        (Space(100 * MIB, 101), "needs 2 files and the file system has room for 101"),
    ],
)
def test_room(space: Space, said: str) -> None:
    assert lacks(space, [Entry("a", Kind.FILE, size=10 * MIB), Entry("b", Kind.FILE, size=1)]) == said


@pytest.mark.parametrize(("files", "entries"), [(0, None), (100, 50)])
def test_what_the_file_system_says(files: int, entries: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    class Said:
        f_bavail, f_frsize, f_files, f_favail = 10, 4096, files, 50

    monkeypatch.setattr(os, "statvfs", lambda _path: Said)
    assert Space.at(Path("/")) == Space(40960, entries)


def test_a_disk_that_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: Any) -> None:
        raise OSError(28, "No space left on device")

    sent = Archive(tar(tmp_path / "sent", member("f", b"12345")))
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        unpack(sent, sent.survey(), tmp_path)
