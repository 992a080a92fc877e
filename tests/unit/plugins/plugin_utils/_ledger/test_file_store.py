"""The file store: whole writes, one winner, private files, sentences for what the disk does."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput, Refused, Unreachable
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.file_store import FileStore, path_of


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    made = FileStore(f"file://{tmp_path}/a%20ledger")
    made.create()
    return made


@pytest.mark.parametrize("url", ["file://host/ledger", "file:///", "file:relative"])
def test_a_url_that_is_no_directory_here_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        path_of(url)
    assert str(caught.value) == f"ops_ledger is {url!r}. Write it as file:///absolute/directory."


def test_reading_writing_listing(store: FileStore) -> None:
    assert store.read("a/b") is None and store.list("a/") == []
    assert store.put_if_absent("a/b", b"1") and not store.put_if_absent("a/b", b"2")
    assert store.put_if_absent("a/c", b"3") and store.put_if_absent("top", b"4")
    found = store.read("a/b")
    assert found is not None and found.data == b"1"
    assert not store.compare_and_swap("a/b", "other", b"5") and not store.compare_and_swap("a/b", None, b"5")
    assert store.compare_and_swap("a/b", found.version, b"5") and store.compare_and_swap("new", None, b"6")
    assert store.list("a/") == ["a/b", "a/c"] and store.list("t") == ["top"]


@pytest.mark.parametrize("key", ["", "a//b", "../b", "a/."])
def test_a_key_never_leaves_the_ledger(store: FileStore, key: str) -> None:
    with pytest.raises(InvalidInput):
        store.read(key)


def test_everything_is_private(store: FileStore, tmp_path: Path) -> None:
    store.put_if_absent("a/b/c", b"1")
    store.compare_and_swap("d", None, b"2")
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "a ledger").rglob("*")} == {0}
    assert not [name for name in os.listdir(tmp_path / "a ledger" / "a" / "b") if name.startswith(".")]


def test_one_of_many_swaps_wins_each_turn(store: FileStore) -> None:
    store.put_if_absent("count", b"0")

    def add() -> None:
        for _number in range(20):
            while True:
                found = store.read("count")
                assert found is not None
                if store.compare_and_swap("count", found.version, str(int(found.data) + 1).encode()):
                    break

    threads = [threading.Thread(target=add) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = store.read("count")
    assert found is not None and found.data == b"80"


def test_its_time_is_now(store: FileStore) -> None:
    assert abs(store.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_directory_that_others_may_write_into_is_refused(store: FileStore, tmp_path: Path) -> None:
    (tmp_path / "a ledger").chmod(0o770)
    with pytest.raises(Refused, match="Others may write into the ledger directory"):
        store.refuse_shared()
    FileStore(f"file://{tmp_path}/none").refuse_shared()


@pytest.mark.parametrize("call", ["read", "put", "swap", "now", "list"])
def test_what_the_disk_refuses_is_a_sentence(
    store: FileStore, tmp_path: Path, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_more: object) -> int:
        raise OSError(28, "No space left on device")

    for name in ("open", "walk"):
        monkeypatch.setattr(os, name, full)
    monkeypatch.setattr(Path, "read_bytes", full)
    calls = {
        "read": lambda: store.read("a"),
        "put": lambda: store.put_if_absent("a", b""),
        "swap": lambda: store.compare_and_swap("a", None, b""),
        "now": store.now,
        "list": lambda: store.list("a"),
    }
    with pytest.raises(Unreachable) as caught:
        calls[call]()
    assert "No space left on device. Bring its directory back, with room and with rights" in str(caught.value)
