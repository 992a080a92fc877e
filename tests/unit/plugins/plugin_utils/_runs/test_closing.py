"""The end of a run."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.steady.ops.plugins.plugin_utils._runs.closing import Record, close


def record(tmp_path: Path, *, worked: bool, **result: object) -> Record:
    made = Record("01", "play.yml", tmp_path / "run", 0.0, worked=worked)
    if result:
        made.passed({"system": "toy", "environment": "lab", "run": "01", "runbook": "x", "action": "go", **result})
    return made


def test_a_run_that_did_nothing_ends_red(tmp_path: Path) -> None:
    assert "processed no host" in close(record(tmp_path, worked=False), processed=[], bad_hosts=[], seconds=1).red
    assert "went past its guard" in close(record(tmp_path, worked=True), processed=["api"], bad_hosts=[], seconds=1).red
    idle = record(tmp_path, worked=False, risk="change", mode="real")
    assert "passed the gates and then did nothing" in close(idle, processed=["api"], bad_hosts=[], seconds=1).red
    for fine in ({"risk": "read", "mode": "real"}, {"risk": "change", "mode": "check"}):
        assert close(record(tmp_path, worked=False, **fine), processed=["api"], bad_hosts=[], seconds=1).red == ""


def test_the_last_line_says_how_it_ended(tmp_path: Path) -> None:
    made = record(tmp_path, worked=True, risk="read", mode="real", failed=True)
    assert "REFUSED after 1.0 s" in close(made, processed=["api"], bad_hosts=["api"], seconds=1).lines[0]
    made = record(tmp_path, worked=True, risk="read", mode="real")
    assert "FAILED after 1.0 s" in close(made, processed=["api"], bad_hosts=["api"], seconds=1).lines[0]
