from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.scratch import end_processes, processes_in, scratch

SLEEP = [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)"]


@pytest.fixture(autouse=True)
def temporary_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[dict[str, subprocess.Popen[str]]]:
    (tmp_path / "in").mkdir()
    (tmp_path / "in too").mkdir()
    started = {
        "works there": subprocess.Popen(SLEEP, cwd=tmp_path / "in", start_new_session=True, stdout=-1, text=True),
        "path as argument": subprocess.Popen(
            [*SLEEP, f"{tmp_path}/in/settings"], start_new_session=True, stdout=-1, text=True
        ),
        "beside": subprocess.Popen(SLEEP, cwd=tmp_path / "in too", start_new_session=True, stdout=-1, text=True),
    }
    for process in started.values():
        assert process.stdout
        process.stdout.readline()
    yield started
    for process in started.values():
        process.kill()
        process.communicate()


def test_only_what_works_in_the_directory_is_ended(servers: dict[str, subprocess.Popen[str]], tmp_path: Path) -> None:
    inside = {servers["works there"].pid, servers["path as argument"].pid}
    assert set(processes_in(tmp_path / "in")) == inside
    assert end_processes(tmp_path / "in") >= 2
    assert servers["works there"].wait(5) == servers["path as argument"].wait(5) == -9
    assert servers["beside"].poll() is None


def test_two_runs_of_one_checkout_do_not_meet(tmp_path: Path) -> None:
    with scratch(tmp_path) as directory:
        assert directory.is_dir()
        with pytest.raises(SystemExit, match="another `make test` runs in this checkout"), scratch(tmp_path):
            raise AssertionError("the second run was let in")


def test_each_run_starts_empty(tmp_path: Path) -> None:
    with scratch(tmp_path) as directory:
        (directory / "left").touch()
    with scratch(tmp_path) as directory:
        assert list(directory.iterdir()) == []
