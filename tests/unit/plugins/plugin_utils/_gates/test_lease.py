"""The gate lease."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.plugin_utils._gates import (
    lease,
)
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.leases import Holder, Lease
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.processes import Process
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.takeover import Life
from tests.unit.plugins.plugin_utils._gates.gate_world import API, NOW, asks, text


def test_lease() -> None:
    process = Process(7, 7)
    other = Lease(API, 1, Holder("01A", "ann", "box", "box", process, None, "/x", "deploy"), NOW)
    (verdict,) = lease.judge(asks(), other, Life.LIVING, expired=False)
    assert verdict.sentence == f"{API} is being changed by run 01A (deploy) of ann@box, process 7"
    assert "`kill 7` on box" in verdict.remedy
    assert text(lease.judge(asks(), other, Life.LIVING, expired=True)) == ["pass"]
    assert text(lease.judge(asks(), other, Life.DEAD, expired=False)) == ["pass"]
    assert text(lease.judge(asks(), None, None, expired=False)) == ["pass"]
    assert lease.judge(asks("read"), other, Life.LIVING, expired=False) == []
