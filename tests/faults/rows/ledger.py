"""The ledger: edited, cut, lost, full, and written by a later version."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.faults.arena import Arena
from tests.faults.case import OK, RED, REFUSED, Case, Expect, Setup
from tests.faults.rows.platform import NEXT


def spoiled(spoil: Callable[[Path], None]) -> Setup:
    """1.1.0 serves over 1.0.0, and then somebody does this to the ledger's directory."""

    def arrange(arena: Arena) -> None:
        arena.deployed("1.1.0")
        spoil(arena.ledger)

    return arrange


def _entries(ledger: Path) -> list[Path]:
    return sorted((ledger / "releases" / "entries").glob("[0-9]*"))


def _edit(ledger: Path) -> None:
    page = _entries(ledger)[1]
    page.write_text(page.read_text(encoding="utf-8").replace('"verified"', '"withdrawn"'), encoding="utf-8")


def _edit_last(ledger: Path) -> None:
    page = _entries(ledger)[-1]
    page.write_text(page.read_text(encoding="utf-8").replace('"deploy"', '"rollback"'), encoding="utf-8")


def _cut(ledger: Path) -> None:
    _entries(ledger)[-1].unlink()


def _halve(ledger: Path) -> None:
    page = _entries(ledger)[-1]
    page.write_bytes(page.read_bytes()[:40])


def _gap(ledger: Path) -> None:
    _entries(ledger)[1].unlink()


def _begun_anew(ledger: Path) -> None:
    """The chain of releases as it would be in a ledger that was just initialised."""
    first = json.loads(_entries(ledger)[0].read_bytes())
    for page in _entries(ledger):
        page.unlink()
    first["at"] = "2030-01-01T00:00:00Z"
    text = json.dumps(first, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    import hashlib

    (ledger / "releases" / "entries" / f"{0:012d}").write_text(text, encoding="utf-8")
    head = {"hash": "sha256:" + hashlib.sha256(text.encode()).hexdigest(), "sequence": 0}
    (ledger / "releases" / "head").write_text(json.dumps(head), encoding="utf-8")


def _from_the_future(arena: Arena) -> None:
    arena.deployed("1.1.0")
    digest = arena.digest("1.2.0")
    arena.observer.append_foreign(
        [
            {"kind": "hologram", "component": "api", "at": "2030-01-01T00:00:00Z", "mood": "calm"},
            {"kind": "release", "component": "api", "id": digest[7:19], "digest": digest, "aura": {"colour": "blue"}},
        ]
    )


NOT_TRUSTED = Expect(REFUSED, serves="1.1.0", words=("cannot be trusted",))
BACK = {"state": "rolled_back"}

CASES = (
    Case("entry_edited", "an entry was edited", "history", NOT_TRUSTED, spoiled(_edit), BACK),
    Case("last_entry_edited", "the last entry was edited", "history", NOT_TRUSTED, spoiled(_edit_last), BACK),
    Case("chain_cut", "the last entry is gone", "history", NOT_TRUSTED, spoiled(_cut), BACK),
    Case("entry_halved", "the last entry is half there", "history", NOT_TRUSTED, spoiled(_halve), BACK),
    Case("entry_missing", "an entry in the middle is gone", "history", NOT_TRUSTED, spoiled(_gap), BACK),
    Case(
        "ledger_lost",
        "the ledger's directory is gone",
        "history",
        Expect(REFUSED, serves="1.1.0", words=("not initialised",)),
        spoiled(shutil.rmtree),
        BACK,
    ),
    Case(
        "chain_lost",
        "the chain of releases is gone",
        "history",
        NOT_TRUSTED,
        spoiled(lambda ledger: shutil.rmtree(ledger / "releases")),
        BACK,
    ),
    Case(
        "head_lost",
        "the head of the chain is gone",
        "history",
        NOT_TRUSTED,
        spoiled(lambda ledger: (ledger / "releases" / "head").unlink()),
        BACK,
    ),
    Case(
        "chain_begun_anew",
        "the chain of releases was begun anew",
        "history",
        Expect(REFUSED, serves="1.1.0"),
        spoiled(_begun_anew),
        BACK,
    ),
    Case(
        "future_words", "a later version wrote words that are not known", "history", Expect(OK), _from_the_future, BACK
    ),
    Case(
        "full_at_intent",
        "the disk is full",
        "append of the intent",
        Expect(REFUSED, words=("No space left",)),
        job={**NEXT, "job_disk_full": "intent"},
        then=(NEXT, Expect(OK, serves="1.1.0")),
    ),
    Case(
        "full_at_entries",
        "the disk is full",
        "append of what was done",
        Expect(RED, serves="1.1.0", words=("could not be recorded",), is_open=True),
        job={**NEXT, "job_disk_full": "entries"},
        then=(NEXT, Expect(OK, serves="1.1.0", sent=0)),
    ),
    Case(
        "full_at_journal",
        "the disk is full",
        "append to the journal",
        Expect(RED, serves="1.1.0", words=("could not be recorded",)),
        job={**NEXT, "job_disk_full": "journal"},
    ),
)
