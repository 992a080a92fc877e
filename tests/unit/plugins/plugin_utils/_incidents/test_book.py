"""The document: one swap for each change, told to the journal once, put together from there when it is damaged."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import OpsError, Refused, Unreachable
from ansible_collections.steady.ops.plugins.plugin_utils._incidents.book import Book, Draft, State, book_of, rebuilt
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger, verify
from tests.unit.plugins.plugin_utils._incidents.incident_world import (
    OPEN,
    document,
    does,
    events,
    ledger,
    opened,
    plus,
)

__all__ = ["ledger"]
DAMAGED = ["", "{", "[]", "{}", '{"incidents": [{"id": "A", "entries": [{}]}], "past": [], "untold": []}', "null"]


def gone(*_args: object) -> Any:
    raise Unreachable("The ledger is gone")


def say(text: str) -> Any:
    def decide(_state: State, _now: datetime) -> Sequence[Draft]:
        return [Draft("A", "noted", {"text": text})]

    return decide


def test_a_ledger_that_never_had_one_has_none_and_gets_no_document(ledger: Ledger) -> None:
    assert book_of(ledger).look() == (State(), "")
    assert book_of(ledger).change(lambda _state, _now: [], by="ann@box", run="01A") == (State(), State(), "")
    assert document(ledger) is None


def test_each_change_is_one_event_of_the_journal_and_the_document_owes_none(ledger: Ledger) -> None:
    does(ledger, "open", **OPEN)
    does(ledger, "note", message="look", run="01B")
    assert [(event["change"], event["run"], event["incident"]) for event in events(ledger)] == [
        ("opened", "01A", document(ledger)["incidents"][0]["id"]),
        ("noted", "01B", document(ledger)["incidents"][0]["id"]),
    ]
    assert document(ledger)["untold"] == []
    assert rebuilt(ledger.journal.events()) == book_of(ledger).state()
    verify(ledger)


def test_a_run_killed_before_it_told_the_journal_is_told_by_the_next(ledger: Ledger) -> None:
    class Killed(BaseException):
        pass

    def die(_event: object) -> None:
        raise Killed

    killed = replace(book_of(ledger), journal=die)
    with pytest.raises(Killed):
        killed.change(lambda _state, _now: [Draft("A", "opened", headed())], by="ann@box", run="01K")
    assert [one.id for one in book_of(ledger).state().opened] == ["A"], "it is open all the same"
    assert events(ledger) == []
    does(ledger, "note", id="A", message="soon after", run="01B")
    assert [event["run"] for event in events(ledger)] == ["01B"], "the other run may be about to tell it"
    old(ledger)
    does(ledger, "note", id="A", message="later", run="01C")
    assert [event["run"] for event in events(ledger)] == ["01B", "01K", "01C"]
    assert rebuilt(ledger.journal.events()).find("A") == book_of(ledger).state().find("A")
    assert document(ledger)["untold"] == []


def headed() -> dict[str, object]:
    return {"severity": "P1", "owner": "ann", "systems": ["toy"], "title": "t", "channel": "c"}


def old(ledger: Ledger) -> None:
    """Make the first entry older than any run that could still be about to tell it."""
    found = ledger.store.read("incidents")
    assert found
    data = found.data.replace(b'"when":"20', b'"when":"19', 1)
    assert ledger.store.compare_and_swap("incidents", found.version, data)


def test_an_entry_that_was_told_twice_is_one(ledger: Ledger) -> None:
    does(ledger, "open", **OPEN)
    before = rebuilt(ledger.journal.events())
    (event,) = events(ledger)
    ledger.journal.append({key: event[key] for key in ("event", "run", "incident", "change", "by", "entry")})
    assert rebuilt(ledger.journal.events()) == before


def test_a_journal_that_cannot_be_written_loses_nothing_and_is_said(ledger: Ledger) -> None:
    book = replace(book_of(ledger), journal=gone)
    _before, after, untold = book.change(lambda _state, _now: [Draft("A", "opened", headed())], by="a@b", run="01A")
    assert untold == "The ledger is gone." and [one.id for one in after.opened] == ["A"]
    assert document(ledger)["untold"] == [["A", 1]]


def test_a_store_that_cannot_be_written_refuses_before_anything_is_told(ledger: Ledger, tmp_path: Path) -> None:
    book = replace(book_of(ledger), store=_Unwritable(ledger))
    with pytest.raises(Unreachable):
        book.change(lambda _state, _now: [Draft("A", "opened", headed())], by="a@b", run="01A")
    assert events(ledger) == [] and document(ledger) is None


class _Unwritable:
    def __init__(self, ledger: Ledger) -> None:
        self.url, self.read, self.now = ledger.store.url, ledger.store.read, ledger.store.now
        self.put_if_absent = self.compare_and_swap = gone


@pytest.mark.parametrize("data", DAMAGED)
def test_a_damaged_document_is_said_and_the_next_change_mends_it_from_the_journal(
    ledger: Ledger, tmp_path: Path, data: str
) -> None:
    does(ledger, "open", id="A", **OPEN)
    does(ledger, "note", id="A", message="look")
    before = book_of(ledger).state()
    (tmp_path / "ledger" / "incidents").write_text(data)
    with pytest.raises(
        Refused, match=r"The incidents of the ledger .* are damaged\. Any change to an incident puts them"
    ):
        book_of(ledger).state()
    state, damage = book_of(ledger).look()
    assert state == before and "are damaged" in damage
    does(ledger, "note", id="A", message="again")
    assert [note.text for note in book_of(ledger).state().opened[0].notes] == ["look", "again"]


def test_a_damaged_journal_beside_it_is_not_made_up_for(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "ledger" / "incidents").write_text("{")
    (tmp_path / "ledger" / "journal" / "head").unlink()
    with pytest.raises(Refused, match="cannot be trusted"):
        book_of(ledger).look()
    with pytest.raises(Refused, match="cannot be trusted"):
        does(ledger, "open", **OPEN)


def test_two_who_open_at_once_both_have_theirs(ledger: Ledger) -> None:
    failed: list[BaseException] = []

    def run(number: int) -> None:
        try:
            does(ledger, "open", severity="P1", title=f"number {number}", run=f"01{number}")
        except OpsError as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    state = book_of(ledger).state()
    assert failed == [] and len(state.opened) == 8
    assert len({one.title for one in state.opened}) == 8
    assert [one.id.rpartition("-")[2] for one in state.opened] == [str(number) for number in range(1, 9)]
    assert sorted(event["incident"] for event in events(ledger)) == sorted(state.entries)
    verify(ledger)


def test_who_is_always_late_is_told_so(ledger: Ledger) -> None:
    does(ledger, "open", **OPEN)
    book = book_of(ledger)
    store = _Unwritable(ledger)
    store.put_if_absent = store.compare_and_swap = lambda *_args: False
    late = Book(store, book.journal, book.told)  # type: ignore[arg-type]
    with pytest.raises(Unreachable, match="too many writers at once"):
        late.change(say("x"), by="a@b", run="01A")


def test_somebody_else_was_first_with_the_document(ledger: Ledger) -> None:
    store = _Unwritable(ledger)
    tries: list[str] = []

    def slow(key: str, version: str | None, data: bytes) -> bool:
        tries.append(key)
        if len(tries) == 1:
            does(ledger, "open", id="A", **OPEN)
        return ledger.store.compare_and_swap(key, version, data)

    store.compare_and_swap = slow
    late = Book(store, ledger.journal.append, ledger.journal.events)  # type: ignore[arg-type]
    late.change(lambda _state, _now: [Draft("B", "opened", headed())], by="a@b", run="01B")
    assert [one.id for one in book_of(ledger).state().opened] == ["A", "B"]


def test_old_closed_ones_leave_the_document_and_keep_their_ids(ledger: Ledger) -> None:
    state = opened(*(f"I{number}" for number in range(23)))
    for number in range(23):
        state = plus(state, f"I{number}", "closed", when=f"2026-11-21T03:{number:02}:00Z", resolution="x")
    assert len(state.entries) == 23, "what the journal does not have is not dropped"
    state = plus(replace(state, untold=()), "I22", "noted", text="one more")
    assert (sorted(state.past), len(state.entries)) == (["I0", "I1", "I2"], 20)
    use = {"runbook": "deploy", "action": "deploy", "gates": ["hold"], "reason": "why"}
    kept = plus(opened("U"), "U", "overridden", run="R", **use)
    kept = plus(kept, "U", "closed", when="2000-01-01T00:00:00Z", resolution="x")
    both = replace(state, entries={**state.entries, **kept.entries}, untold=())
    assert "U" in plus(both, "I22", "noted", text="z").entries, "nobody has looked at its override"


def test_events_of_other_kinds_are_left_out() -> None:
    assert rebuilt([{"event": "opened", "run": "x"}]) == State()
