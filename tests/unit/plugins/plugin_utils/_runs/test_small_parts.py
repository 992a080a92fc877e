"""Ids, lines, progress, leftovers, secrets, arguments, the end of a run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Policy
from ansible_collections.steady.ops.plugins.plugin_utils._ledger import deadlines
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.processes import Process
from ansible_collections.steady.ops.plugins.plugin_utils._runs.asking import objects_of, read_arguments
from ansible_collections.steady.ops.plugins.plugin_utils._runs.closing import Record, close
from ansible_collections.steady.ops.plugins.plugin_utils._runs.ids import new_run_id
from ansible_collections.steady.ops.plugins.plugin_utils._runs.leftovers import pid_of, sweep
from ansible_collections.steady.ops.plugins.plugin_utils._runs.lines import last_line, plan_lines
from ansible_collections.steady.ops.plugins.plugin_utils._runs.progress import Tail, follow
from ansible_collections.steady.ops.plugins.plugin_utils._runs.secrets import secrets_in

GONE = 2**22 + 1


def test_run_ids_sort_by_time() -> None:
    assert new_run_id(0, 0) == "0" * 26
    assert new_run_id(2**48 - 1, 2**80 - 1) == "7" + "Z" * 25
    assert new_run_id(1, 2**80 - 1) < new_run_id(2, 0)
    assert new_run_id() != new_run_id() and len(new_run_id()) == 26


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


def test_progress_is_followed_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "progress"
    tail = Tail(path)
    assert tail.read() == []
    path.write_text('{"line": "one"}\n{"line": "tw')
    assert [event["line"] for event in tail.read()] == ["one"]
    with path.open("a") as more:
        more.write('o"}\nnonsense\n[]\n')
    assert [event["line"] for event in tail.read()] == ["two"]


class Ticks:
    """Each look takes four seconds."""

    def __init__(self) -> None:
        self.time = 0.0

    def steady(self) -> float:
        return self.time


def test_silence_is_broken_every_ten_seconds(tmp_path: Path) -> None:
    clock, said = Ticks(), []
    path = tmp_path / "progress"

    def finished(_seconds: float) -> bool:
        clock.time += 4
        if clock.time == 28:
            path.write_text(json.dumps({"line": "half way", "fraction": 0.5}) + "\n")
        return clock.time >= 40

    follow(
        object="toy/lab/api", module="steady.ops.toy", tail=Tail(path), finished=finished, say=said.append, clock=clock
    )  # type: ignore[arg-type]
    assert said == [
        "  api | toy is at work, 12 s",
        "  api | toy is at work, 24 s",
        "  api | half way (50%)",
    ]


@pytest.mark.parametrize(
    ("name", "pid"),
    [
        ("ansible-tmp-1795264159.410485-13425-39727952145055", 13425),
        ("ansible-local-1342512345678", 13425),
        ("ansible-local-13425abcdefg_", 13425),
        ("ansible-tmp-1795264159-13425", None),
        ("ansiballz_cache", None),
        ("ansible-local-123", None),
    ],
)
def test_temporary_directories_name_their_maker(name: str, pid: int | None) -> None:
    assert pid_of(name) == pid


def test_only_what_is_dead_and_unused_is_swept(tmp_path: Path) -> None:
    def left(name: str) -> Path:
        path = tmp_path / "tmp" / name
        path.mkdir(parents=True)
        (path / "AnsiballZ_x.py").write_text("secret")
        return path

    dead, mine = left(f"ansible-tmp-1.5-{GONE}-9"), left(f"ansible-tmp-1.5-{os.getpid()}-9")
    used, other = left(f"ansible-tmp-1.5-{GONE}-8"), left("keep")
    (tmp_path / "tmp" / f"ansible-tmp-1.5-{GONE}-7").symlink_to(other)
    user = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", str(used / "AnsiballZ_x.py")])
    runs = tmp_path / "runs"
    me = Process.of(os.getpid())
    assert me is not None
    for name, process in (("dead", Process(GONE, 1)), ("mine", me)):
        deadlines.make(runs / name, name, process)
    (runs / "unknown").mkdir()
    try:
        removed = sweep([tmp_path / "tmp", tmp_path / "none"], runs)
    finally:
        user.kill()
        user.wait()
    assert removed == [dead, runs / "dead"]
    assert mine.exists() and used.exists() and other.exists() and (runs / "mine").exists()
    assert sweep([], tmp_path / "none") == []


def test_secrets_are_known_by_name() -> None:
    options = {
        "login_password": "one",
        "login_password_file": "/file",
        "nested": {"headers": {"Authorization": "two"}, "list": [{"api_key": "three"}, {"name": "four"}]},
        "environment_secrets": {"X": "five"},
        "bearer_token": None,
    }
    assert secrets_in(options) == {"one", "two", "three", "five"}


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        ({}, "The guard wants one of runbook and tool."),
        ({"runbook": "x", "tool": "y"}, "The guard wants one of runbook and tool."),
        ({"runbook": "x", "risk": "read"}, "The guard has no argument risk here."),
        ({"tool": "x", "risk": "some"}, "The guard's argument risk is 'some'."),
        ({"tool": "x", "objects": "api"}, "The guard's argument objects is no list."),
        ({"tool": "x", "operation": "api"}, "The guard's argument operation is no dictionary."),
    ],
)
def test_wrong_arguments_are_named(args: dict[str, object], sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_arguments(args)
    assert str(caught.value).startswith(sentence)


def test_objects_are_full_paths_in_one_order() -> None:
    words = ["component", "environment", "database", "toy/lab/x"]
    assert objects_of(words, Policy("toy", "lab", ""), ["web", "api"]) == (
        "toy/lab",
        "toy/lab/api",
        "toy/lab/database",
        "toy/lab/web",
        "toy/lab/x",
    )


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
