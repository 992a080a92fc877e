"""What follows the end of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._journal import anchors
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import initialise
from ansible_collections.steady.ops.plugins.plugin_utils._runs.aftermath import follow
from ansible_collections.steady.ops.plugins.plugin_utils._runs.closing import Record, close
from ansible_collections.steady.ops.plugins.plugin_utils._told import run_end


def test_a_fault_in_what_follows_is_a_line_and_keeps_the_run_red(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(_about: object) -> list[str]:
        raise OverflowError("hunter2")

    monkeypatch.setattr(run_end, "tell_end", fault)
    monkeypatch.setattr(anchors, "anchor_end", fault)
    made = Record("01", "play.yml", tmp_path / "run", 0.0)
    passed = {"run": "01", "system": "toy", "environment": "lab", "runbook": "x", "action": "go"}
    made.passed({**passed, "risk": "change", "mode": "real", "notify": [{}], "anchors": [{}]})
    ended = close(made, processed=["api"], bad_hosts=[], seconds=1)
    assert "did nothing" in ended.red
    assert ended.lines[:2] == (
        "who was told of this end is unknown: a fault of steady.ops itself (OverflowError)",
        "whether the heads of the ledger are kept is unknown: a fault of steady.ops itself (OverflowError)",
    )
    assert ended.lines[2].startswith("toy/lab | x: go | run 01 ")


def test_schedules_that_are_damaged_are_unknown_and_not_kept(tmp_path: Path) -> None:
    ledger, _new = initialise(f"file://{tmp_path}/ledger", "toy", "lab")
    (tmp_path / "ledger" / "schedules").write_text("torn")
    final = {"mode": "real", "ledger": ledger.url, "system": "toy", "environment": "lab"}
    (line,) = follow(Record("01", "play.yml", tmp_path / "run", 0.0), final, "ok", "")
    assert line.startswith("whether a scheduled run never started is unknown: The schedules of the ledger ")
