"""The newest part of the journal."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._approvals.recent import recent
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.chain import ChainBroken, canonical
from tests.unit.plugins.plugin_utils._approvals.approval_world import World

HOUR = timedelta(hours=1)


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    for number in range(4):
        made.journal("step", str(number))
    return made


def runs(world: World, back: timedelta = HOUR) -> list[object]:
    return [event["run"] for event in recent(world.ledger, world.now - back)]


def entry(world: World, sequence: int) -> Path:
    return world.base / "ledger" / "journal" / "entries" / f"{sequence:012d}"


def test_events_come_oldest_first_and_the_first_entry_is_no_event(world: World) -> None:
    assert runs(world) == ["0", "1", "2", "3"]


def test_older_entries_are_not_even_read(world: World) -> None:
    old = json.loads(entry(world, 1).read_text())
    # the next one no longer fits an edited one: only one that is not read is not missed
    entry(world, 1).write_bytes(canonical({**old, "at": "2020-01-01T00:00:00Z"}))
    with pytest.raises(ChainBroken, match="entry 1 was changed"):
        runs(world)
    assert recent(world.ledger, world.now + HOUR) == []


def test_reading_stops_at_the_first_entry_that_is_too_old(world: World) -> None:
    entry(world, 0).unlink()
    with pytest.raises(ChainBroken, match="entry 0 is missing"):
        runs(world)
    assert recent(world.ledger, world.now + 2 * HOUR) == []


def test_a_head_that_was_left_one_behind_is_no_harm(world: World) -> None:
    head = world.base / "ledger" / "journal" / "head"
    before = head.read_bytes()
    world.journal("step", "4")
    head.write_bytes(before)
    assert runs(world)[-1] == "4"


def edit(world: World) -> str:
    value = json.loads(entry(world, 3).read_text())
    value["records"][0]["run"] = "forged"
    entry(world, 3).write_bytes(canonical(value))
    return "entry 3 was changed after it was written"


def tear(world: World) -> str:
    entry(world, 4).write_bytes(b'{"sequence": 4')
    return "entry 4 is damaged and cannot be read"


def swap(world: World) -> str:
    entry(world, 4).write_bytes(entry(world, 3).read_bytes())
    return "entry 4 is damaged and cannot be read"


def cut(world: World) -> str:
    entry(world, 2).unlink()
    return "entry 2 is missing"


def behead(world: World) -> str:
    (world.base / "ledger" / "journal" / "head").unlink()
    return "its head is missing or damaged"


def graft(world: World) -> str:
    value = json.loads(entry(world, 4).read_text())
    entry(world, 5).write_bytes(canonical({**value, "sequence": 5}))
    return "entry 5 does not follow the one before it"


def untimed(world: World) -> str:
    value = json.loads(entry(world, 4).read_text())
    entry(world, 5).write_bytes(
        canonical({**value, "sequence": 5, "at": "noon", "previous": json.loads(head(world))["hash"]})
    )
    return "entry 5 has no time"


def head(world: World) -> bytes:
    return (world.base / "ledger" / "journal" / "head").read_bytes()


@pytest.mark.parametrize("harm", [edit, tear, swap, cut, behead, graft, untimed])
def test_what_was_tampered_with_is_not_believed(world: World, harm: Callable[[World], str]) -> None:
    sentence = harm(world)
    with pytest.raises(ChainBroken, match=sentence):
        runs(world)


def test_records_that_are_no_list_hold_nothing(world: World) -> None:
    previous = json.loads(head(world))["hash"]
    at = json.loads(entry(world, 4).read_text())["at"]
    odd = {"sequence": 5, "previous": previous, "at": at, "records": "x"}
    entry(world, 5).write_bytes(canonical(odd))
    assert runs(world) == ["0", "1", "2", "3"]
