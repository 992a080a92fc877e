"""Commands as the supervisor, with real processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._command import SubprocessRunner
from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput, RequestRefused
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.command import Commands, checked, tail
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.processes import Processes
from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.supervisor import Caller, Health

START = (
    "import os, subprocess, sys; p = subprocess.Popen(['sleep', '100'], start_new_session=True,"
    " stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL);"
    " open('{pid}', 'w').write(str(p.pid)); open('{log}', 'a').write('runs ' + os.environ['STEADY_RELEASE'] + chr(10))"
)


@pytest.fixture
def commands(tmp_path: Path) -> Iterator[Commands]:
    pid, log = tmp_path / "pid", tmp_path / "log"
    made = Commands(
        Caller(SubprocessRunner(), 10.0),
        Processes(),
        start=(sys.executable, "-c", START.format(pid=pid, log=log)),
        stop=(sys.executable, "-c", f"import os; p = '{pid}'; os.path.exists(p) and os.kill(int(open(p).read()), 9)"),
        pid_file=str(pid),
        log_file=str(log),
    )
    yield made
    subprocess.run(made.stop, check=False, stderr=subprocess.DEVNULL)


def test_a_whole_life(commands: Commands) -> None:
    assert (commands.state().health, commands.state().word) == (Health.STOPPED, "not running")
    commands.switch("/srv/api/releases/a")
    before = commands.state()
    assert before.health is Health.RUNNING
    commands.switch("/srv/api/releases/b")
    assert commands.state().pids != before.pids
    commands.settled()
    assert commands.last_words(None, 5) == ["runs /srv/api/releases/a", "runs /srv/api/releases/b"]
    assert commands.last_words(None, 1) == ["runs /srv/api/releases/b"]
    subprocess.run(commands.stop, check=True)
    Path(commands.pid_file).write_text("99999999")
    assert commands.state().word == "process 99999999 is gone"


def commanded(**more: Any) -> Commands:
    return Commands(Caller(SubprocessRunner(), 10.0), Processes(), **{"start": ("true",), **more})


def test_a_status_that_tells() -> None:
    assert commanded(status=("true",)).state().health is Health.RUNNING
    assert commanded(status=("false",)).state().word == "not running"


def test_a_reload_of_what_runs() -> None:
    commanded(start=("false",), reload=("true",), status=("true",)).switch("/r")
    with pytest.raises(RequestRefused, match="false ended with 1"):
        commanded(start=("false",), reload=("true",), status=("false",)).switch("/r")
    with pytest.raises(RequestRefused, match="false ended with 1"):
        commanded(stop=("false",), status=("false",)).switch("/r")


@pytest.mark.parametrize("text", ["", "soon", "\n"])
def test_a_pid_file_without_a_number(tmp_path: Path, text: str) -> None:
    (tmp_path / "pid").write_text(text)
    assert commanded(pid_file=str(tmp_path / "pid")).state().health is Health.STOPPED


def test_no_log() -> None:
    assert commanded().last_words(None, 5) == ()
    assert commanded(log_file="/nowhere").last_words(None, 5) == [
        "(/nowhere cannot be read: No such file or directory)"
    ]


def test_the_end_of_a_long_log(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("x" * 100 + "\nlast\n")
    assert tail(str(tmp_path / "log"), 5, most_bytes=10) == ["xxxx", "last"]


def test_argument_lists() -> None:
    assert (checked(None, "stop"), checked(["a", "b"], "stop")) == ((), ("a", "b"))
    for wrong in ("a b", [""], [1], {"a": 1}):
        with pytest.raises(InvalidInput, match=r"supervisor\.stop is no list of words"):
            checked(wrong, "stop")
