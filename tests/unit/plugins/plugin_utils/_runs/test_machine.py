"""A module on a machine, over a line whose other end is the real attendant in a directory of the test's."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import LeaseLost, OpsError, Unreachable
from ansible_collections.steady.ops.plugins.plugin_utils._runs import machine as module_under_test
from ansible_collections.steady.ops.plugins.plugin_utils._runs import machine_attendant as attendant
from ansible_collections.steady.ops.plugins.plugin_utils._runs.machine import Machine, Reports
from ansible_collections.steady.ops.plugins.plugin_utils._runs.machine_become import BecomeRefused
from tests.release_world import VirtualClock

API = "toy/lab/api"
KEY = hashlib.sha256(f"ab12 {API}".encode()).hexdigest()[:16]
DONE = {"changed": True, "msg": "served"}


class Line:
    """Reaches the attendant in this process; what happens between its errands is a list of acts."""

    def __init__(self, base: Path, clock: VirtualClock) -> None:
        self.base, self.clock = base, clock
        self.acts: list[Callable[[], None]] = []
        self.errands: list[str] = []
        self.inherited: list[object] = []
        self.options: dict[str, Any] = {}
        self.job = Path()
        self.doubt, self.boot, self.cut = "", "b1", False

    def errand(self, request: Mapping[str, object], seconds: float) -> dict[str, object]:
        self.errands.append(str(request["errand"]))
        if request["errand"] == "look":
            self.clock.sleep(1)
            if self.acts:
                self.acts.pop(0)()
        if self.cut:
            raise Unreachable("no route to host")
        try:
            told = attendant.ERRANDS[str(request["errand"])]({"source": "", **request})
        except attendant.Unfit as error:
            told = {"error": str(error)}
        return {**told, "clock": self.clock.steady() + 5000, "boot": self.boot}

    def begin(self, module: str, options: dict[str, object], job: str) -> str:
        self.options, self.job = options, Path(job)
        if not self.doubt:
            self.answer({"started": True, "finished": False, "ansible_job_id": "j999999.1"})
            self.lock = os.open(self.job.with_name("module.lock"), os.O_RDWR)
            fcntl.flock(self.lock, fcntl.LOCK_SH)
        return self.doubt

    def send(self, path: str) -> str:
        there = self.base / "sent"
        there.write_bytes(Path(path).read_bytes())
        return str(there)

    def temporary(self) -> str:
        return "/x/ansible-tmp-1-2-3"

    def inherit(self, paths: object) -> None:
        assert isinstance(paths, list)
        self.inherited += paths

    def answer(self, content: object) -> None:
        (self.job / "j999999.1").write_text(content if isinstance(content, str) else json.dumps(content))

    def end(self, content: object = None) -> None:
        self.answer(DONE if content is None else content)
        os.close(self.lock)

    def sever(self) -> None:
        self.cut = True


class World:
    def __init__(self, base: Path) -> None:
        self.clock = VirtualClock()
        self.line = Line(base, self.clock)
        self.lease = base / "lease.json"
        self.renew()
        self.said: list[Any] = []
        self.options = {
            "permit": {"objects": [{"object": API, "token": 1, "lease_deadline_path": str(self.lease)}]},
            "progress_path": "/here/progress",
        }
        self.machine = self.made(base)

    def made(self, base: Path) -> Machine:
        return Machine(
            self.line,
            API,
            "ab12",
            str(self.lease),
            self.clock,
            lambda event: self.said.append(event["line"]),
            str(base),
        )

    def renew(self) -> None:
        self.lease.write_text(json.dumps({"deadline": self.clock.steady() + 50, "stop": False}))

    def change(self, artefact: tuple[str, str] | None = None) -> dict[str, Any]:
        return self.machine.change("acme.toy.toy_deploy", self.options, artefact)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(module_under_test, "WAIT_SECONDS", 0.01)
    return World(tmp_path)


def test_a_module_is_begun_followed_to_its_end_and_nothing_is_left(world: World) -> None:
    def reports() -> None:
        world.renew()
        path = Path(world.line.options["progress_path"])
        path.write_text('{"line": "half way"}\nnonsense\n[]\n')

    world.line.acts = [world.renew, reports, world.line.end]
    assert world.change() == DONE
    assert world.said == ["half way"]
    (lease,) = world.line.options["permit"]["objects"]
    there = Path(lease["lease_deadline_path"])
    assert json.loads(there.read_text())["deadline"] == pytest.approx(world.clock.steady() + 5000 + 50, abs=3)
    assert there.parent == world.line.job.parent and Path(world.line.options["progress_path"]).parent == there.parent
    world.machine.close()
    assert not there.parent.exists() and world.line.errands[-1] == "close"


def test_it_is_opened_once_for_all_turns_of_a_task(world: World) -> None:
    world.machine.open()
    for _turn in range(2):
        world.line.acts = [world.line.end]
        assert world.change() == DONE
    assert world.line.errands.count("begin") == 1 and world.line.job.name == "job-2"


def test_an_artefact_is_sent_and_named(world: World, tmp_path: Path) -> None:
    path = tmp_path / "artefact"
    path.write_bytes(b"content")
    digest = "sha256:ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"
    world.line.acts = [world.line.end]
    assert world.change((str(path), digest)) == DONE
    assert Path(world.line.options["artefact_path"]).read_bytes() == b"content"
    assert world.said == ["the artefact is sent"]
    with pytest.raises(OpsError, match="On the machine of toy/lab/api: the artefact was damaged on its way"):
        world.change((str(path), f"sha256:{'0' * 64}"))


def test_what_ansible_left_of_a_killed_run_is_taken_over(world: World, tmp_path: Path) -> None:
    earlier = Path(attendant.begin({"place": str(tmp_path), "key": KEY, "wait_seconds": 0, "source": ""})["directory"])
    (earlier / "temporary").write_text("/x/ansible-tmp-7-8-9\n")
    world.machine.open()
    assert world.line.inherited == ["/x/ansible-tmp-7-8-9"] and not earlier.exists()


def test_a_module_of_an_earlier_run_is_waited_for(world: World, tmp_path: Path) -> None:
    earlier = Path(attendant.begin({"place": str(tmp_path), "key": KEY, "wait_seconds": 0, "source": ""})["directory"])
    held = os.open(earlier / "module.lock", os.O_RDWR)
    fcntl.flock(held, fcntl.LOCK_SH)
    begun = world.line.errand

    def ends(request: Mapping[str, object], seconds: float) -> dict[str, object]:
        if len(world.line.errands) == 2:
            os.close(held)
        return begun(request, seconds)

    world.line.errand = ends  # type: ignore[method-assign]
    world.machine.open()
    assert world.said == ["an earlier run's module still works on the machine: it is stopped, and waited for"]
    assert not earlier.exists()


def test_one_that_never_ends_is_a_failure(world: World, tmp_path: Path) -> None:
    earlier = Path(attendant.begin({"place": str(tmp_path), "key": KEY, "wait_seconds": 0, "source": ""})["directory"])
    held = os.open(earlier / "module.lock", os.O_RDWR)
    fcntl.flock(held, fcntl.LOCK_SH)
    begun = world.line.errand

    def slow(request: Mapping[str, object], seconds: float) -> dict[str, object]:
        world.clock.sleep(20)
        return begun(request, seconds)

    world.line.errand = slow  # type: ignore[method-assign]
    with pytest.raises(LeaseLost, match="still works on the machine and does not stop"):
        world.machine.open()
    assert len(world.said) == 1
    os.close(held)


def test_a_machine_that_comes_back_is_followed_on(world: World) -> None:
    def back() -> None:
        world.line.cut = False

    silent = [lambda: None] * 3
    world.line.acts = [world.line.sever, *silent, back, world.line.end]
    assert world.change() == DONE
    assert world.said == [
        "no answer from the machine for 1.0 s, tried for 49 s more",
        "no answer from the machine for 10 s, tried for 40 s more",
    ]


def test_one_that_stays_away_is_given_up_when_its_lease_is_over(world: World) -> None:
    # the controller's own lease goes on being renewed
    world.line.acts = [world.line.sever, *([world.renew] * 100)]
    began = world.clock.steady()
    result = world.change()
    assert result["failed"] is True and "intent_open" not in result
    assert result["msg"].startswith("The machine of toy/lab/api gave no answer for 5")
    assert (
        "(no route to host); without the lease its module stops at its next safe point. Run the same" in result["msg"]
    )
    assert 49 <= world.clock.steady() - began < 60
    assert 4 <= len(world.said) <= 7, "a sign every ten seconds"
    assert not world.machine.reachable
    world.machine.close()
    assert world.line.errands[-1] == "look", "who does not answer is not waited for"


def test_a_login_that_may_not_become_the_module_s_user_is_no_machine_that_is_gone(world: World) -> None:
    def refuse(_request: object, _seconds: float) -> dict[str, object]:
        raise BecomeRefused("The login user may not become root")

    world.line.errand = refuse
    with pytest.raises(BecomeRefused):
        world.machine.open()
    assert world.machine.reachable, "what Ansible made for the login user is removed"
    world.machine.close()


def test_a_run_that_loses_its_lease_stops_its_module(world: World) -> None:
    def lose() -> None:
        world.lease.unlink()

    def stopped() -> None:
        (lease,) = world.line.options["permit"]["objects"]
        assert json.loads(Path(lease["lease_deadline_path"]).read_text())["stop"] is True
        world.line.end({"failed": True, "msg": "the lease is gone", "intent_open": True})

    world.line.acts = [lose, lambda: None, stopped]
    assert world.change()["msg"] == "the lease is gone"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"started": True, "finished": False, "ansible_job_id": "j999999.1"}, "ended on the machine without a result"),
        ([1], "ended on the machine without a result"),
        ({"failed": True, "msg": "died", "cmd": "secret", "ansible_job_id": "j1"}, "died"),
    ],
)
def test_whatever_ends_without_an_answer_is_a_failure(world: World, content: object, said: str) -> None:
    world.line.acts = [lambda: world.line.end(content)]
    result = world.change()
    assert result["failed"] and said in result["msg"] and "cmd" not in result and "ansible_job_id" not in result


def test_a_machine_that_was_started_anew_has_ended_the_module(world: World) -> None:
    def reboot() -> None:
        world.line.boot = "b2"

    world.line.acts = [reboot]
    assert "ended on the machine without a result" in world.change()["msg"]


def test_a_module_that_did_not_begin(world: World) -> None:
    world.line.doubt = "Permission denied."
    said = "The module for toy/lab/api did not begin on the machine: Permission denied. Run the same command again"
    assert world.change()["msg"].startswith(said)
    world.line.begin = lambda *_args: ""  # type: ignore[method-assign]
    assert "did not begin on the machine. Run" in world.change()["msg"]


def test_one_that_may_not_have_begun_and_did_is_followed(world: World) -> None:
    begin = world.line.begin

    def lost(*args: Any) -> str:
        begin(*args)
        return "the connection broke"

    world.line.begin = lost  # type: ignore[method-assign]
    world.line.acts = [lambda: None, world.line.end]
    assert world.change() == DONE


def test_an_errand_that_cannot_be_done_ends_it(world: World) -> None:
    errand = world.line.errand

    def unfit(request: Mapping[str, object], seconds: float) -> dict[str, object]:
        if request["errand"] == "look":
            return {"error": "the disk is gone", "clock": 0.0, "boot": "b1"}
        return errand(request, seconds)

    world.line.errand = unfit  # type: ignore[method-assign]
    assert world.change()["msg"].startswith("On the machine of toy/lab/api: the disk is gone. Run the same command")


def test_reports_are_read_once(tmp_path: Path) -> None:
    reports = Reports()
    reports.add({"line": "one"})
    reports.more = Reports()
    reports.more.add({"line": "two"})
    assert [event["line"] for event in reports.read()] == ["one", "two"]
    assert reports.read() == []
