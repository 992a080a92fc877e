"""Overrides."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.plugin_utils._gates import override
from tests.unit.plugins.plugin_utils._gates.gate_world import asks, text


def test_overrides_are_not_there_yet() -> None:
    assert override.judge(asks(), [], None) == ([], {})
    assert text(override.judge(asks(override=("window", "hold")), [], None)[0]) == [
        "refuse: ops_override asks to waive window, hold, and overrides are not available yet"
    ]
