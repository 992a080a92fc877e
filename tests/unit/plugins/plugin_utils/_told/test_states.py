"""The document in a ledger: begun on first use, changed by compare-and-swap, never trusted when it is damaged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import Refused, Unreachable
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger
from ansible_collections.steady.ops.plugins.plugin_utils._told.deciding import Message, State, state_after
from ansible_collections.steady.ops.plugins.plugin_utils._told.events import Delivery
from ansible_collections.steady.ops.plugins.plugin_utils._told.states import KEY, Book, Told
from tests.unit.plugins.plugin_utils._ledger.ledger_world import ledger
from tests.unit.plugins.plugin_utils._told.told_world import HOUR, NOW, channel, event

# fixtures
__all__ = ["ledger"]

SENT = Delivery("it", "failed", "toy/production/api", "01A", False, "nothing listens there")


def state(**more: str) -> State:
    made = state_after(Message(channel(), event(**more)), NOW)
    assert made is not None
    return made


def test_what_was_told_is_there_the_next_time(ledger: Ledger) -> None:
    book = Book(ledger.store)
    assert book.read() == Told()
    book.note([SENT], [state()], [], NOW)
    book.note([], [state(object="other")], [], NOW + HOUR)
    told = Book(ledger.store).read()
    assert {each.object for each in told.states} == {"toy/production/api", "other"}
    assert told.last == {
        "it": {
            "rule": "failed",
            "object": "toy/production/api",
            "delivered": False,
            "problem": "nothing listens there",
            "at": "2026-11-21T03:00:00Z",
        }
    }
    book.note([], [], [each.place for each in told.states], NOW)
    assert book.read().states == ()


def test_what_nobody_remembers_is_left_out(ledger: Ledger) -> None:
    book = Book(ledger.store)
    book.note([], [state()], [], NOW)
    book.note([], [state(object="new")], [], NOW + 24 * 90 * HOUR)
    assert [each.object for each in book.read().states] == ["new"]


def test_nothing_new_is_not_written(ledger: Ledger) -> None:
    book = Book(ledger.store)
    book.note([], [], [], NOW)
    assert ledger.store.read(KEY) is None


def test_two_writers_lose_nothing(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, other = Book(ledger.store), Book(ledger.store)
    read, turns = mine._read, [state(object="first"), state(object="second")]

    def slow() -> tuple[Told, str | None]:
        found = read()
        if turns:
            other.note([], [turns.pop(0)], [], NOW)
        return found

    monkeypatch.setattr(mine, "_read", slow)
    mine.note([], [state()], [], NOW)
    assert {each.object for each in other.read().states} == {"first", "second", "toy/production/api"}


def test_a_writer_that_never_gets_through_says_so(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(ledger.store)
    monkeypatch.setattr(type(ledger.store), "compare_and_swap", lambda *_args: False)
    with pytest.raises(Unreachable, match="too many writers at once"):
        book.note([], [state()], [], NOW)


@pytest.mark.parametrize(
    "harm",
    [b"{", b"[]", b'{"states": [], "last": []}', b'{"states": [{}], "last": {}}', b'{"states": [3], "last": {}}'],
)
def test_a_damaged_document_is_refused(ledger: Ledger, tmp_path: Path, harm: bytes) -> None:
    (tmp_path / "ledger" / KEY).write_bytes(harm)
    with pytest.raises(Refused, match=r"What was told is damaged in the ledger .* Remove its key 'told'"):
        Book(ledger.store).read()


def test_a_time_that_is_none_is_damage(ledger: Ledger, tmp_path: Path) -> None:
    wrong = {"states": [{**state().as_dict(), "told": "noon"}], "last": {}}
    (tmp_path / "ledger" / KEY).write_text(json.dumps(wrong))
    with pytest.raises(Refused, match="damaged"):
        Book(ledger.store).read()
