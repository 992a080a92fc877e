"""Running programs: what they said, why they could not start, and that nothing of them is left."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._command import CommandResult, SubprocessRunner
from ansible_collections.steady.ops.plugins.module_utils._errors import MissingDriver, Unreachable


def python(program: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", program, *arguments]


def test_exit_code_output_and_error_come_back() -> None:
    program = "import sys; print(sys.stdin.read()); print('no', file=sys.stderr); sys.exit(3)"

    assert SubprocessRunner().run(python(program), stdin="yes") == CommandResult(3, "yes\n", "no\n")


def test_a_signal_is_a_negative_exit_code() -> None:
    assert SubprocessRunner().run(python("import os; os.kill(os.getpid(), 15)")).rc == -15


def test_the_environment_given_is_the_whole_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OF_THE_PARENT", "1")
    program = "import os; print(os.environ.get('OF_THE_PARENT'), os.environ.get('PGPASSWORD'))"

    assert SubprocessRunner().run(python(program), environment={"PGPASSWORD": "x"}).out == "None x\n"
    assert SubprocessRunner().run(python(program)).out == "1 None\n"


def test_no_shell_reads_the_arguments() -> None:
    assert SubprocessRunner().run(python("import sys; print(sys.argv[1])", "$(id); * `id`")).out == "$(id); * `id`\n"


def test_bytes_that_are_no_text_do_not_end_the_run() -> None:
    assert SubprocessRunner().run(python(r"import sys; sys.stdout.buffer.write(b'a\xff')")).out == "a\ufffd"


def test_text_is_utf_8_in_every_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("locale.getencoding", lambda: "ascii")
    program = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())"

    assert SubprocessRunner().run(python(program), stdin="Müller").out == "Müller"


def test_a_program_that_does_not_read_its_input_is_no_error() -> None:
    assert SubprocessRunner().run(python("pass"), stdin="x" * 1_000_000).rc == 0


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingDriver) as caught:
        SubprocessRunner().run([str(tmp_path / "pg_dump")])

    assert str(caught.value) == (
        f"The program {tmp_path}/pg_dump cannot be started: No such file or directory. Install it or correct its path."
    )


def test_a_program_that_may_not_be_run_is_named(tmp_path: Path) -> None:
    (tmp_path / "pg_dump").touch(mode=0o600)

    with pytest.raises(MissingDriver, match=r"pg_dump cannot be started: Permission denied\."):
        SubprocessRunner().run([str(tmp_path / "pg_dump")])


def test_after_the_time_the_whole_group_is_gone(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    program = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(pid_file)!r}, 'w').write(str(child.pid))\n"
        "time.sleep(60)"
    )

    with pytest.raises(Unreachable) as caught:
        SubprocessRunner().run(python(program), timeout_seconds=0.5)

    assert str(caught.value) == f"The program {sys.executable} gave no result within 0.5 s."
    assert _gone(int(pid_file.read_text()))


def test_a_grandchild_that_left_the_group_does_not_hold_us() -> None:
    program = (
        "import subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(4)'], start_new_session=True)\n"
        "time.sleep(60)"
    )
    begun = time.monotonic()

    with pytest.raises(Unreachable):
        SubprocessRunner().run(python(program), timeout_seconds=0.3)

    assert time.monotonic() - begun < 3


def _gone(pid: int) -> bool:
    """Wait up to two seconds until the process is no more, or only its entry in the table."""
    for _number in range(40):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
            os.kill(pid, 0)
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.05)
    return False
