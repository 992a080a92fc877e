"""What killed runs left."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._ledger import deadlines
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.processes import Process
from ansible_collections.steady.ops.plugins.plugin_utils._runs.leftovers import pid_of, sweep

GONE = 2**22 + 1
DAY = 24 * 3600


@pytest.fixture(autouse=True)
def system_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's temporary directory, which is this test's own."""
    path = tmp_path / "system"
    path.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(path))
    return path


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


def test_what_a_killed_process_left_before_anybody_reaped_it_is_swept(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    left = tmp_path / f"ansible-tmp-1.5-{process.pid}-9"
    left.mkdir()
    assert sweep([tmp_path], tmp_path / "none") == []
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert sweep([tmp_path], tmp_path / "none") == [left]
    process.wait()


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
    # a process has no command line for a moment after it began
    while str(used).encode() not in Path(f"/proc/{user.pid}/cmdline").read_bytes():
        time.sleep(0.01)
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


def test_a_planted_name_sweeps_nothing(tmp_path: Path) -> None:
    """Whoever may write into a temporary directory chooses names: they must not lead elsewhere."""
    places = tmp_path / "tmp"
    kept = tmp_path / "kept"
    for path in (places, kept):
        path.mkdir()
    (kept / "file").write_text("x")
    (places / f"ansible-tmp-1.5-{GONE}-1").write_text("a file, no directory")
    (places / f"ansible-tmp-1.5-{GONE}-2").symlink_to(kept)
    inside = places / f"ansible-tmp-1.5-{GONE}-3"
    inside.mkdir()
    (inside / "link").symlink_to(kept)
    for name in (f"ansible-tmp-1.5-{GONE}", f"x-ansible-tmp-1.5-{GONE}-1", f"ansible-tmp-1.5-{GONE}-1.bak", "ansible"):
        (places / name).mkdir()
    before = {path.name for path in places.iterdir()}
    assert sweep([places], tmp_path / "none") == [inside]
    assert {path.name for path in places.iterdir()} == before - {inside.name}
    assert (kept / "file").exists(), "a link within is removed, what it leads to is not"


def test_another_users_leftovers_are_not_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = tmp_path / f"ansible-tmp-1.5-{GONE}-1"
    left.mkdir()
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    assert sweep([tmp_path], tmp_path / "none") == [] and left.exists()


def test_what_a_living_process_names_is_in_use(tmp_path: Path) -> None:
    left = tmp_path / f"ansible-tmp-1.5-{GONE}-1"
    left.mkdir()
    assert sweep([tmp_path], tmp_path / "none", command_lines=lambda: f"python {left}/x.py") == []
    assert sweep([tmp_path], tmp_path / "none", alive=lambda _pid: True, command_lines=lambda: "") == []
    assert sweep([tmp_path], tmp_path / "none", command_lines=lambda: "") == [left] and not left.exists()


def test_run_directories_are_kept_while_anything_of_them_may_live(tmp_path: Path) -> None:
    runs, elsewhere = tmp_path / "runs", tmp_path / "elsewhere"
    for path in (runs / "locked", elsewhere):
        deadlines.make(path, "01", Process(GONE, 1))
    (runs / "link").symlink_to(elsewhere)
    (runs / "file").write_text("x")
    (runs / "damaged").mkdir()
    (runs / "damaged" / "run.json").write_text("{")
    with (runs / "locked" / deadlines.MODULE_LOCK).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        assert sweep([], runs) == []
    assert sweep([], runs) == [runs / "locked"]
    assert (elsewhere / "run.json").exists() and {path.name for path in runs.iterdir()} == {"link", "file", "damaged"}


def payload(place: Path, name: str, age_seconds: float) -> Path:
    """What AnsiballZ leaves of a killed module."""
    path = place / name
    path.mkdir(mode=0o700)
    (path / "payload.zip").write_bytes(b"PK")
    then = time.time() - age_seconds
    os.utime(path, (then, then))
    return path


def test_the_code_of_our_killed_modules_goes_after_a_day(system_tmp: Path) -> None:
    old = payload(system_tmp, "ansible_steady.ops.apprunner_deploy_payload_5w19ao_1", DAY + 60)
    kept = [
        payload(system_tmp, "ansible_steady.ops.apprunner_deploy_payload_8g97lnm0", DAY - 60),
        payload(system_tmp, "ansible_acme.toy.toy_deploy_payload_4o8kkiyi", DAY + 60),
        payload(system_tmp, "ansible_steady.ops.ledger_payload_5w19ao_1.keep", DAY + 60),
    ]
    elsewhere = payload(system_tmp.parent, "ansible_steady.ops.ledger_payload_12345678", DAY + 60)
    (system_tmp / elsewhere.name).symlink_to(elsewhere)
    assert sweep([], system_tmp / "none", command_lines=lambda: "") == [old]
    assert not old.exists() and elsewhere.exists() and all(path.exists() for path in kept)


def test_the_code_of_a_module_that_runs_is_kept(system_tmp: Path) -> None:
    left = payload(system_tmp, "ansible_steady.ops.pg_ping_payload_12345678", DAY + 60)
    running = "python3 /root/.ansible/tmp/ansible-tmp-1.5-2-3/AnsiballZ_pg_ping.py"
    assert sweep([], system_tmp / "none", command_lines=lambda: running) == []
    assert sweep([], system_tmp / "none", command_lines=lambda: running.replace("pg_ping", "redis_ping")) == [left]


def test_what_disappears_while_it_is_looked_at_is_left_alone(system_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = payload(system_tmp, "ansible_steady.ops.pg_ping_payload_12345678", DAY + 60)
    entries = list(os.scandir(system_tmp))
    left.rename(system_tmp / "moved")
    scandir = os.scandir  # pathlib of Python 3.13 uses it, too
    monkeypatch.setattr(os, "scandir", lambda place: entries if Path(place) == system_tmp else scandir(place))
    assert sweep([], system_tmp / "none", command_lines=lambda: "") == []
