"""How errands reach a machine: the real program, run by the command line that would go over the connection."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import OpsError, Unreachable
from ansible_collections.steady.ops.plugins.plugin_utils._runs.machine_attendant import MARK
from ansible_collections.steady.ops.plugins.plugin_utils._runs.machine_errands import (
    Errands,
    _words,
    answer_in,
    in_time,
)

LEASE = {"deadline": 1.0, "stop": False}


def said(text: str) -> dict[str, Any]:
    return {"rc": 0, "stdout": text, "stderr": ""}


def packed(value: object) -> str:
    return MARK + base64.b64encode(json.dumps(value).encode()).decode()


class Shell:
    """A machine whose login is talkative, and in whose home lies what Python must not import."""

    def __init__(self, home: Path) -> None:
        self.home, self.lines, self.asked = home, list[str](), 0
        (home / "json.py").write_text("raise SystemExit('a trap')")

    def command(self, line: str) -> dict[str, Any]:
        self.lines.append(line)
        done = subprocess.run(
            ["/bin/sh", "-c", f"echo 'Welcome'; {line}; echo 'Bye'"],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.home,
            env={"PYTHONPATH": str(self.home), "PATH": os.environ["PATH"]},
        )
        return {"rc": done.returncode, "stdout": done.stdout.replace("\n", "\r\n"), "stderr": done.stderr}

    def interpreter(self) -> str:
        self.asked += 1
        return sys.executable


def test_the_program_is_brought_once_and_then_called(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    errands = Errands(shell.command, shell.interpreter)
    place = tmp_path / "a b;c'd"
    place.mkdir()
    begun = errands.errand({"errand": "begin", "place": str(place), "key": "k", "wait_seconds": 0}, 30)
    directory = str(begun["directory"])
    request = {"directory": directory, "job": "job-1", "lease": LEASE}
    errands.errand({"errand": "prepare", "temporary": "/x", **request}, 30)
    looked = errands.errand({"errand": "look", "offset": 0, "wait_seconds": 0, **request}, 30)
    assert looked["state"] == "absent" and looked["boot"] == begun["boot"] and shell.asked == 1
    assert len(shell.lines[0]) < 16_000 and len(shell.lines[2]) < 1000
    errands.errand({"errand": "close", "directory": directory}, 30)
    assert not Path(directory).exists()


@pytest.mark.parametrize(
    "stdout", ["", "hello", f"{MARK}!!!", packed([1]), f"{MARK}{base64.b64encode(b'nonsense').decode()}"]
)
def test_what_is_no_answer(stdout: str) -> None:
    with pytest.raises(Unreachable, match=r"The machine gave no answer \(exit code 0: "):
        answer_in(said(stdout))


def test_what_the_machine_said_instead_is_told_without_secrets() -> None:
    with pytest.raises(Unreachable) as error:
        answer_in({"rc": 1, "stdout": "x", "stderr": "sudo: password=hunter2\n is required"})
    assert "exit code 1: sudo: password=******** is required x" in str(error.value)


def test_an_answer_is_found_in_whatever_a_login_says() -> None:
    assert answer_in(said(f"Last login\r\nprompt> {packed({'a': 1})}\r\nlogout")) == {"a": 1}


def test_what_hangs_is_left_behind() -> None:
    freed, recovered = threading.Event(), threading.Event()
    began = time.monotonic()
    with pytest.raises(Unreachable, match=r"no answer within 0\.1 s"):
        in_time(lambda: {"late": freed.wait(20)}, 0.1, recovered.set)
    assert time.monotonic() - began < 5 and recovered.wait(5)
    freed.set()


def test_what_fails_is_told() -> None:
    def fails(error: BaseException) -> dict[str, object]:
        raise error

    with pytest.raises(Unreachable, match=r"The host cannot be reached: no route password=\*{8}"):
        in_time(lambda: fails(RuntimeError("no\nroute password=x1y2z3")), 5)
    with pytest.raises(OpsError, match="as it is") as kept:
        in_time(lambda: fails(OpsError("as it is")), 5)
    assert not isinstance(kept.value, Unreachable)
    assert in_time(lambda: {"a": 1}, 5) == {"a": 1}


def test_an_interpreter_is_one_path_or_what_env_finds() -> None:
    assert _words("/a path/bin/python") == ["/a path/bin/python"]
    assert _words("/usr/bin/env python3") == ["/usr/bin/env", "python3"]
