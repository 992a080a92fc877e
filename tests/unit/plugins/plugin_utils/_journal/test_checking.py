"""What verifying says: what is proved, by whom, and what that cannot exclude."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._journal.checking import lines_of, red_of, verify
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger
from tests.journal_world import DictStore, Tamperer, ledger_in, written


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = ledger_in(DictStore())
    written(made, 2, random.Random(1), tmp_path / "anchor", how_often=1)
    return made


def test_what_is_not_excluded_depends_on_the_anchors(ledger: Ledger, tmp_path: Path) -> None:
    named = [{"kind": "file", "path": str(tmp_path / "anchor")}, {"kind": "syslog"}, {"kind": "awx"}]
    lines = lines_of(verify(ledger, named))
    assert (
        f"journal: entries 0 to 6 proved by file {tmp_path}/anchor: none was changed, put in or left out since" in lines
    )
    assert any("not excluded: that later entries than 6 were cut off before" in line for line in lines)
    assert "syslog cannot be read from here: look there for an entry with another hash" in lines
    ledger.journal.append({"event": "step", "run": "x"})
    lines = lines_of(verify(ledger, named))
    assert any(line.startswith("journal: not excluded for entry 7, which are not anchored yet") for line in lines)
    lines = lines_of(verify(ledger, None))
    assert any(line.endswith("and the next run's end is kept there") for line in lines)


def test_both_chains_are_named_when_both_are_bad(ledger: Ledger) -> None:
    store = ledger.store
    assert isinstance(store, DictStore)
    tamperer = Tamperer(store.keys, random.Random(1))
    store.keys[tamperer.key(3)] = tamperer.edited(3, "records")
    del store.keys["releases/head"]
    found = verify(ledger, None)
    assert "entry 3 was changed after it was written; nor the chain releases: its head is missing" in red_of(found, "u")
    assert lines_of(found)[:3] == [
        "journal: CANNOT BE TRUSTED: entry 3 was changed after it was written",
        "journal: first bad entry: 3",
        "journal: proved without it: entry 0; entries 1 to 2 fit, and only what follows them says so",
    ]
    store.keys[tamperer.key(1)] = b""
    assert "journal: proved without it: entry 0" in lines_of(verify(ledger, None))
    # an identity that knows no first entry leaves nothing to begin with
    bare = replace(ledger, identity=replace(ledger.identity, genesis={}))
    assert "journal: no entry before it is proved by anything else" in lines_of(verify(bare, None))
    assert red_of(verify(ledger_in(DictStore()), None), "u") == ""
