"""What killed runs left."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._ledger import deadlines
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.processes import Process
from ansible_collections.steady.ops.plugins.plugin_utils._runs.leftovers import pid_of, sweep

GONE = 2**22 + 1


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
