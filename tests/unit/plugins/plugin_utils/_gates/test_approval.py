"""The gate approval."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.steady.ops.plugins.plugin_utils._gates import approval
from tests.unit.plugins.plugin_utils._gates.gate_world import LIVE, asks, text

WHERE = replace(LIVE, approvers=["ann"])


def test_approvals_that_are_asked_for_cannot_be_collected_yet() -> None:
    assert text(approval.judge(asks())) == ["pass"]
    assert text(approval.judge(asks(where=WHERE))) == [
        "refuse: ops_approvers is set for toy/production and collecting approvals is not available yet"
    ]
    assert text(approval.judge(asks(extra_gates=frozenset({"approval"}))))[0].startswith("refuse")


def test_readers_and_tools_meet_no_approval() -> None:
    assert approval.judge(asks("read", WHERE)) == [] == approval.judge(asks(where=WHERE, tool=True))
