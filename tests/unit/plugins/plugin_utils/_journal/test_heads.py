"""Heads: the last entry, also that of a killed writer."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._journal.heads import head_text, heads_of
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.chain import canonical, digest
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger
from tests.journal_world import DictStore, Tamperer, ledger_in, written


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = ledger_in(DictStore())
    written(made, 2, random.Random(1), tmp_path / "unused", how_often=0)
    return made


def test_a_killed_writers_entry_is_anchored_too(ledger: Ledger) -> None:
    store = ledger.store
    assert isinstance(store, DictStore)
    tamperer = Tamperer(store.keys, random.Random(1))
    store.keys["journal/head"] = canonical({"sequence": 5, "hash": digest(tamperer.entries[5])})
    assert head_text(ledger) == f"entry 6 {digest(tamperer.entries[6])} of ledger {ledger.identity.id}"
    store.keys[tamperer.key(6)] = tamperer.edited(6, "previous")
    assert head_text(ledger).startswith("entry 5 ")
    store.keys[tamperer.key(6)] = b"torn"
    assert head_text(ledger).startswith("entry 5 ")
    del store.keys["journal/head"]
    assert head_text(ledger) == "" and "journal" not in heads_of(ledger).chains
