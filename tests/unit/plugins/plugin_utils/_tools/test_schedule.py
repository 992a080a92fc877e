"""The tool schedule; what it does is tested in _schedules/test_operating.py."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Policy
from tests.unit.plugins.plugin_utils._tools.tool_world import do


def test_nothing_declared_is_nothing_to_do(tmp_path: Path) -> None:
    policy = Policy("toy", "lab", f"file://{tmp_path}/ledger")
    do("ledger", policy, "initialise")
    told = do("schedule", policy, "", by="cron", directory=str(tmp_path))
    assert told.lines == ("ops_schedules declares nothing",)
