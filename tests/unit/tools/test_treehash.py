from __future__ import annotations

from pathlib import Path

import pytest

from tools.treehash import is_stale, tree_hash


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "role" / "tasks").mkdir(parents=True)
    (tmp_path / "role" / "tasks" / "main.yml").write_text("a")
    (tmp_path / "play.yml").write_text("b")
    return tmp_path


def test_order_and_repetition_do_not_matter(tree: Path) -> None:
    assert tree_hash(["role", "play.yml"], tree) == tree_hash(["play.yml", "role", "role/tasks/main.yml"], tree)


@pytest.mark.parametrize("file", ["role/tasks/main.yml", "play.yml", "role/new.yml"])
def test_a_changed_or_new_file_changes_the_hash(tree: Path, file: str) -> None:
    before = tree_hash(["role", "play.yml"], tree)
    (tree / file).write_text("changed")
    assert is_stale(before, ["role", "play.yml"], tree)


def test_a_moved_file_changes_the_hash(tree: Path) -> None:
    before = tree_hash(["role"], tree)
    (tree / "role" / "tasks" / "main.yml").rename(tree / "role" / "main.yml")
    assert is_stale(before, ["role"], tree)


def test_what_python_leaves_does_not_count(tree: Path) -> None:
    before = tree_hash(["role"], tree)
    (tree / "role" / "__pycache__").mkdir()
    (tree / "role" / "__pycache__" / "x.pyc").write_text("")
    assert not is_stale(before, ["role"], tree)


def test_a_vanished_path_is_an_error_and_stale(tree: Path) -> None:
    with pytest.raises(FileNotFoundError, match="gone does not exist"):
        tree_hash(["gone"], tree)
    assert is_stale("", ["gone"], tree)
