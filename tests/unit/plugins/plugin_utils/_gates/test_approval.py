"""The gate approval."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from ansible_collections.steady.ops.plugins.plugin_utils._gates import approval
from tests.unit.plugins.plugin_utils._gates.gate_world import LIVE, asks, text

NOW = datetime(2026, 11, 21, tzinfo=UTC)


WHERE = replace(LIVE, approvers=["ann"])


def test_approvals_that_are_asked_for_cannot_be_collected_yet() -> None:
    assert text(approval.judge(asks(), None, NOW)[0]) == ["pass"]
    assert text(approval.judge(asks(where=WHERE), None, NOW)[0]) == [
        "refuse: ops_approvers is set for toy/production and collecting approvals is not available yet"
    ]
    assert text(approval.judge(asks(extra_gates=frozenset({"approval"})), None, NOW)[0])[0].startswith("refuse")


def test_readers_and_tools_meet_no_approval() -> None:
    assert approval.judge(asks("read", WHERE), None, NOW)[0] == []
    assert approval.judge(asks(where=WHERE, tool=True), None, NOW)[0] == []
