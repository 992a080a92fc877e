"""What an archive may hold: everything else is refused before anything is written."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import RequestRefused
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir import archive
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.archive import Archive, Entry, Kind


def member(name: str, data: bytes = b"x", **more: Any) -> tuple[tarfile.TarInfo, bytes]:
    """Return one thing of a tar archive."""
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for key, value in more.items():
        setattr(info, key, value)
    if info.type != tarfile.REGTYPE:
        info.size = 0
    return info, data


def link(name: str, target: str, type: bytes = tarfile.SYMTYPE) -> tuple[tarfile.TarInfo, bytes]:
    return member(name, type=type, linkname=target)


def tar(path: Path, *members: tuple[tarfile.TarInfo, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as opened:  # type: ignore[call-overload]
        for info, data in members:
            opened.addfile(info, io.BytesIO(data))
    return path


def zipped(path: Path, entries: dict[str, tuple[bytes, int]], flag: int = 0) -> Path:
    with zipfile.ZipFile(path, "w") as opened:
        for name, (data, mode) in entries.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            opened.writestr(info, data)
            info.flag_bits |= flag
    return path


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz", "w:bz2"])
def test_a_tar(tmp_path: Path, mode: str) -> None:
    sent = tar(
        tmp_path / "a",
        member("./", type=tarfile.DIRTYPE),
        member("./bin", type=tarfile.DIRTYPE),
        member("bin", type=tarfile.DIRTYPE),
        member("./bin/app", b"run", mode=0o6777),
        member("key", mode=0o400),
        link("bin/same", "app"),
        link("bin/up", "../key"),
        link("copy", "bin/app", tarfile.LNKTYPE),
        mode=mode,
    )
    assert Archive(sent).survey() == (
        Entry("bin", Kind.DIRECTORY, 0o755),
        Entry("bin/app", Kind.FILE, 0o755, 3),
        Entry("key", Kind.FILE, 0o600, 1),
        Entry("bin/same", Kind.LINK, 0o777, 0, "app"),
        Entry("bin/up", Kind.LINK, 0o777, 0, "../key"),
        Entry("copy", Kind.SAME_AS, 0, 0, "bin/app"),
    )


def test_a_zip(tmp_path: Path) -> None:
    sent = zipped(
        tmp_path / "a",
        {
            "app/": (b"", 0o40755),
            "app/run": (b"go", stat.S_IFREG | 0o755),
            "app/plain": (b"", 0),
            "app/link": (b"run", stat.S_IFLNK | 0o777),
        },
    )
    assert Archive(sent, strip=1).survey() == (
        Entry("run", Kind.FILE, 0o755, 2),
        Entry("plain", Kind.FILE, 0o600, 0),
        Entry("link", Kind.LINK, 0o777, 0, "run"),
    )
    assert Archive(sent).survey()[0] == Entry("app", Kind.DIRECTORY, 0o755)


def test_what_is_shared_is_left_out(tmp_path: Path) -> None:
    sent = tar(tmp_path / "a", member("app"), member("logs/.keep"), member("logs2/x"), member(".env"))
    names = [entry.name for entry in Archive(sent, without=("logs", ".env")).survey()]
    assert names == ["app", "logs2/x"]


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ([member("/etc/passwd")], "holds the path '/etc/passwd', which leads out of the release"),
        ([member("a/../../b")], "holds the path 'a/../../b', which leads out of the release"),
        ([link("a", "/etc")], "holds the link a to '/etc', which leads out of the release"),
        ([link("d/a", "../../b")], "holds the link d/a to '../../b', which leads out of the release"),
        ([link("a", "")], "holds the link a to '', which leads out of the release"),
        ([link("a", "../b", tarfile.LNKTYPE)], "holds the path '../b', which leads out of the release"),
        ([link("a", "later", tarfile.LNKTYPE), member("later")], "holds the hard link a to later, which is no file"),
        ([link("a", "b"), member("a/x")], "holds a/x below a, which is no directory"),
        ([member("a"), member("a/x/y")], "holds a/x/y below a, which is no directory"),
        ([member("a"), member("./a")], "holds a twice"),
        ([member("a"), member("a", type=tarfile.DIRTYPE)], "holds a twice"),
        ([member("null", type=tarfile.CHRTYPE)], "holds null, which is a device or pipe"),
        ([member("pipe", type=tarfile.FIFOTYPE)], "holds pipe, which is a device or pipe"),
        ([member(".steady-release.json")], "holds .steady-release.json, a name that steady.ops keeps for itself"),
        ([member("d", type=tarfile.DIRTYPE)], "holds no file, so"),
    ],
)
def test_what_must_not_be_unpacked(tmp_path: Path, members: Any, why: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        Archive(tar(tmp_path / "sent.tgz", *members)).survey()
    assert str(refused.value).startswith("The artefact sent.tgz ")
    assert why in str(refused.value)


def test_nothing_is_left_of_the_paths(tmp_path: Path) -> None:
    with pytest.raises(RequestRefused, match="holds no file below 2 directories"):
        Archive(tar(tmp_path / "a", member("a/b")), strip=2).survey()


def test_a_bomb(tmp_path: Path) -> None:
    sent = tar(tmp_path / "a", member("a", bytes(5000)), member("b", bytes(5000)))
    assert len(Archive(sent, most_bytes=10_000).survey()) == 2
    with pytest.raises(RequestRefused, match="unpacks to more than 9999 bytes"):
        Archive(sent, most_bytes=9999).survey()


def test_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_MOST_ENTRIES", 1)
    with pytest.raises(RequestRefused, match="or 1 entries"):
        Archive(tar(tmp_path / "a", member("a"), member("b"))).survey()


@pytest.mark.parametrize(
    ("entries", "flag", "why"),
    [
        ({"a": (b"x", 0)}, 1, "holds a encrypted"),
        ({"a": (b"x", stat.S_IFIFO)}, 0, "holds a, which is a device or pipe"),
        ({"/": (b"x", 0)}, 0, "which leads out of the release"),
        ({"./": (b"", 0o40755)}, 0, "holds no file"),
    ],
)
def test_zips_that_must_not_be(tmp_path: Path, entries: Any, flag: int, why: str) -> None:
    with pytest.raises(RequestRefused, match=why):
        Archive(zipped(tmp_path / "a", entries, flag)).survey()


def _cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


@pytest.mark.parametrize("spoil", [_cut, lambda data: b"", lambda data: b"no archive at all"])
def test_what_is_no_whole_archive(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    sent = tar(tmp_path / "a", member("a", bytes(range(256)) * 400))
    sent.write_bytes(spoil(sent.read_bytes()))
    with pytest.raises(RequestRefused, match="is no whole tar or zip archive"):
        Archive(sent).survey()


def test_a_file_without_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tarfile.TarFile, "extractfile", lambda *_: None)
    with pytest.raises(RequestRefused, match="a has no content"):
        Archive(tar(tmp_path / "a", member("a"))).survey()
