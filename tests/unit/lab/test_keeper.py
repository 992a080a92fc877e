"""What keeps sanvi's applications running: out of the release under the link, ended for good, refused in a sentence."""

from __future__ import annotations

import json
import os
import socket
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import archives, keeper
from lab.processes import read_record, stop


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    for name in ("records", "logs"):
        (tmp_path / name).mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings = {"host": "127.0.0.1", "port": free.getsockname()[1]}
    archives.lay_machine(tmp_path / "app", tmp_path / "srv", settings)
    yield tmp_path
    stop(read_record(tmp_path / "records" / "app.json"))


def answer(state: Path) -> dict[str, str]:
    port = json.loads((state / "app" / "machine.json").read_text())["settings"]["port"]
    until = time.monotonic() + 10
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/version", timeout=5) as said:
                return dict(json.load(said))
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.02)


def test_it_runs_what_the_link_leads_to_and_ends_it(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archives.lay_first(state / "srv", {"version": "1.0.0", "contract": "generic"})
    archives.lay_first(state / "srv", {"version": "2.0.0", "contract": "generic"})
    assert os.readlink(state / "srv" / "current") == "releases/1.0.0", "what is there stays"
    assert keeper.main(["start", str(state), "app"]) == 0
    said = answer(state)
    assert said["version"] == "1.0.0"
    assert os.readlink(f"/proc/{said['instance']}/cwd") == str(state / "srv" / "releases" / "1.0.0")
    assert keeper.pid_file(state, "app").read_text().strip() == said["instance"]
    assert "listening" in keeper.log_file(state, "app").read_text()
    assert not list((state / "srv").rglob("*.pyc")), "what runs changes its release"
    assert keeper.main(["stop", str(state), "app"]) == 0
    assert (
        not Path(f"/proc/{said['instance']}/cwd").exists() or "Z" in Path(f"/proc/{said['instance']}/stat").read_text()
    )
    assert keeper.main(["stop", str(state), "app"]) == 0

    (state / "srv" / "current" / keeper.RELEASE).unlink()
    assert keeper.main(["start", str(state), "app"]) == 1
    assert "/srv/current is no release of the sample application (" in capsys.readouterr().err


def test_a_release_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    release = {"version": "1.0.0", "behaviour": "ok", "contract": "generic"}
    assert archives.archive_of(release) == archives.archive_of(dict(release))
    archives.lay_archive(tmp_path / "artefacts" / "1.0.0.tar.gz", release)
    kept = (tmp_path / "artefacts" / "1.0.0.tar.gz").stat()
    archives.lay_archive(tmp_path / "artefacts" / "1.0.0.tar.gz", {**release, "version": "2.0.0"})
    assert (tmp_path / "artefacts" / "1.0.0.tar.gz").stat() == kept, "what CI has left stays as it is"
