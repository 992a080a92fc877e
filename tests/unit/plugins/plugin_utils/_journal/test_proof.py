"""Proving a chain: what does not fit is named, whoever knows what; random tamperings are in tests/soak."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._journal.checking import marks_of
from ansible_collections.steady.ops.plugins.plugin_utils._journal.proof import Mark, Proof, link_of, prove, reader
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.chain import canonical, digest
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger
from tests.journal_world import DictStore, Tamperer, ledger_in, written

ENTRIES = 9


@pytest.fixture
def store() -> DictStore:
    return DictStore()


@pytest.fixture
def ledger(store: DictStore, tmp_path: Path) -> Ledger:
    made = ledger_in(store)
    written(made, 3, random.Random(1), tmp_path / "unused", how_often=0)
    return made


@pytest.fixture
def tamperer(store: DictStore, ledger: Ledger) -> Tamperer:
    return Tamperer(store.keys, random.Random(1))


def proof(ledger: Ledger, *anchors: Mark) -> Proof:
    return prove("journal", reader(ledger.store, "journal"), [*marks_of(ledger, "journal"), *anchors])


def sentence(ledger: Ledger, *anchors: Mark) -> str:
    bad = proof(ledger, *anchors).bad
    return bad.sentence if bad else ""


def anchor(tamperer: Tamperer, number: int) -> Mark:
    return Mark(number, digest(tamperer.entries[number]), "file /a line 1")


def test_a_whole_chain_is_proved_to_its_end(ledger: Ledger, tamperer: Tamperer) -> None:
    found = proof(ledger)
    assert found.bad is None and found.last and found.last.sequence == ENTRIES and found.anchored_to == -1
    assert proof(ledger, anchor(tamperer, 4), anchor(tamperer, 7)).anchored_to == 7


def test_an_entry_beyond_the_head_is_that_of_a_killed_writer(
    ledger: Ledger, store: DictStore, tamperer: Tamperer
) -> None:
    store.keys["journal/head"] = canonical({"sequence": 8, "hash": digest(tamperer.entries[8])})
    before = dict(store.keys)
    found = proof(ledger)
    assert found.bad is None and found.last and found.last.sequence == ENTRIES
    assert store.keys == before, "reading moves nothing"
    store.keys[tamperer.key(9)] = tamperer.edited(9, "previous")
    assert sentence(ledger) == "entry 9 does not follow the one before it"


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("records", "entry 5 was changed after it was written"),
        ("spelling", "entry 5 is damaged: it is not in the form in which entries are written"),
        ("zero", "entry 5 is damaged: it is not in the form in which entries are written"),
        ("sequence", "entry 5 is in the wrong place: it says that it is entry"),
        ("previous", "entry 5 does not follow the one before it"),
        # the last of two equal keys counts for most readers, the first for others
        ("twice", "entry 5 is damaged: it is not in the form in which entries are written"),
    ],
)
def test_an_edit_is_named(ledger: Ledger, store: DictStore, tamperer: Tamperer, how: str, told: str) -> None:
    store.keys[tamperer.key(5)] = tamperer.edited(5, how)
    assert sentence(ledger).startswith(told)


def test_the_last_entry_and_the_head_speak_for_each_other(ledger: Ledger, store: DictStore, tamperer: Tamperer) -> None:
    store.keys[tamperer.key(9)] = tamperer.edited(9, "records")
    assert sentence(ledger) == "entry 9 was changed after it was written: the head knows another"
    told = sentence(ledger, anchor(tamperer, 9))
    assert told.startswith("entry 9 was changed after it was written: file /a line 1 knows another (sha256:")
    tamperer.put([*tamperer.entries[:8], tamperer.edited(8, "records"), tamperer.entries[9]], head=True)
    assert sentence(ledger) == "entry 8 was changed after it was written, or entry 9 and the head were"
    assert sentence(ledger, anchor(tamperer, 9)) == "entry 8 was changed after it was written"


def test_a_changed_head_is_told_from_a_changed_entry(ledger: Ledger, store: DictStore, tamperer: Tamperer) -> None:
    store.keys["journal/head"] = canonical({"sequence": 6, "hash": digest(b"other")})
    assert sentence(ledger) == "its head was changed: entry 6 is another than it says"
    store.keys["journal/head"] = canonical({"sequence": 9, "hash": digest(b"other")})
    assert sentence(ledger, anchor(tamperer, 9)) == "its head was changed: entry 9 is another than it says"
    assert sentence(ledger) == "entry 9 was changed after it was written: the head knows another"


@pytest.mark.parametrize("data", [None, b"", b"[]", b"{", b'{"sequence": 9}', b'{"sequence": "x", "hash": 1}'])
def test_without_a_head_nothing_says_where_it_ends(ledger: Ledger, store: DictStore, data: bytes | None) -> None:
    del store.keys["journal/head"]
    if data is not None:
        store.keys["journal/head"] = data
    assert sentence(ledger) == "its head is missing or damaged, so nothing says whether entry 9 is its last"


def test_a_lost_chain_is_named(ledger: Ledger, store: DictStore) -> None:
    for key in list(store.keys):
        if "entries" in key:
            del store.keys[key]
    found = proof(ledger)
    assert (
        found.last is None
        and found.bad
        and found.bad.sentence == "entry 0 is missing: the ledger's identity knows entry 0"
    )
    nothing = prove("journal", reader(store, "journal"), []).bad
    assert nothing and nothing.entry == 0 and nothing.sentence.startswith("its head is missing or damaged")


def test_a_chain_begun_anew_is_not_this_ledgers(ledger: Ledger, store: DictStore, tamperer: Tamperer) -> None:
    tamperer.put(tamperer.chained([tamperer.edited(0, "at"), *tamperer.entries[1:]], 0), head=True)
    assert sentence(ledger) == "entry 0 is not the one with which this ledger began"
    store.keys[tamperer.key(0)] = tamperer.entries[1]
    assert sentence(ledger).startswith("entry 0 is in the wrong place")


def test_what_was_put_in_is_named_and_not_what_it_pushed(ledger: Ledger, tamperer: Tamperer) -> None:
    forged = canonical({**json.loads(tamperer.entries[5]), "records": [{"kind": "journal"}]})
    entries = [*tamperer.entries[:5], forged, *tamperer.entries[5:]]
    tamperer.put(entries)
    assert sentence(ledger) == "entry 5 was put in between"
    tamperer.put(tamperer.renumbered(entries))
    assert sentence(ledger) == "entry 5 was put in between"
    tamperer.put(tamperer.renumbered([*tamperer.entries[:5], tamperer.entries[7], *tamperer.entries[5:]]))
    assert sentence(ledger) == "entry 5 was put in between"


def test_a_full_rewrite_is_found_by_the_next_anchor_alone(ledger: Ledger, tamperer: Tamperer) -> None:
    known = [anchor(tamperer, number) for number in (2, 6)]
    tamperer.put(
        tamperer.chained([*tamperer.entries[:4], tamperer.edited(4, "records"), *tamperer.entries[5:]], 4), head=True
    )
    assert proof(ledger).bad is None
    found = proof(ledger, *known).bad
    assert found and (found.entry, found.sure_to) == (6, 2)
    tamperer.put(tamperer.entries[:5], head=True)
    cut = proof(ledger, *known).bad
    assert cut and (cut.entry, cut.sentence) == (5, "entry 5 is missing: file /a line 1 knows entry 6")


def test_a_head_rewound_over_a_rewrite_proves_nothing(ledger: Ledger, store: DictStore, tamperer: Tamperer) -> None:
    known = anchor(tamperer, 8)
    entries = tamperer.chained([*tamperer.entries[:4], tamperer.edited(4, "more"), *tamperer.entries[5:]], 4)
    tamperer.put(entries)
    store.keys["journal/head"] = canonical({"sequence": 6, "hash": digest(entries[6])})
    found = proof(ledger, known).bad
    assert found and (found.entry, found.sure_to) == (8, 0)


def test_only_what_is_written_as_entries_are_is_one() -> None:
    assert link_of(b"") is None and link_of(b"{}") is None
    good = canonical({"at": "x", "previous": "", "records": [], "sequence": 3})
    assert link_of(good) is not None and link_of(good + b"\n") is None
    assert link_of(good.replace(b'"sequence":3', b'"sequence":3e0')) is None
    assert link_of(good.replace(b'"previous":""', b'"previous":"sha256:12"')) is None
