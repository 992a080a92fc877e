"""What cron starts."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._schedules import cron_start
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.cron_start import launcher, start_when_due

NOW = datetime.fromisoformat("2026-11-22T12:00:00+00:00")


@pytest.fixture
def job(tmp_path: Path) -> dict[str, Any]:
    secrets = tmp_path / "secrets"
    secrets.write_text("# none of these\n\nTOKEN='canary'\nodd\n")
    program = "import os, sys; open('out', 'a').write(os.environ['TOKEN'] + os.environ['A'] + chr(10)); sys.exit(3)"
    return {
        "rule": {"zone": "UTC", "days": ["daily"], "at": ["02:30"]},
        "random_delay_minutes": 10,
        "timeout_minutes": 1,
        "argv": [sys.executable, "-c", program],
        "environment": {"A": "b"},
        "environment_file": str(secrets),
        "directory": str(tmp_path),
    }


def lines(base: Path) -> int:
    return len((base / "out").read_text().splitlines()) if (base / "out").exists() else 0


def test_it_begins_with_the_next_due_time_and_runs_once_for_each(job: dict[str, Any], tmp_path: Path) -> None:
    mark, slept = tmp_path / "state" / "mark", []
    assert start_when_due(job, mark, NOW) == 0 and lines(tmp_path) == 0
    os.utime(mark, (NOW.timestamp(), NOW.timestamp()))
    assert start_when_due(job, mark, NOW + timedelta(hours=1)) == 0 and lines(tmp_path) == 0
    # the machine was off for two due times
    late = NOW + timedelta(days=2)
    assert start_when_due(job, mark, late, sleep=slept.append) == 3 and lines(tmp_path) == 1
    assert len(slept) == 1 and 0 <= slept[0] <= 600 and (tmp_path / "out").read_text() == "canaryb\n"
    assert start_when_due(job, mark, late + timedelta(minutes=15)) == 0 and lines(tmp_path) == 1


def test_what_was_due_before_the_job_was_written_is_not_caught_up(job: dict[str, Any], tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    mark.touch()
    os.utime(mark, (0, 0))
    assert start_when_due(job, mark, NOW, since=NOW - timedelta(hours=1)) == 0 and lines(tmp_path) == 0
    assert start_when_due(job, mark, NOW, since=NOW - timedelta(days=1), sleep=lambda seconds: None) == 3


def test_a_second_one_waits_for_its_next_due_time(job: dict[str, Any], tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    mark.touch()
    os.utime(mark, (0, 0))
    with mark.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert start_when_due(job, mark, NOW) == 0
    assert lines(tmp_path) == 0


def test_the_run_alone_is_ended_when_its_time_is_up(
    job: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "mark"
    monkeypatch.setattr(cron_start, "_STOP_SECONDS", 0.2)
    told, wait = [], subprocess.Popen.wait
    for stubborn in (False, True):
        mark.touch()
        os.utime(mark, (0, 0))
        ignored = "signal.signal(signal.SIGTERM, signal.SIG_IGN); " if stubborn else ""
        program = f"import signal, time; {ignored}open('ready', 'w').close(); time.sleep(60)"

        def waited(run: subprocess.Popen[bytes], timeout: float | None = None) -> int:
            if timeout == 60:
                while not (tmp_path / "ready").exists():
                    pass
                raise subprocess.TimeoutExpired("it", timeout)
            told.append(timeout)
            return wait(run, timeout)

        with monkeypatch.context() as patch:
            patch.setattr(subprocess.Popen, "wait", waited)
            changed = {**job, "argv": [sys.executable, "-c", program], "environment_file": ""}
            assert start_when_due(changed, mark, NOW, sleep=lambda seconds: None) == 1
        (tmp_path / "ready").unlink()
    assert told == [0.2, 0.2, None]


def test_it_is_started_as_cron_does(job: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "jobs").write_text(json.dumps({"jobs": {"one": {**job, "random_delay_minutes": 0}}}))
    command = [*launcher(), str(tmp_path / "jobs"), "one"]
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    mark = tmp_path / ".local" / "state" / "steady.ops" / "schedules" / "one"
    assert subprocess.run(command, env=environment, check=False).returncode == 0 and mark.exists()
    os.utime(mark, (0, 0))
    os.utime(tmp_path / "jobs", (0, 0))
    assert subprocess.run(command, env=environment, check=False).returncode == 3 and lines(tmp_path) == 1
