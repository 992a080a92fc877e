"""Chains: what is appended comes back, and every kind of damage is found and named."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.steady.ops.plugins.module_utils._errors import LeaseLost, Unreachable
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.chain import Chain, ChainBroken, canonical
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.file_store import FileStore


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    return made(tmp_path)


def made(base: Path, entries: int = 0) -> Chain:
    store = FileStore(f"file://{base}/ledger")
    store.create()
    chain = Chain(store, "log")
    chain.begin("id")
    for number in range(1, entries + 1):
        chain.append([{"n": number}])
    return chain


def test_entries_come_back_in_order(chain: Chain) -> None:
    assert [chain.append([{"n": 1}, {"n": 2}]), chain.append([{"n": 3}])] == [1, 2]
    entries = chain.entries()
    assert [record.get("n") for entry in entries[1:] for record in entry.records] == [1, 2, 3]
    assert entries[1].previous == entries[0].hash and entries[2].previous == entries[1].hash


def test_beginning_twice_keeps_what_is_there(chain: Chain) -> None:
    chain.append([{"n": 1}])
    assert chain.begin("another") == chain.first_hash()
    assert len(chain.entries()) == 2


def test_a_writer_killed_before_it_moved_the_head_is_caught_up_with(chain: Chain, tmp_path: Path) -> None:
    head = tmp_path / "ledger" / "log" / "head"
    before = head.read_bytes()
    chain.append([{"n": 1}])
    head.write_bytes(before)
    assert len(chain.entries()) == 2
    head.write_bytes(before)
    assert chain.append([{"n": 2}]) == 2
    assert json.loads(head.read_bytes())["sequence"] == 2


def test_many_writers_lose_nothing(tmp_path: Path) -> None:
    chain = made(tmp_path)

    def write(name: str) -> None:
        for number in range(10):
            chain.append([{"by": name, "n": number}])

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    records = [record for entry in chain.entries()[1:] for record in entry.records]
    assert len(records) == 40
    assert [record["n"] for record in records if record["by"] == "a"] == list(range(10))


def test_a_late_writer_writes_nothing(chain: Chain) -> None:
    def late() -> None:
        raise LeaseLost("too late")

    with pytest.raises(LeaseLost):
        chain.append([{"n": 1}], before_write=late)
    assert len(chain.entries()) == 1


def test_a_store_that_always_has_a_faster_writer_is_given_up(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FileStore, "put_if_absent", lambda self, key, data: False)
    with pytest.raises(Unreachable, match="has too many writers at once"):
        chain.append([{"n": 1}])


Harm = Callable[[Path], None]


def rewrite(path: Path, **changes: object) -> None:
    path.write_bytes(canonical(json.loads(path.read_bytes()) | changes))


def entry(base: Path, number: int) -> Path:
    return base / "entries" / f"{number:012d}"


def swap(base: Path) -> None:
    one, two = entry(base, 2), entry(base, 3)
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)


@pytest.mark.parametrize(
    ("harm", "sentence", "bad"),
    [
        (lambda base: rewrite(entry(base, 2), records=[]), "entry 2 was changed after it was written", 2),
        (lambda base: rewrite(entry(base, 2), previous="sha256:0"), "entry 2 was changed after it was written", 2),
        (lambda base: rewrite(entry(base, 5), records=[]), "entry 5 was changed after it was written", 5),
        (lambda base: entry(base, 5).unlink(), "entry 5 is missing: the chain was cut", 5),
        (lambda base: entry(base, 3).unlink(), "entry 3 is missing", 3),
        (swap, "entry 2 is damaged and cannot be read", 2),
        (lambda base: entry(base, 4).write_bytes(b'{"seq'), "entry 4 is damaged and cannot be read", 4),
        (lambda base: entry(base, 4).write_bytes(b"[]"), "entry 4 is damaged and cannot be read", 4),
        (lambda base: rewrite(entry(base, 4), records={}), "entry 4 is damaged and cannot be read", 4),
        (lambda base: (base / "head").unlink(), "its head is missing: the chain is lost", 0),
        (lambda base: (base / "head").write_bytes(b"{}"), "its head is damaged", 0),
        (lambda base: rewrite(base / "head", hash="sha256:0"), "entry 5 was changed after it was written", 5),
        (
            lambda base: entry(base, 6).write_bytes(
                canonical({"sequence": 6, "previous": "sha256:0", "at": "", "records": []})
            ),
            "entry 6 does not follow the one before it",
            6,
        ),
    ],
)
def test_damage_is_found_and_the_first_bad_entry_named(tmp_path: Path, harm: Harm, sentence: str, bad: int) -> None:
    chain = made(tmp_path, 5)
    harm(tmp_path / "ledger" / "log")
    with pytest.raises(ChainBroken) as caught:
        chain.entries()
    assert caught.value.sentence == (
        f"The chain log of the ledger file://{tmp_path}/ledger cannot be trusted: {sentence}."
    )
    assert caught.value.details == {"chain": "log", "entry": bad}
    assert caught.value.next == {"playbook": "ledger", "variables": {"ledger_action": "check"}}


def test_nothing_is_appended_to_an_edited_end(tmp_path: Path) -> None:
    chain = made(tmp_path, 2)
    rewrite(entry(tmp_path / "ledger" / "log", 2), records=[])
    with pytest.raises(ChainBroken, match="entry 2 was changed after it was written"):
        chain.append([{"n": 3}])
    assert not entry(tmp_path / "ledger" / "log", 3).exists()


def test_a_chain_without_its_first_entry_is_lost(chain: Chain, tmp_path: Path) -> None:
    entry(tmp_path / "ledger" / "log", 0).unlink()
    with pytest.raises(ChainBroken, match="entry 0 is missing: the chain is lost"):
        chain.first_hash()


@settings(max_examples=40)
@given(victim=st.integers(0, 5), place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_no_flipped_bit_goes_unseen(
    tmp_path_factory: pytest.TempPathFactory, victim: int, place: int, bit: int
) -> None:
    base = tmp_path_factory.mktemp("flip")
    chain = made(base, 5)
    path = entry(base / "ledger" / "log", victim)
    data = bytearray(path.read_bytes())
    data[place % len(data)] ^= 1 << bit
    path.write_bytes(bytes(data))
    with pytest.raises(ChainBroken):
        chain.entries()
