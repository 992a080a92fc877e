"""A component's own command: real programs, what they are told, and how they can end without a verdict."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._command import SubprocessRunner
from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.module_utils._own_command import (
    Ended,
    NoEnd,
    OwnCommand,
    argv_from,
    names_from,
    run,
)

ENVIRON = {"PATH": "/usr/bin:/bin", "SMOKE_TOKEN": "s3cr3t-value", "AWS_SECRET_ACCESS_KEY": "never"}


def python(program: str, told: dict[str, str] | None = None, **more: Any) -> Ended | NoEnd:
    command = OwnCommand((sys.executable, "-c", program), **more)
    return run(command, told=told or {}, runner=SubprocessRunner(), environ=ENVIRON)


def test_the_exit_code_and_the_last_three_lines_are_told() -> None:
    assert python("print('one\\n\\ntwo\\nthree\\nfour'); raise SystemExit(3)") == Ended(3, ("two", "three", "four"))
    assert python("print('out'); raise SystemExit('err')") == Ended(1, ("err",))
    assert python("pass") == Ended(0)


def test_a_signal_is_told_by_its_number() -> None:
    assert python("import os; os.kill(os.getpid(), 9)") == Ended(-9)


def test_it_gets_what_it_names_and_is_told_and_no_more() -> None:
    ended = python(
        "import os; print(sorted(set(os.environ) - {'LC_CTYPE'})); print(os.environ['STEADY_VERSION'])",
        told={"STEADY_VERSION": "2"},
        environment=("SMOKE_TOKEN",),
    )
    assert ended == Ended(0, ("['PATH', 'SMOKE_TOKEN', 'STEADY_VERSION']", "2"))


def test_a_version_that_no_environment_can_hold_is_told_as_far_as_it_can_be() -> None:
    ended = python("import os; print(os.environ['STEADY_VERSION'])", told={"STEADY_VERSION": "2\0.\ud8000"})
    assert ended == Ended(0, ("2.?0",))


def test_secrets_are_masked_however_the_lines_cut_them() -> None:
    key = "-----BEGIN PRIVATE KEY-----\\n" + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\\n" * 8 + "-----END PRIVATE KEY-----"
    ended = python(f"import os; print(os.environ['SMOKE_TOKEN']); print('{key}')", environment=("SMOKE_TOKEN",))
    assert ended == Ended(0, ("********", "********"))


def test_what_it_says_is_bounded_and_cannot_steer_a_terminal() -> None:
    ended = python("print('\\x1b[2J' + 'long ' * 10000)")
    assert isinstance(ended, Ended)
    assert ended.lines == (("[2J" + "long " * 100)[:300],)


def test_a_variable_that_is_not_there_is_named() -> None:
    assert python("pass", environment=("SMOKE_TOKEN", "OTHER")) == NoEnd(
        "command_environment",
        "wants OTHER, which the environment of the run does not hold",
        "Set it where the command runs, or take it out of environment.",
    )


def test_a_program_that_is_not_there() -> None:
    command = OwnCommand(("/no/such",))
    assert run(command, told={}, runner=SubprocessRunner(), environ=ENVIRON) == NoEnd(
        "command_missing",
        "did not run to its end: The program /no/such cannot be started: No such file or directory.",
        "Install it or correct its path.",
    )


def test_one_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    page = tmp_path / "pid"
    child = f"import os, time; open({str(page)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    outcome = python(program, timeout_seconds=2.0)
    assert isinstance(outcome, NoEnd)
    assert (outcome.id, outcome.remedy) == ("command_timeout", "Raise timeout_seconds.")
    assert outcome.reason.endswith("gave no result within 2 s.")
    until = time.monotonic() + 5
    while _lives(int(page.read_text())):
        assert time.monotonic() < until, "what it started goes on"
        time.sleep(0.02)


def _lives(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


@pytest.mark.parametrize("value", [None, "smoke --quick", [], [""], [None], ["smoke", 1], ["smoke", "a\0b"], {"a": 1}])
def test_what_is_no_program(value: object) -> None:
    with pytest.raises(InvalidInput, match=r"^probe\.command names no program\. Write a list: "):
        argv_from(value, "probe.command")


@pytest.mark.parametrize("value", [None, "TOKEN", [1], [""], {"TOKEN": "x"}])
def test_what_are_no_names(value: object) -> None:
    with pytest.raises(InvalidInput, match=r"^probe\.environment is no list of names\. Write a list: "):
        names_from(value, "probe.environment")


def test_what_is_right_is_read() -> None:
    assert argv_from(("smoke", "a b", ""), "w") == ("smoke", "a b", "")
    assert names_from(["A", "B"], "w") == ("A", "B")
