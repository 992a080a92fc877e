"""Exporting: what cannot be trusted gets no look of proof."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import Refused
from ansible_collections.steady.ops.plugins.plugin_utils._journal.checking import verify
from ansible_collections.steady.ops.plugins.plugin_utils._journal.exporting import refuse_untrusted
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger
from tests.journal_world import DictStore, Tamperer, ledger_in, written


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = ledger_in(DictStore())
    written(made, 4, random.Random(1), tmp_path / "anchor", how_often=1)
    return made


def test_what_cannot_be_trusted_is_not_exported(ledger: Ledger, tmp_path: Path) -> None:
    refuse_untrusted(verify(ledger, None), "u")
    store = ledger.store
    assert isinstance(store, DictStore)
    tamperer = Tamperer(store.keys, random.Random(1))
    store.keys[tamperer.key(5)] = tamperer.edited(5, "records")
    with pytest.raises(Refused, match=r"is not exported: entry 5 was changed.*copy of the whole ledger"):
        refuse_untrusted(verify(ledger, None), "u")
