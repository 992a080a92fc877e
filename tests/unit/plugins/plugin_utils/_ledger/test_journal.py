"""The journal chain."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import (
    Ledger,
)
from tests.unit.plugins.plugin_utils._ledger.ledger_world import ledger

__all__ = ["ledger"]


def test_events_are_redacted_and_found_by_run(ledger: Ledger) -> None:
    ledger.journal.append({"event": "opened", "run": "01", "msg": "password=hunter2"})
    ledger.journal.append({"event": "opened", "run": "02"})
    (event,) = ledger.journal.events("01")
    assert (event["sequence"], event["msg"]) == (1, "password=********")
    assert len(ledger.journal.events()) == 2
