"""The gate hold."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.plugin_utils._gates import (
    hold,
)
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.holds import Hold
from tests.unit.plugins.plugin_utils._gates.gate_world import API, NOW, asks, text


def test_hold() -> None:
    stop = Hold(API, "", NOW, "ann", NOW)
    (verdict,) = hold.judge(asks(), [stop])
    assert verdict.sentence == f"ann holds {API} until 2026-11-21T00:00:00Z: no reason given"
    assert verdict.next == f"ansible-playbook steady.ops.lease -e lease_action=lift -e lease_object={API}"
    assert text(hold.judge(asks(), [])) == ["pass"]
    assert hold.judge(asks("read"), [stop]) == []
