"""The lines that a person reads."""

from __future__ import annotations

import pickle

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._runs import gathering
from ansible_collections.steady.ops.plugins.plugin_utils._runs.lines import (
    Progress,
    ending_lines,
    first_line,
    last_line,
    plan_lines,
    progress_line,
    silence_line,
)

API = "toy/lab/api"
WOULD = {"state": "would do", "sentence": "Do it", "undo": "put it back"}
NOTICED = [
    {"severity": "ok", "message": "Fine."},
    {"severity": "warning", "message": "Old."},
    {"severity": "unknown", "message": "No data."},
]


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
    assert plan_lines(API, [WOULD], check=False) == ["  api | plan: Do it (undo: put it back)"]
    assert plan_lines(API, [], check=True) == [] == plan_lines(API, steps[1:], check=True)


def test_a_real_run_outside_the_lab_promises_nothing() -> None:
    result = {"system": "toy", "environment": "production", "runbook": "x", "action": "go", "run": "01", "mode": "real"}
    assert first_line(result, "AWS 1 r") == "toy/production | x: go | run 01 | target AWS 1 r"
    assert last_line(result, "FAILED", "AWS 1 r", 2.0) == (
        "toy/production | x: go | run 01 | target AWS 1 r | FAILED after 2.0 s"
    )


@pytest.mark.parametrize(
    ("result", "check", "lines"),
    [
        ({"failed": True, "msg": "no", "findings": NOTICED}, False, []),
        ({"msg": "2 serves", "changed": True}, False, ["done: 2 serves"]),
        ({"msg": "2 serves", "changed": False}, False, ["nothing to do: 2 serves"]),
        ({"msg": "2 serves", "changed": False, "plan": []}, True, ["nothing to do: 2 serves"]),
        # the plan is the message of a check run
        ({"msg": "would switch", "changed": True, "plan": [WOULD]}, True, []),
        ({"msg": "x", "refused": "No way back.", "plan": [WOULD]}, True, ["a real run would refuse: No way back."]),
        ({"msg": "x", "refused": "No way back."}, False, ["nothing to do: x"]),
        ({}, False, []),
        ({"plan": "x", "findings": "x"}, True, []),
        ({"findings": NOTICED}, False, ["unknown: No data.", "warning: Old."]),
        ({"findings": [{"id": "refused", "severity": "critical", "message": "x"}, "no finding"]}, True, []),
    ],
)
def test_what_a_run_came_to(result: dict[str, object], check: bool, lines: list[str]) -> None:
    assert ending_lines(API, result, check=check) == [f"  api | {line}" for line in lines]


@pytest.mark.parametrize(
    ("event", "line"),
    [
        ({"line": "half", "fraction": 0.5}, "half (50%)"),
        ({"line": "done", "fraction": 1}, "done (100%)"),
        ({"line": "begun", "fraction": 0}, "begun (0%)"),
        ({"line": "waiting", "fraction": None}, "waiting"),
        ({"line": "waiting", "fraction": True}, "waiting"),
        ({"line": "waiting", "fraction": "x"}, "waiting"),
        ({"line": "rows", "fraction": 0.5, "done": 1200, "total": 2400}, "rows (50%, 1,200 of 2,400)"),
        ({"line": "rows", "done": 3, "left_seconds": 125}, "rows (3, 2 min 5 s left)"),
        ({"line": "rows", "done": -1, "left_seconds": "soon", "total": 3}, "rows"),
        ({}, ""),
    ],
)
def test_progress(event: dict[str, object], line: str) -> None:
    assert progress_line(API, event) == f"  api | {line}"
    assert silence_line(API, "steady.ops.toy_deploy", 12.0) == "  api | toy_deploy is at work, nothing new for 12 s"
    assert silence_line("api", "toy_deploy", 12.0) == "  api | toy_deploy is at work, nothing new for 12 s"


def test_progress_survives_the_way_to_the_main_process_and_its_mask() -> None:
    said = progress_line(API, {"line": "waiting for canary", "fraction": 0.5})
    masked = said.masked(lambda text: text.replace("canary", "***"))
    come = pickle.loads(pickle.dumps(masked))
    assert come == "  api | waiting for *** (50%)" and isinstance(come, Progress)
    assert (come.object, come.sentence, come.passing) == (API, "waiting for *** (50%)", True)
    assert not progress_line(API, {"line": "switching"}).passing
    silent = silence_line(API, "steady.ops.toy_deploy", 12.0, "switching")
    assert (silent.sentence, silent.passing) == ("nothing new for 12 s", True)


def test_findings_are_not_said_where_they_are_gathered_for_the_end() -> None:
    gathering.switch(True)
    try:
        assert ending_lines(API, {"msg": "2 serves", "findings": NOTICED}, check=False) == [
            "  api | nothing to do: 2 serves"
        ]
    finally:
        gathering.switch(False)


def test_silence_names_the_last_that_was_said() -> None:
    said = silence_line(API, "toy_deploy", 12.0, "waiting: no answer since 02:00")
    assert said == "  api | toy_deploy is at work, nothing new for 12 s since: waiting: no answer since 02:00"


@pytest.mark.parametrize(
    ("check", "still_open", "lines"), [(False, False, 0), (False, True, 1), (True, False, 1), (True, True, 1)]
)
def test_what_an_earlier_run_left_is_told_until_it_is_settled(check: bool, still_open: bool, lines: int) -> None:
    finding = {"id": "unfinished_run", "severity": "warning", "message": "left"}
    told = ending_lines(API, {"findings": [finding], "intent_open": still_open}, check=check)
    assert len(told) == lines
