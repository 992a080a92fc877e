"""Where everything lies, and what is in the way."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.layout import Layout


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    (tmp_path / "releases/a").mkdir(parents=True)
    (tmp_path / "releases/b").mkdir()
    return Layout.at(str(tmp_path))


@pytest.mark.parametrize("path", ["srv/api", "/", "/srv/../etc"])
def test_what_is_no_path_of_a_component(path: str) -> None:
    with pytest.raises(InvalidInput, match="is no absolute path of a component"):
        Layout.at(path)


def test_a_path_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "srv").symlink_to("data")
    assert Layout.at(f"{tmp_path}/srv").base == tmp_path / "data"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda base: None, ""),
        (lambda base: (base / "current").symlink_to("nowhere"), ""),
        (lambda base: (base / "current").mkdir(), "is a directory and should be a link to a release. Keep it as a"),
        (lambda base: (base / "current").touch(), "is a file and should be a link to a release. Look at it and remove"),
        (
            lambda base: (base / "releases").rename(base / "r") and (base / "releases").symlink_to("r"),
            "is no directory",
        ),
    ],
)
def test_what_is_in_the_way(layout: Layout, spoil: Callable[[Path], object], said: str) -> None:
    spoil(layout.base)
    assert said in layout.obstacle()
    assert bool(layout.obstacle()) is bool(said)


def test_a_base_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "f").touch()
    assert "f is no directory" in Layout.at(f"{tmp_path}/f").obstacle()


def test_a_base_above_which_nothing_is(tmp_path: Path) -> None:
    assert Layout.at(f"{tmp_path}/typo/api").obstacle() == f"{tmp_path}/typo is not there. Make it, or correct path"


def test_each_link_has_its_own_id(layout: Layout) -> None:
    assert layout.link() is None
    ids = set()
    for name in ("a", "b", "b"):
        layout.put_link(layout.make_link(layout.releases / name))
        link = layout.link()
        assert link is not None
        assert link.target == layout.releases / name
        assert layout.link() == link
        ids.add(link.id)
    assert len(ids) == 3
    assert os.readlink(layout.current) == "releases/b"
    assert sorted(os.listdir(layout.base)) == ["current", "releases"]
