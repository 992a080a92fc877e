"""A tree as one hash, and what counts as a change of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir import content
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.content import (
    Item,
    TooLarge,
    as_records,
    first_change,
    from_records,
    read_tree,
    tree_hash,
)


def grow(root: Path) -> Path:
    (root / "bin").mkdir(parents=True)
    (root / "bin/app").write_text("run")
    (root / "bin/app").chmod(0o755)
    (root / "data").write_text("12345")
    (root / "link").symlink_to("bin/app")
    (root / ".steady-release.json").write_text("{}")
    return root


def _write(root: Path) -> None:
    (root / "data").write_text("54321")


def _replace_file_by_link(root: Path) -> None:
    (root / "data").unlink()
    (root / "data").symlink_to("bin/app")


def _relink(root: Path) -> None:
    (root / "link").unlink()
    (root / "link").symlink_to("data")


def test_two_trees_alike(tmp_path: Path) -> None:
    one, other = (tree_hash(read_tree(grow(tmp_path / name))) for name in "ab")
    assert one == other
    assert set(read_tree(tmp_path / "a")) == {"bin", "bin/app", "data", "link"}
    assert set(read_tree(tmp_path / "a", without=["bin", "link"])) == {"data"}


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (_write, "data"),
        (_replace_file_by_link, "data"),
        (_relink, "link"),
        (lambda root: (root / "bin/app").chmod(0o644), "bin/app"),
        (lambda root: (root / "bin/app").unlink(), "bin/app"),
        (lambda root: (root / "bin/app").rename(root / "bin/app2"), "bin/app"),
    ],
)
def test_a_change(tmp_path: Path, change: Callable[[Path], object], where: str) -> None:
    root = grow(tmp_path / "a")
    before = read_tree(root)
    kept = from_records(as_records(before))
    assert (kept, first_change(root, kept)) == (before, "")
    change(root)
    assert first_change(root, kept) == where
    assert tree_hash(read_tree(root)) != tree_hash(before)


def test_what_is_no_change(tmp_path: Path) -> None:
    root = grow(tmp_path / "a")
    kept = read_tree(root)
    (root / "cache").write_text("the application wrote this")
    os.utime(root / "data", (1, 1))
    assert first_change(root, kept) == ""


def test_an_untouched_file_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = grow(tmp_path / "a")
    kept = read_tree(root)
    monkeypatch.setattr(content, "file_hash", None)
    assert first_change(root, kept) == ""


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert read_tree(tmp_path) == {"pipe": Item("?")}


def test_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "_MOST_ENTRIES", 3)
    with pytest.raises(TooLarge):
        read_tree(grow(tmp_path / "a"))


@pytest.mark.parametrize("records", [None, [], {"a": 1}, {"a": ["f"]}, {"a": ["f", True, "x", [None]]}])
def test_records_that_are_none(records: object) -> None:
    with pytest.raises(ValueError):
        from_records(records)
