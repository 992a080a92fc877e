"""Finding releases, ours and those of another tool."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import AccessDenied, RequestRefused
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir import content
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.layout import Layout
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.store import Kept, Store

DIGEST = "sha256:" + "ab" * 32


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(Layout.at(str(tmp_path)))


def put(store: Store, name: str, **said: object) -> Path:
    """A release directory with this metadata; without any when there is none."""
    directory = store.layout.releases / name
    directory.mkdir(parents=True)
    (directory / "app").write_text(name)
    if said:
        (directory / ".steady-release.json").write_text(json.dumps(said))
    return directory


def test_nothing_yet(store: Store) -> None:
    assert (store.names(), store.find(DIGEST), store.leftovers()) == ([], "", [])


def test_names_are_those_of_releases(store: Store) -> None:
    for name in ("b", "a", ".a.partial-01234567"):
        put(store, name)
    (store.layout.releases / "link").symlink_to("a")
    (store.layout.releases / "file").touch()
    assert store.names() == ["a", "b"]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({}, Kept("a", ours=False)),
        ({"digest": DIGEST}, Kept("a")),
        ({"digest": DIGEST, "finished": False}, Kept("a")),
        ({"digest": "", "finished": True}, Kept("a")),
        ({"digest": DIGEST, "finished": True}, Kept("a", DIGEST)),
        (
            {"digest": DIGEST, "finished": True, "ref": "r", "version": 2, "created": "then"},
            Kept("a", DIGEST, "r", "2", "then"),
        ),
    ],
)
def test_what_is_known_of_one(store: Store, said: dict[str, object], kept: Kept) -> None:
    put(store, "a", **said)
    assert store.look("a") == kept


def test_half_made_is_no_release(store: Store) -> None:
    put(store, "abababababab", digest=DIGEST)
    assert store.find(DIGEST) == ""
    with pytest.raises(RequestRefused, match="is a release that was not finished"):
        store.digest("abababababab")


def test_one_of_another_tool(store: Store) -> None:
    put(store, "20260101", **{})
    put(store, "half", digest=DIGEST)
    digest = store.digest("20260101")
    assert digest == content.tree_hash(content.read_tree(store.layout.releases / "20260101"))
    assert (store.find(digest), store.damage("20260101")) == ("20260101", "")
    # hashed once
    (store.layout.releases / "20260101/app").write_text("changed")
    assert store.digest("20260101") == digest
    assert Store(store.layout).digest("20260101") != digest


def test_one_that_is_too_large(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, "a")
    monkeypatch.setattr(content, "_MOST_ENTRIES", 0)
    with pytest.raises(RequestRefused, match="holds too many files to be a release"):
        store.digest("a")


@pytest.mark.parametrize("listed", ["", "{}", '{"tree": {"a": 1}}', '{"tree": {}}'])
def test_a_list_of_content_that_is_spoilt(store: Store, listed: str) -> None:
    directory = put(store, "a", digest=DIGEST, finished=True, tree="sha256:x")
    (directory / ".steady-content.json").write_text(listed)
    assert store.damage("a") == ".steady-content.json"
    # judged once in a run, until it is replaced
    (directory / ".steady-content.json").write_text('{"tree": {}}')
    (directory / ".steady-release.json").write_text(
        json.dumps({"digest": DIGEST, "finished": True, "tree": content.tree_hash({})})
    )
    assert store.damage("a") == ".steady-content.json"
    store.forget("a")
    assert store.damage("a") == ""


def test_what_may_not_be_looked_at(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: object) -> None:
        raise PermissionError(13, "denied", str(path))

    monkeypatch.setattr(os, "listdir", denied)
    monkeypatch.setattr(os, "scandir", denied)
    with pytest.raises(AccessDenied, match="What killed runs left cannot be seen"):
        store.leftovers()
    with pytest.raises(AccessDenied, match="The releases cannot be listed"):
        store.names()


def test_what_killed_runs_left(store: Store) -> None:
    for name in (".a.partial-01234567", ".a.removed-01234567", ".hidden", "a"):
        put(store, name)
    (store.layout.base / "current.89abcdef").symlink_to("releases/a")
    (store.layout.base / "current.backup").touch()
    (store.layout.base / ".steady-intent.json.89abcdef").touch()
    assert [path.name for path in store.leftovers()] == [
        ".a.partial-01234567",
        ".a.removed-01234567",
        ".steady-intent.json.89abcdef",
        "current.89abcdef",
    ]
