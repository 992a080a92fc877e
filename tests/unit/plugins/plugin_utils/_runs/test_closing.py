"""The end of a run."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import OpsError
from ansible_collections.steady.ops.plugins.plugin_utils._ledger import deadlines
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.journal import Journal
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.leases import Holder, Leases
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import initialise
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.processes import Process, this_place
from ansible_collections.steady.ops.plugins.plugin_utils._runs.closing import Record, close, interrupted
from ansible_collections.steady.ops.plugins.plugin_utils._runs.next_command import Commands


def record(tmp_path: Path, *, worked: bool, **result: object) -> Record:
    made = Record("01", "play.yml", tmp_path / "run", 0.0, worked=worked)
    if result:
        made.passed({"system": "toy", "environment": "lab", "run": "01", "runbook": "x", "action": "go", **result})
    return made


class Stage:
    """A ledger, and a run that holds a lease in it."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.ledger = initialise(f"file://{base}/ledger", "toy", "lab")[0]
        self.directory = base / "run"
        process = Process.of(os.getpid())
        assert process is not None
        deadlines.make(self.directory, "01", process)
        holder = Holder("01", "x", "x", this_place(), process, None, str(self.directory))
        self.ledger.leases.acquire(["toy/lab/api"], holder)

    def record(self, **result: object) -> Record:
        passed = {"risk": "change", "mode": "real", "ledger": self.ledger.url, "target": "AWS 1 r", **result}
        return record(self.base, worked=True, **passed)

    def closed(self) -> list[dict[str, object]]:
        return [event for event in self.ledger.journal.events("01") if event["event"] == "closed"]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_the_end_is_written_and_the_leases_given_back(stage: Stage) -> None:
    made = stage.record()
    made.failed("api", "Deploy", "x" * 470 + " postgresql://u:hunter2-and-more@db/x " + "x" * 600)
    ended = close(made, processed=["api", "web"], bad_hosts=["api"], seconds=61.26)
    (event,) = stage.closed()
    assert (event["runbook"], event["action"], event["result"], event["failed_hosts"]) == ("x", "go", "FAILED", ["api"])
    (failure,) = event["failures"]  # type: ignore[misc]
    assert (failure["host"], failure["task"]) == ("api", "Deploy") and len(failure["msg"]) <= 500
    assert "hunter2" not in str(event), "masked before it is cut: half a secret has no shape"
    assert event["seconds"] == 61.3
    assert stage.ledger.leases.all() == [] and not stage.directory.exists()
    (line,) = ended.lines
    assert ended.red == "" and line.startswith("toy/lab | x: go | run 01 | target AWS 1 r | FAILED after ")


def test_the_last_pass_of_a_run_is_the_one_that_is_closed(stage: Stage) -> None:
    made = stage.record()
    made.passed({**made.passes[0], "action": "then"})
    ended = close(made, processed=["api"], bad_hosts=[], seconds=1)
    assert [event["action"] for event in stage.closed()] == ["then"]
    assert [line.split(" | ")[1] for line in ended.lines] == ["x: go", "x: then"]


def test_a_module_that_still_lives_keeps_its_lease(stage: Stage) -> None:
    with (stage.directory / deadlines.MODULE_LOCK).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        close(stage.record(), processed=["api"], bad_hosts=["api"], seconds=1)
        assert [lease.object for lease in stage.ledger.leases.all()] == ["toy/lab/api"]
        assert stage.directory.exists() and [event["result"] for event in stage.closed()] == ["FAILED"]


def test_a_run_without_a_directory_has_no_lease_to_give_back(stage: Stage) -> None:
    deadlines.remove(stage.directory)
    close(stage.record(mode="check"), processed=["api"], bad_hosts=[], seconds=1)
    assert len(stage.closed()) == 1 and len(stage.ledger.leases.all()) == 1


def test_a_change_whose_end_cannot_be_written_ends_red_and_still_gives_its_leases_back(stage: Stage) -> None:
    (stage.base / "ledger" / "journal" / "head").unlink()
    ended = close(stage.record(), processed=["api"], bad_hosts=[], seconds=1)
    assert ended.red.startswith("The end of run 01 was not recorded: The chain journal of the ledger ")
    assert stage.ledger.leases.all() == [] and not stage.directory.exists()


def test_a_reader_whose_end_cannot_be_written_says_so_and_stays_green(stage: Stage) -> None:
    (stage.base / "ledger" / "journal" / "head").unlink()
    ended = close(stage.record(risk="read"), processed=["api"], bad_hosts=[], seconds=1)
    assert ended.red == "" and len(ended.lines) == 2
    assert ended.lines[1].startswith("The end of run 01 was not recorded: ")


def test_a_ledger_that_is_gone_is_named_once(stage: Stage) -> None:
    shutil.rmtree(stage.base / "ledger")
    ended = close(stage.record(), processed=["api"], bad_hosts=[], seconds=1)
    assert ended.red.startswith("The end of run 01 was not recorded: The ledger ")
    # the refusal itself has said it already
    assert close(stage.record(failed=True), processed=["api"], bad_hosts=["api"], seconds=1).red == ""


def test_a_reason_that_was_said_is_not_said_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    full = OpsError("The ledger cannot be written: No space left on device", remedy="Make room.")

    def fails(*_args: object, **_more: object) -> None:
        raise full

    monkeypatch.setattr(Journal, "append", fails)
    refused = stage.record(failed=True, msg=f"Refused by the gate lease: {full}")
    assert len(close(refused, processed=["api"], bad_hosts=["api"], seconds=1).lines) == 1
    failed = stage.record()
    failed.failed("api", "Deploy", f"api serves 2. What was done could not be recorded: {full}")
    monkeypatch.setattr(Leases, "release", fails)
    ended = close(failed, processed=["api"], bad_hosts=["api"], seconds=1)
    assert len(ended.lines) == 1 and ended.red == "The end of run 01 was not recorded either."


def test_leases_that_cannot_be_given_back_are_said_to_run_out(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_args: object) -> None:
        raise OpsError("The store is gone")

    monkeypatch.setattr(Leases, "release", fails)
    ended = close(stage.record(), processed=["api"], bad_hosts=[], seconds=1)
    assert len(stage.closed()) == 1 and len(ended.lines) == 1
    assert ended.red == "The leases of run 01 were not given back and run out within a minute: The store is gone."


def test_two_things_that_are_wrong_are_both_said(stage: Stage) -> None:
    (stage.base / "ledger" / "journal" / "head").unlink()
    made = stage.record()
    made.worked = False
    made.commands = Commands(["ansible-playbook", "play.yml", "--tags", "x", "-l", "api", "--skip-tags=y"])
    ended = close(made, processed=["api"], bad_hosts=[], seconds=1)
    assert "was not recorded" in ended.red and ended.red.endswith(
        "play.yml passed the gates and then did nothing: run it without --tags and --skip-tags."
        " Next: ansible-playbook play.yml -l api"
    )


@pytest.mark.parametrize(
    ("argv", "failed", "told"),
    [
        (
            ["-e", "x=1"],
            True,
            "play.yml failed before its guard, so nothing may be changed and nothing was recorded: the task 'Gather' on"
            " api said: No route. Next, when that is repaired: ansible-playbook play.yml -e x=1",
        ),
        (
            ["--start-at-task", "Gather"],
            True,
            "play.yml went past its guard, so nothing may be changed and nothing was recorded: run it without --tags,"
            " --skip-tags and --start-at-task. Next: ansible-playbook play.yml",
        ),
        (
            ["-t", "x"],
            False,
            "play.yml went past its guard, so nothing may be changed and nothing was recorded: run it without --tags,"
            " --skip-tags and --start-at-task. Next: ansible-playbook play.yml",
        ),
    ],
)
def test_a_run_that_no_guard_judged_says_why(tmp_path: Path, argv: list[str], failed: bool, told: str) -> None:
    made = Record("01", "play.yml", tmp_path / "run", 0.0, commands=Commands(["ansible-playbook", "play.yml", *argv]))
    if failed:
        made.failed("api", "Gather", "No\n route.")
    assert close(made, processed=["api"], bad_hosts=["api"], seconds=1).red == told


def test_a_run_without_hosts_shows_how_to_see_them(tmp_path: Path) -> None:
    commands = Commands(["ansible-playbook", "play.yml", "-i", "x.yml", "-l", "none"])
    made = Record("01", "play.yml", tmp_path / "run", 0.0, commands=commands)
    assert close(made, processed=[], bad_hosts=[], seconds=1).red.endswith(
        "has members. Next: ansible-inventory --graph -i x.yml"
    )


def test_a_tool_writes_its_own_entries(stage: Stage) -> None:
    made = stage.record(runbook="ledger", tool=True)
    made.worked = False
    assert close(made, processed=["api"], bad_hosts=[], seconds=1).red == ""
    assert stage.closed() == [] and len(stage.ledger.leases.all()) == 1


def test_a_refusal_without_a_policy_has_no_last_line(tmp_path: Path) -> None:
    made = Record("01", "play.yml", tmp_path / "run", 0.0)
    made.passed({"failed": True, "msg": "Refused by the gate policy"})
    ended = close(made, processed=["api"], bad_hosts=["api"], seconds=1)
    assert (ended.lines, ended.red) == ((), "")


def test_one_guard_for_many_hosts_is_one_pass_and_failures_are_bounded(tmp_path: Path) -> None:
    made = record(tmp_path, worked=True, risk="read", mode="real")
    made.passed(dict(made.passes[0]))
    made.passed({**made.passes[0], "msg": "another"})
    assert len(made.passes) == 2
    for number in range(30):
        made.failed(f"host{number}", "task", "x")
    assert len(made.failures) == 20 and made.failures[19]["host"] == "host19"


def test_a_run_that_did_nothing_ends_red(tmp_path: Path) -> None:
    assert "processed no host" in close(record(tmp_path, worked=False), processed=[], bad_hosts=[], seconds=1).red
    assert "went past its guard" in close(record(tmp_path, worked=True), processed=["api"], bad_hosts=[], seconds=1).red
    idle = record(tmp_path, worked=False, risk="change", mode="real")
    assert "passed the gates and then did nothing" in close(idle, processed=["api"], bad_hosts=[], seconds=1).red
    for fine in ({"risk": "read", "mode": "real"}, {"risk": "change", "mode": "check"}):
        assert close(record(tmp_path, worked=False, **fine), processed=["api"], bad_hosts=[], seconds=1).red == ""


def test_the_last_line_says_how_it_ended(tmp_path: Path) -> None:
    made = record(tmp_path, worked=True, risk="read", mode="real", failed=True)
    assert "REFUSED after 1.0 s" in close(made, processed=["api"], bad_hosts=["api"], seconds=1).lines[0]
    made = record(tmp_path, worked=True, risk="read", mode="real")
    assert "ok after 1.0 s" in close(made, processed=["api"], bad_hosts=[], seconds=1).lines[0]
    assert "FAILED after 1.0 s" in close(made, processed=["api"], bad_hosts=["api"], seconds=1).lines[0]


def test_a_check_run_that_would_be_refused_says_so_last(tmp_path: Path) -> None:
    made = record(tmp_path, worked=True, risk="change", mode="check")
    made.would_refuse = True
    (line,) = close(made, processed=["api"], bad_hosts=[], seconds=1).lines
    assert line.endswith(" | ok, but a real run would refuse, after 1.0 s")
    assert "FAILED after" in close(made, processed=["api"], bad_hosts=["api"], seconds=1).lines[0]


def test_a_refused_run_did_nothing_rightly(stage: Stage) -> None:
    made = stage.record(failed=True)
    made.worked = False
    assert close(made, processed=["api"], bad_hosts=["api"], seconds=1).red == ""
    assert [event["result"] for event in stage.closed()] == ["REFUSED"]


def test_a_run_without_a_ledger_is_written_nowhere(tmp_path: Path) -> None:
    made = record(tmp_path, worked=True, risk="read", mode="real", ledger="")
    (line,) = close(made, processed=["api"], bad_hosts=[], seconds=1).lines
    assert " | target not pinned | ok after " in line


@pytest.mark.parametrize("missing", ["run", "system"])
def test_a_pass_that_says_not_what_it_was_has_no_line(tmp_path: Path, missing: str) -> None:
    made = record(tmp_path, worked=True, risk="read", mode="real")
    made.passes = [{key: value for key, value in made.passes[0].items() if key != missing}]
    assert close(made, processed=["api"], bad_hosts=[], seconds=1).lines == ()


def test_a_run_that_a_person_stopped_says_what_may_go_on_and_the_way_on(stage: Stage) -> None:
    ended = interrupted(stage.record(), seconds=12.0)
    assert "INTERRUPTED after 12 s" in ended.lines[0]
    assert ended.red.startswith("The run was interrupted: what it had begun may go on without it.")
    assert "Next: " in ended.red
    (event,) = stage.closed()
    assert event["result"] == "INTERRUPTED"
    assert stage.ledger.leases.all() == []


def test_a_module_that_still_lives_keeps_its_lease_when_the_run_is_stopped(stage: Stage) -> None:
    with (stage.directory / "module.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        interrupted(stage.record(), seconds=12.0)
    assert len(stage.ledger.leases.all()) == 1


def test_a_reading_run_that_is_stopped_only_says_so(stage: Stage) -> None:
    ended = interrupted(stage.record(risk="read"), seconds=1.0)
    assert (len(ended.lines), ended.red) == (1, "")


def test_a_run_that_is_stopped_before_its_gates_says_nothing(tmp_path: Path) -> None:
    assert interrupted(record(tmp_path, worked=False), seconds=1.0).lines == ()


def test_an_end_that_cannot_be_written_is_said_when_the_run_is_stopped(stage: Stage) -> None:
    shutil.rmtree(stage.base / "ledger")
    assert any("was not recorded" in line for line in interrupted(stage.record(), seconds=1.0).lines)
