"""What the tests of incidents share: a ledger, wishes as they are read, and one run after another."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._redact import Redactor
from ansible_collections.steady.ops.plugins.plugin_utils._incidents.book import Draft, State, book_of
from ansible_collections.steady.ops.plugins.plugin_utils._incidents.doing import Run, carry_out
from ansible_collections.steady.ops.plugins.plugin_utils._incidents.entries import Author
from ansible_collections.steady.ops.plugins.plugin_utils._incidents.wish import Wish, read_wish
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger, initialise

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
WHEN = "2026-11-21T03:00:00Z"
LATER = "2099-01-01T00:00:00Z"
ANN = Author("ann@box", "ann")
OPEN = {"severity": "P1", "title": "the API is down"}


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return initialise(f"file://{tmp_path}/ledger", "toy", "lab")[0]


def wish(action: str, **options: object) -> Wish:
    return read_wish(action, options, Redactor())


def does(
    ledger: Ledger, action: str, *, check: bool = False, by: Author = ANN, run: str = "01A", **options: object
) -> Any:
    """Do one action and return the task's result."""
    return carry_out(wish(action, **options), book_of(ledger), Run(run, "toy/lab", by, check))


def events(ledger: Ledger) -> list[Any]:
    """Return what the journal has of incidents."""
    return [event for event in ledger.journal.events() if event.get("event") == "incident"]


def document(ledger: Ledger) -> Any:
    """Return the document as an outsider reads it."""
    found = ledger.store.read("incidents")
    return json.loads(found.data) if found else None


def opened(*ids: str, **fields: object) -> State:
    """Return a state with incidents that were opened."""
    headed = {"severity": "P1", "owner": "ann", "systems": ["toy"], "title": "t", "channel": "c", **fields}
    drafts = [Draft(id, "opened", headed) for id in ids]
    return State().plus(drafts, when=WHEN, by="ann@box", run="01A")


def plus(state: State, id: str, change: str, when: str = WHEN, run: str = "01A", **fields: object) -> State:
    """Return the state with one more entry."""
    return state.plus([Draft(id, change, fields)], when=when, by="ann@box", run=run)
