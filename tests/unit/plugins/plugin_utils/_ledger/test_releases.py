"""The releases chain."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import (
    Ledger,
)
from tests.unit.plugins.plugin_utils._ledger.ledger_world import ledger

__all__ = ["ledger"]


def test_history_is_one_components(ledger: Ledger) -> None:
    ledger.releases.append([{"kind": "served", "component": "api"}, {"kind": "served", "component": "web"}])
    ledger.releases.append([{"kind": "intent", "components": {"api": {}}, "state": "open"}])
    assert [record["kind"] for record in ledger.releases.history("api")] == ["served", "intent"]
    assert [record["kind"] for record in ledger.releases.history("web")] == ["served"]
