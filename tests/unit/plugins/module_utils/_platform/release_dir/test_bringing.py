"""Bringing a release: whole or not at all, shared paths, owners, damage, full disks."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput, OpsError, RequestRefused
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir import bringing
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.bringing import Artefact, Bringer
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.layout import Layout
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.store import Store
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.unpack import Space
from ansible_collections.steady.ops.plugins.module_utils._release.protocol import Release
from tests.release_world import VirtualClock
from tests.unit.plugins.module_utils._platform.release_dir.machine import archive, digest_of

DATA = archive({"app": "run", "lib/part": "x", "logs/old": "left out"})
RELEASE = Release(digest_of(DATA), ref="1.0.0", schema_revision="7")
Make = Callable[..., Bringer]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    sent = tmp_path / "sent"
    sent.write_bytes(DATA)

    def made(artefact: Artefact | None = None, **more: Any) -> Bringer:
        layout = Layout.at(str(tmp_path / "srv"))
        artefact = artefact or Artefact(str(sent), RELEASE.digest, "1.0.0")
        return Bringer(Store(layout), VirtualClock(), artefact, **more)

    return made


def nothing() -> None:
    """The lease holds."""


def test_a_release(make: Make) -> None:
    bringer = make(shared=("logs/", "data/files/"), owner=(os.getuid(), os.getgid()))
    bringer.preflight(RELEASE)
    assert not bringer.layout.base.exists()
    bringer.make_base()
    assert bringer.bring(RELEASE, nothing) == RELEASE.id
    directory = bringer.layout.releases / RELEASE.id
    assert sorted(os.listdir(directory)) == [
        ".steady-content.json",
        ".steady-release.json",
        "app",
        "data",
        "lib",
        "logs",
    ]
    assert os.readlink(directory / "logs") == "../../shared/logs"
    assert os.readlink(directory / "data/files") == "../../../shared/data/files"
    assert os.listdir(bringer.layout.releases) == [RELEASE.id]
    said = json.loads((directory / ".steady-release.json").read_text())
    assert (said["finished"], said["digest"], said["schema_revision"], said["ref"]) == (
        True,
        RELEASE.digest,
        "7",
        "1.0.0",
    )
    (directory / "logs/new").touch()
    assert bringer.store.damage(RELEASE.id) == ""
    # a second time nothing is asked and nothing done
    assert bringer.bring(RELEASE, lambda: pytest.fail("changed something")) == RELEASE.id
    bringer.preflight(RELEASE)


@pytest.mark.skipif(os.geteuid() != 0, reason="NOT RUN: only root may give files away")
def test_the_owner_gets_the_content_and_not_the_directories_around_it(make: Make) -> None:
    bringer = make(shared=("logs/",), owner=(65534, 65534))
    bringer.bring(RELEASE, nothing)
    directory = bringer.layout.releases / RELEASE.id
    given = (directory, directory / "lib", directory / "lib/part", directory / "logs", bringer.layout.shared / "logs")
    kept = (bringer.layout.base, bringer.layout.releases, bringer.layout.shared, directory / ".steady-release.json")
    assert {path.lstat().st_uid for path in given} == {65534}
    assert {path.lstat().st_uid for path in kept} == {0}
    assert bringer.store.damage(RELEASE.id) == ""


def test_a_shared_file_must_be_there(make: Make) -> None:
    bringer = make(shared=(".env",))
    with pytest.raises(RequestRefused, match=r"shared_paths names .env, and .*shared/.env is not there. Put it there"):
        bringer.bring(RELEASE, nothing)
    assert os.listdir(bringer.layout.releases) == []
    (bringer.layout.shared / ".env").write_text("A=1")
    bringer.bring(RELEASE, nothing)
    assert (bringer.layout.releases / RELEASE.id / ".env").read_text() == "A=1"


def test_what_was_not_sent(make: Make) -> None:
    bringer = make(Artefact(digest=RELEASE.digest))
    bringer.preflight(RELEASE)
    with pytest.raises(RequestRefused, match=r"cannot be served from .*: it is not there. Deploy it with its artefact"):
        bringer.bring(RELEASE, nothing)


@pytest.mark.parametrize(
    ("path", "said"),
    [("/nowhere", "artefact_path '/nowhere' cannot be read: No such file"), ("", "has the digest sha256:")],
)
def test_another_artefact(make: Make, tmp_path: Path, path: str, said: str) -> None:
    other = Release("sha256:" + "0" * 64)
    bringer = make(Artefact(path or str(tmp_path / "sent"), other.digest))
    with pytest.raises(RequestRefused, match=said):
        bringer.bring(other, nothing)
    if path:
        bringer.preflight(other)
    else:
        with pytest.raises(InvalidInput, match=said):
            bringer.preflight(other)


def test_the_lease_is_proved_before_anything_is_written(make: Make) -> None:
    def ran_out() -> None:
        raise OpsError("The lease ran out")

    bringer = make()
    with pytest.raises(OpsError, match="ran out"):
        bringer.bring(RELEASE, ran_out)
    assert not bringer.layout.base.exists()


def test_no_room(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Space, "at", classmethod(lambda cls, path: cls(1, None)))
    bringer = make()
    said = r"Release \w+ cannot be unpacked: it needs 16 MiB and 0 MiB are free on the disk of"
    with pytest.raises(RequestRefused, match=said):
        bringer.preflight(RELEASE)
    with pytest.raises(RequestRefused, match=said):
        bringer.bring(RELEASE, nothing)
    assert not bringer.layout.base.exists()


class TestDamage:
    def test_it_is_replaced_where_the_artefact_is_at_hand(self, make: Make) -> None:
        make().bring(RELEASE, nothing)
        bringer = make()
        part = bringer.layout.releases / RELEASE.id / "lib/part"
        part.write_text("y")
        assert bringer.bring(RELEASE, nothing) == RELEASE.id
        assert part.read_text() == "x"
        assert bringer.store.damage(RELEASE.id) == ""
        (leftover,) = bringer.store.leftovers()
        assert leftover.name.startswith(f".{RELEASE.id}.removed-")

    def test_it_is_refused_where_it_is_not(self, make: Make) -> None:
        make().bring(RELEASE, nothing)
        bringer = make(Artefact())
        (bringer.layout.releases / RELEASE.id / "lib/part").write_text("y")
        with pytest.raises(RequestRefused, match="lib/part in it was changed"):
            bringer.bring(RELEASE, nothing)

    def test_a_way_back_serves_all_the_same(self, make: Make) -> None:
        make().bring(RELEASE, nothing)
        bringer = make(Artefact())
        (bringer.layout.releases / RELEASE.id / "lib/part").write_text("y")
        assert bringer.bring(RELEASE, nothing, strict=False) == RELEASE.id


@pytest.mark.parametrize("call", ["mkdir", "fsync", "symlink", "replace", "rename"])
@pytest.mark.parametrize(("number", "said"), [(errno.ENOSPC, "is full"), (errno.EROFS, "is read-only")])
def test_a_disk_that_refuses_at_each_write(
    make: Make, monkeypatch: pytest.MonkeyPatch, call: str, number: int, said: str
) -> None:
    made = 0
    real = getattr(os, call)
    for after in range(60):
        bringer = make(shared=("logs/",))
        left = iter(range(after))

        def refusing(*args: Any, left: Any = left, **named: Any) -> Any:
            if next(left, None) is None:
                raise OSError(number, "no")
            return real(*args, **named)

        with monkeypatch.context() as patched:
            patched.setattr(os, call, refusing)
            try:
                bringer.bring(RELEASE, nothing)
            except RequestRefused as error:
                made += 1
                assert said in str(error)
        if next(left, None) is not None:
            break
        names = os.listdir(bringer.layout.releases) if bringer.layout.releases.exists() else []
        # only after the rename a sync may fail: then it is whole
        assert [name for name in names if name.startswith(".")] == []
        assert all(not make().store.damage(name) for name in names)
    assert made


def test_a_place_that_cannot_be_made(make: Make, tmp_path: Path) -> None:
    (tmp_path / "srv").touch()
    with pytest.raises(OpsError, match="The component has no directory"):
        make().make_base()


def test_a_tree_with_many_directories(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    real = bringing.storage.sync_directory
    monkeypatch.setattr(bringing.storage, "sync_directory", lambda path: (synced.append(path), real(path)))
    make().bring(RELEASE, nothing)
    assert "lib" in {path.name for path in synced}
