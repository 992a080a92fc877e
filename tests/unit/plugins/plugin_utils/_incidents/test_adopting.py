"""What was said while the ledger could not be reached is brought in once, and nothing of it is lost."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.steady.ops.plugins.plugin_utils._incidents.adopting import bring_in, merged
from ansible_collections.steady.ops.plugins.plugin_utils._incidents.book import State, book_of
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger, initialise
from tests.unit.plugins.plugin_utils._incidents.incident_world import OPEN, document, does, ledger, opened, plus

__all__ = ["ledger"]


def test_what_is_new_comes_as_it_is_and_once(ledger: Ledger, tmp_path: Path) -> None:
    spool, _new = initialise(f"file://{tmp_path}/spool", "toy", "lab")
    assert bring_in(spool, ledger) == 0 and document(ledger) is None
    does(spool, "open", id="A", **OPEN)
    does(spool, "note", message="look")
    for _time in range(2):
        assert bring_in(spool, ledger) == 1
        assert book_of(ledger).state().entries == book_of(spool).state().entries
    assert document(ledger)["untold"] == [], "the journal of the stand-in tells of it"


def test_what_is_known_is_gone_on_with() -> None:
    here, there = opened("A", title="here"), plus(opened("A", title="there"), "A", "noted", text="look", owner="bob")
    both = merged(here, there)
    (one,) = both.opened
    assert (one.title, one.owner) == ("here", "bob")
    assert [note.text for note in one.notes] == ["opened here as well: there", "look"]
    assert merged(both, there) == both == merged(both, here)
    assert ("A", 3) in both.untold


def test_what_was_copied_before_is_not_added_again() -> None:
    before = opened("A")
    assert merged(before, before) == before
    later = plus(before, "A", "closed", resolution="x")
    assert merged(before, later).find("A") == later.find("A")
    assert merged(State(), later).entries == later.entries
