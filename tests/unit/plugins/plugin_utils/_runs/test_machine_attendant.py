"""The program that the front end has on a machine, over real directories and a real lock."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import subprocess
import sys
import time
import zlib
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._runs import machine_attendant as attendant

LEASE = {"deadline": 123.5, "stop": False}
BEGUN = {"started": True, "finished": False, "ansible_job_id": "j41.7"}


def begin(place: Path, key: str = "k", wait: float = 0.0) -> dict[str, Any]:
    return attendant.begin({"place": str(place), "key": key, "wait_seconds": wait, "source": "pass\n"})


def opened(place: Path, key: str = "k") -> Path:
    directory = Path(begin(place, key)["directory"])
    attendant.prepare({"directory": str(directory), "job": "job-1", "temporary": "", "lease": LEASE})
    return directory


def look(directory: Path, **more: Any) -> dict[str, Any]:
    request = {"directory": str(directory), "job": "job-1", "offset": 0, "lease": LEASE, "wait_seconds": 0}
    return attendant.look(request | more)


def lease(directory: Path) -> Any:
    return json.loads((directory / "lease.json").read_text())


def hold(directory: Path) -> int:
    descriptor = os.open(directory / "module.lock", os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def answer(directory: Path, content: object) -> None:
    (directory / "job-1" / "j41.7").write_text(json.dumps(content))


def test_a_run_gets_a_directory_of_its_own_for_its_user_alone(tmp_path: Path) -> None:
    one, other = opened(tmp_path), opened(tmp_path, "other")
    assert one.parent == other.parent == tmp_path / f"steady.ops-{os.geteuid()}"
    modes = [path.stat().st_mode & 0o777 for path in (one.parent, one, one / "job-1")]
    assert modes == [0o700] * 3
    assert (one / "attendant.py").read_text() == "pass\n" and lease(one) == LEASE
    assert one.is_dir() and (one / "module.lock").is_file()


def test_a_place_that_another_could_have_made_is_refused(tmp_path: Path) -> None:
    home = tmp_path / f"steady.ops-{os.geteuid()}"
    home.mkdir(mode=0o755)
    os.chmod(home, 0o755)
    with pytest.raises(attendant.Unfit, match=r"is no directory of its user alone \(0700\)"):
        begin(tmp_path)
    home.rmdir()
    (tmp_path / "mine").mkdir(mode=0o700)
    home.symlink_to(tmp_path / "mine")
    with pytest.raises(attendant.Unfit, match="is no directory"):
        begin(tmp_path)


def test_what_a_dead_run_of_the_object_left_goes_and_its_notes_are_handed_on(tmp_path: Path) -> None:
    dead, foreign = Path(begin(tmp_path)["directory"]), opened(tmp_path, "other")
    for number, path in enumerate(("/x/ansible-tmp-1-2-3", "/x/ansible-tmp-4-5-6"), 1):
        attendant.prepare({"directory": str(dead), "job": f"job-{number}", "temporary": path, "lease": LEASE})
    begun = begin(tmp_path)
    assert begun["temporary"] == ["/x/ansible-tmp-1-2-3", "/x/ansible-tmp-4-5-6"]
    assert (dead.exists(), foreign.exists(), Path(begun["directory"]).exists()) == (False, True, True)
    os.utime(foreign, (time.time() - 90000,) * 2)
    assert begin(tmp_path)["temporary"] == [""]
    assert not foreign.exists(), "a day later nobody waits for it any more"


def test_a_module_of_an_earlier_run_is_stopped_and_waited_for(tmp_path: Path) -> None:
    earlier, other = opened(tmp_path), opened(tmp_path, "other")
    lock, others = hold(earlier), hold(other)
    assert begin(tmp_path, wait=0.25) == {"living": 1, "temporary": []}
    assert lease(earlier) == {"deadline": 0, "stop": True} and lease(other) == LEASE
    # whoever still looks after it cannot take that back
    look(earlier)
    assert lease(earlier) == {"deadline": 0, "stop": True}
    os.close(lock)
    assert begin(tmp_path)["living"] == 0 and not earlier.exists() and other.exists()
    os.close(others)


def test_a_module_that_was_begun_and_has_no_lock_yet_lives(tmp_path: Path) -> None:
    earlier = opened(tmp_path)
    answer(earlier, BEGUN)
    wrapper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "j41", "x"])
    try:
        assert look(earlier)["state"] == "running" and begin(tmp_path)["living"] == 1
    finally:
        wrapper.kill()
        wrapper.wait()
    assert look(earlier)["state"] == "dead" and begin(tmp_path)["living"] == 0


def test_how_a_module_stands(tmp_path: Path) -> None:
    directory = opened(tmp_path)
    assert look(directory)["state"] == "absent"
    (directory / "job-1" / "j41.7.tmp").write_text("{}")
    assert look(directory)["state"] == "absent"
    lock = hold(directory)
    answer(directory, BEGUN)
    assert look(directory) == {"state": "running", "result": "", "progress": "", "offset": 0}
    answer(directory, {"changed": True})
    assert look(directory)["result"] == '{"changed": true}' and look(directory)["state"] == "finished"
    os.close(lock)
    answer(directory, BEGUN)
    assert look(directory)["state"] == "dead", "it ended without an answer"
    (directory / "job-1" / "j41.7").write_text("no json")
    assert look(directory)["state"] == "dead"


def test_one_that_ends_between_two_looks_has_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = opened(tmp_path)
    answer(directory, BEGUN)

    def ends(_directory: Path) -> bool:
        answer(directory, {"changed": True})
        return False

    monkeypatch.setattr(attendant, "_lives", ends)
    assert look(directory)["state"] == "finished"


def test_progress_comes_by_whole_lines_and_at_once(tmp_path: Path) -> None:
    directory = opened(tmp_path)
    (directory / "job-1.jsonl").write_text('{"line": "ä"}\n{"li')
    began = time.monotonic()
    seen = look(directory, wait_seconds=30)
    assert (seen["progress"], seen["offset"]) == ('{"line": "ä"}\n', 15) and time.monotonic() - began < 5
    assert look(directory, offset=15)["progress"] == ""
    began = time.monotonic()
    look(directory, offset=15, wait_seconds=0.3)
    assert time.monotonic() - began >= 0.3


def test_the_lease_is_kept_until_it_is_stopped(tmp_path: Path) -> None:
    directory = opened(tmp_path)
    look(directory, lease={"deadline": 200.0, "stop": False})
    assert lease(directory)["deadline"] == 200.0
    look(directory, lease={"deadline": 0.0, "stop": True})
    look(directory, lease={"deadline": 300.0, "stop": False})
    assert lease(directory) == {"deadline": 0, "stop": True}
    (directory / "lease.json").write_text("nonsense")
    look(directory)
    assert lease(directory)["stop"] is True, "what cannot be read is no lease"


def test_an_artefact_is_taken_in_when_it_is_what_was_sent(tmp_path: Path) -> None:
    directory, sent = opened(tmp_path), tmp_path / "sent"
    sent.write_bytes(b"x" * 3_000_000)
    digest = f"sha256:{hashlib.sha256(sent.read_bytes()).hexdigest()}"
    request = {"directory": str(directory), "path": str(sent), "digest": digest}
    taken = attendant.take(request)
    assert Path(taken["path"]).read_bytes() == b"x" * 3_000_000 and not sent.exists()
    sent.write_bytes(b"other")
    with pytest.raises(attendant.Unfit, match="damaged on its way"):
        attendant.take(request)
    assert not Path(taken["path"]).exists()


def test_closing_leaves_nothing_unless_the_module_works(tmp_path: Path) -> None:
    directory = opened(tmp_path)
    lock = hold(directory)
    attendant.close({"directory": str(directory)})
    assert lease(directory)["stop"] is True
    os.close(lock)
    attendant.close({"directory": str(directory)})
    assert not directory.exists()
    attendant.close({"directory": str(directory)})


def ask(request: dict[str, Any]) -> Any:
    word = base64.b64encode(zlib.compress(json.dumps(request).encode())).decode()
    done = subprocess.run(
        [sys.executable, "-I", attendant.__file__, word], capture_output=True, text=True, check=True, umask=0
    )
    mark, _colon, said = done.stdout.strip().partition(":")
    assert f"{mark}:" == attendant.MARK
    return json.loads(base64.b64decode(said))


def test_it_is_a_program_of_its_own_and_says_what_its_clock_shows(tmp_path: Path) -> None:
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    told = ask({"errand": "begin", "place": str(tmp_path), "key": "k", "wait_seconds": 0, "source": ""})
    assert before < told["clock"] < time.clock_gettime(time.CLOCK_BOOTTIME) and len(told["boot"]) == 36
    assert {path.stat().st_mode & 0o077 for path in Path(told["directory"]).iterdir()} == {0}
    (tmp_path / f"steady.ops-{os.geteuid()}").chmod(0o777)
    assert (
        "is no directory of its user alone"
        in ask({"errand": "begin", "place": str(tmp_path), "key": "k", "wait_seconds": 0, "source": ""})["error"]
    )
    gone = ask({"errand": "look", "directory": "/nowhere", "job": "j", "offset": 0, "lease": LEASE, "wait_seconds": 0})
    assert gone["error"].startswith("/nowhere/") and gone["error"].endswith("No such file or directory")
