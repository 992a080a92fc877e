"""Runs put together from entries, chosen by what was typed, and shown so that nothing journalled forges a line."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._journal.proof import head_of
from ansible_collections.steady.ops.plugins.plugin_utils._journal.runs import (
    UNENDED,
    Backwards,
    Run,
    incidents_of,
    runs_of,
)
from tests.journal_world import DictStore, Tamperer, ledger_in, written
from tests.unit.plugins.plugin_utils._journal.run_world import CLOSED, OPENED, run


@pytest.mark.parametrize(
    ("made", "outcome"),
    [
        (run(CLOSED), "ok"),
        (run({**CLOSED, "result": None}), "?"),
        (run(allowed=False), "REFUSED"),
        (run(lines=["done"]), "done"),
        (run(lines=["bad"], result="FAILED"), "FAILED"),
        (run(), UNENDED),
        (Run("x", ({"event": "told", "sequence": 1},)), "told"),
        (Run("x", ({"sequence": 1},)), "?"),
    ],
)
def test_how_a_run_ended(made: Run, outcome: str) -> None:
    assert made.outcome == outcome


def test_what_a_run_is_about() -> None:
    assert run().objects == ("toy/lab/api",) and run().sequence == 3 and run().at == OPENED["at"]
    assert run({"object": "toy/lab/web"}, {"object": "toy/lab/web"}, objects=None).objects == ("toy/lab/web",)
    assert run().users == ("ann", "root") and run(who="me").users == ()
    assert run(who={"user": "awx", "awx": {"awx_user_name": "kim"}}).users == ("kim", "awx")
    assert incidents_of({"incident": "A", "incidents": ["B"]}) == ("B", "A")
    assert incidents_of({"incident": {"id": "C"}, "incidents": "no list"}) == ("C",) and incidents_of({}) == ()


def test_a_journal_is_read_backwards_and_proved_on_the_way(tmp_path: Path) -> None:
    store = DictStore()
    ledger = ledger_in(store)
    written(ledger, 3, random.Random(1), tmp_path / "unused", how_often=0)
    ledger.journal.append({"event": "note"})
    tamperer = Tamperer(store.keys, random.Random(1))

    def read() -> tuple[list[Run], Backwards]:
        head = head_of(store, "journal")
        assert head
        journal = Backwards(store, "journal", head)
        return list(runs_of(journal.events())), journal

    runs, journal = read()
    assert [each.id[-1:] for each in runs] == ["", "2", "1", "0"] and journal.broken == -1 and journal.unread == 0
    assert [[event["event"] for event in each.events] for each in runs[1:]] == [["opened", "step", "closed"]] * 3
    assert [event["sequence"] for event in runs[1].events] == [7, 8, 9]
    store.keys[tamperer.key(5)] = tamperer.edited(5, "at")
    assert read()[1].broken == 5
    store.keys[tamperer.key(5)] = b"[" * 200_000
    store.keys[tamperer.key(3)] = json.dumps({"at": "", "records": [3]}).encode()
    runs, journal = read()
    assert (journal.broken, journal.unread) == (5, 2) and [each.id[-1:] for each in runs] == ["", "2", "1", "0"]
    del store.keys[tamperer.key(1)]
    assert [each.id[-1:] for each in read()[0]] == ["", "2", "1", "0"], "a run without its beginning is shown last"


def test_a_run_of_several_plays_has_one_end() -> None:
    events = [CLOSED, {**OPENED, "sequence": 4, "action": "second"}, OPENED]
    runs = list(runs_of(iter(events)))
    assert [(each.opened["action"], each.outcome) for each in runs] == [("second", "ok"), ("deploy", "ok")]
