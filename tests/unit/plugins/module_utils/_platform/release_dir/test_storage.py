"""Writing that lasts, and what the disk refuses in words."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import AccessDenied, RequestRefused
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir import storage

PLACE = Path("/srv/api")


@pytest.mark.parametrize(
    ("number", "kind", "said"),
    [
        (errno.ENOSPC, RequestRefused, "It stops: the disk that holds /srv/api is full. Free space there"),
        (errno.EDQUOT, RequestRefused, "It stops: the disk that holds /srv/api is full"),
        (errno.EROFS, RequestRefused, "It stops: the file system that holds /srv/api is read-only"),
        (errno.EACCES, AccessDenied, "It stops: /x does not permit it to the user root. Run with become"),
        (errno.EIO, RequestRefused, "It stops: /x: broken"),
    ],
)
def test_what_the_disk_refuses(number: int, kind: type[Exception], said: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(kind) as refused, storage.refusing("It stops", PLACE):
        raise OSError(number, "broken", "/x")
    assert str(refused.value).startswith(said)


def test_a_user_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000)
    assert "to the user 4000000" in str(storage.refusal(OSError(errno.EPERM, "no"), "It stops", PLACE))


def test_an_error_without_words() -> None:
    assert str(storage.refusal(OSError("odd"), "It stops", PLACE)) == "It stops: /srv/api: odd."


def test_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for value in ({"a": 1}, {"b": 2}):
        storage.write_json(path, value)
        assert storage.read_json(path) == value
    assert os.listdir(tmp_path) == ["a.json"]
    assert path.stat().st_mode & 0o777 == 0o644


def test_not_written_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    storage.write_json(path, {"a": 1})

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="full"):
        storage.write_json(path, {"a": 2})
    assert (os.listdir(tmp_path), storage.read_json(path)) == (["a.json"], {"a": 1})


@pytest.mark.parametrize("text", [None, "", "no json", "[1]", "{"])
def test_nothing_to_read(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "a").write_text(text)
    assert storage.read_json(tmp_path / "a") is None
    assert storage.read_json(tmp_path / "a" / "b") is None


def test_removing(tmp_path: Path) -> None:
    (tmp_path / "d/e").mkdir(parents=True)
    (tmp_path / "l").symlink_to("d")
    for name in ("l", "d", "gone"):
        storage.remove(tmp_path / name)
        assert not os.path.lexists(tmp_path / name)


def test_room_is_set_aside_once_and_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reserve = tmp_path / "reserve"
    storage.set_aside(reserve)
    kept = {path.name: (path.stat().st_ino, path.stat().st_blocks > 0) for path in reserve.iterdir()}
    # a link, a file of ours, and one to spare
    assert len(kept) == 3 and all(has_room for number, has_room in kept.values())
    storage.set_aside(reserve)
    assert {path.name: (path.stat().st_ino, True) for path in reserve.iterdir()} == kept
    storage.remove(reserve)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="full"):
        storage.set_aside(reserve)
    assert os.listdir(tmp_path) == []
