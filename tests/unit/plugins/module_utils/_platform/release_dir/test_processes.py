"""What a process runs, read from its directory in /proc."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir.processes import (
    Process,
    Processes,
    in_use,
    runs,
)

RELEASES = Path("/srv/api/releases")


@pytest.fixture
def child(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["sleep", "100"], cwd=tmp_path)
    yield process
    process.kill()
    process.wait()


def test_a_real_process(child: subprocess.Popen[bytes], tmp_path: Path) -> None:
    found = Processes().one(child.pid)
    assert found is not None
    assert (found.pid, found.parent, found.places[0]) == (child.pid, os.getpid(), str(tmp_path))
    assert abs(found.started - time.clock_gettime(time.CLOCK_BOOTTIME)) < 30
    assert found.release(tmp_path.parent) == tmp_path.name
    assert child.pid in {process.pid for process in Processes().every()}
    child.kill()
    # nobody has asked for its end yet: only its remains are there
    for _turn in range(200):
        if Processes().one(child.pid) is None:
            break
        time.sleep(0.01)
    assert Processes().one(child.pid) is None


def test_no_process(tmp_path: Path) -> None:
    assert Processes(str(tmp_path)).one(1) is None
    assert Processes(str(tmp_path)).boot() == ""
    assert Processes().boot() == Processes().boot() != ""


def test_a_process_whose_places_are_hidden(tmp_path: Path) -> None:
    (tmp_path / "7").mkdir()
    (tmp_path / "self").mkdir()
    (tmp_path / "8").mkdir()
    (tmp_path / "9").mkdir()
    (tmp_path / "9/stat").write_text("")
    fields = ["S", "1", *["0"] * 17, "4200", "0"]
    (tmp_path / "7/stat").write_text(f"7 (a (b) c) {' '.join(fields)}\n")
    ticks = os.sysconf("SC_CLK_TCK")
    assert list(Processes(str(tmp_path)).every()) == [Process(7, 1, 4200 / ticks)]


def process(pid: int, place: str = "", *, parent: int = 0, started: float = 0.0) -> Process:
    return Process(pid, parent, started, (place,) if place else ())


IN_A, IN_B = f"{RELEASES}/a/bin", f"{RELEASES}/b"


def test_where_a_process_lies() -> None:
    assert Process(1, 1, 0.0, ("/", f"{RELEASES}/a/bin/app")).release(RELEASES) == "a"
    assert process(1, f"{RELEASES}/a (deleted)").release(RELEASES) == "a"
    assert process(1, f"{RELEASES}-old/a").release(RELEASES) == ""
    assert in_use([process(1, IN_A), process(2, "/"), process(3, IN_B)], RELEASES) == {"a", "b"}


OLD = "process 1 runs what served before the link was switched"


@pytest.mark.parametrize(
    ("main", "others", "said"),
    [
        ([], [], ""),
        ([process(1, IN_B)], [], ""),
        ([process(1, IN_A)], [], "process 1 runs a"),
        ([process(1, IN_B), process(2, IN_A)], [], "process 2 runs a"),
        # not located: the moment of its start tells
        ([process(1, "/", started=10.0)], [], ""),
        ([process(1, "/", started=9.99)], [], ""),
        ([process(1, "/", started=9.9)], [], OLD),
        # reloaded: an old main process with new children
        ([process(1, IN_A)], [process(2, IN_B, parent=1)], ""),
        ([process(1, IN_A)], [process(2, IN_B, parent=3)], "process 1 runs a"),
        ([process(1, IN_A), process(3, IN_A)], [process(2, IN_B, parent=1)], "process 3 runs a"),
        ([process(1, started=1.0)], [process(2, parent=1, started=11.0)], ""),
        ([process(1, started=1.0)], [process(2, parent=1, started=2.0)], OLD),
    ],
)
def test_what_runs(main: list[Process], others: list[Process], said: str) -> None:
    assert runs(main, [*main, *others], RELEASES, "b", 10.0) == (not said, said)
