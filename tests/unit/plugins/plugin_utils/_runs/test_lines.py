"""The lines that a person reads."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.plugin_utils._runs.lines import last_line, plan_lines


def test_lines() -> None:
    result = {
        "system": "toy",
        "environment": "lab",
        "runbook": "x",
        "action": "go",
        "run": "01",
        "mode": "check",
        "lab": True,
    }
    assert last_line(result, "ok", "", 1.0) == (
        "toy/lab | x: go (check) | run 01 | target not pinned | ok after 1.0 s | LAB: no real system was touched"
    )
    steps = [{"state": "would do", "sentence": "Do it", "undo": ""}, {"state": "skipped", "sentence": "No"}]
    assert plan_lines("toy/lab/api", steps, check=True) == ["  api | would: Do it"]
