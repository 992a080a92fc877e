"""Passing the gates in process, with a real ledger and a real keeper."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._clock import SystemClock
from ansible_collections.steady.ops.plugins.module_utils._errors import OpsError, Refused, Unreachable
from ansible_collections.steady.ops.plugins.module_utils._redact import Redactor
from ansible_collections.steady.ops.plugins.plugin_utils._gates.identity import Caller
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Policy, Request
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.journal import Journal
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.leases import Holder, Leases
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger, initialise
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.processes import Process, this_place
from ansible_collections.steady.ops.plugins.plugin_utils._runs import passage
from ansible_collections.steady.ops.plugins.plugin_utils._runs.passage import Door, TurnedAway, pass_gates
from tests.unit.plugins.plugin_utils._ledger.lease_world import GONE


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return initialise(f"file://{tmp_path}/ledger", "toy", "lab")[0]


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    found = Process.of(process.pid)
    assert found is not None
    yield Door(
        run="01A",
        process=found,
        runs=tmp_path / "runs",
        inventory="i",
        who={"user": "ann"},
        extra_names=["b", "a"],
        ask_aws=lambda _connection: Caller("1", "r"),
        say=lambda _line: None,
        clock=SystemClock(),
        environment={},
    )
    process.kill()
    process.wait()


def asks(base: Path, name: str = "api", risk: str = "change") -> Request:
    where = Policy("toy", "lab", f"file://{base}/ledger")
    return Request("deploy", "deploy", risk, where, (f"toy/lab/{name}",), procedures=("SU-08",))


def test_a_change_is_leased_kept_and_opened(ledger: Ledger, door: Door, tmp_path: Path) -> None:
    permit = pass_gates(asks(tmp_path), door)["permit"]
    assert isinstance(permit, dict)
    (held,) = permit["objects"]
    assert held["token"] == 1 and Path(held["lease_deadline_path"]).exists()
    (event,) = ledger.journal.events("01A")
    assert (event["event"], event["allowed"], event["extra_variables"]) == ("opened", True, ["a", "b"])
    assert (event["procedures"], event["who"]) == (["SU-08"], {"user": "ann"})


def test_a_second_guard_of_the_run_adds_to_its_leases(ledger: Ledger, door: Door, tmp_path: Path) -> None:
    pass_gates(asks(tmp_path), door)
    second = pass_gates(asks(tmp_path, "web"), door)["permit"]
    assert isinstance(second, dict) and Path(second["objects"][0]["lease_deadline_path"]).exists()
    assert len({lease.holder.keeper for lease in ledger.leases.all()}) == 1, "one keeper keeps both"


def test_reading_takes_no_lease(ledger: Ledger, door: Door, tmp_path: Path) -> None:
    assert pass_gates(asks(tmp_path, risk="read"), door)["findings"] == []
    assert ledger.leases.all() == [] and not door.runs.exists()


def test_a_refusal_is_journalled_and_leaves_nothing(ledger: Ledger, door: Door, tmp_path: Path) -> None:
    with pytest.raises(TurnedAway) as caught:
        pass_gates(replace(asks(tmp_path), override=("window",)), door)
    assert caught.value.result["run"] == "01A"
    (event,) = ledger.journal.events("01A")
    assert event["allowed"] is False and ledger.leases.all() == [] and not door.runs.exists()


def test_in_check_mode_the_same_refusal_is_a_finding(ledger: Ledger, door: Door, tmp_path: Path) -> None:
    result = pass_gates(replace(asks(tmp_path), override=("window",), check=True), door)
    findings = result["findings"]
    assert isinstance(findings, list) and [finding["id"] for finding in findings] == ["gate.override"]
    assert ledger.leases.all() == [] and not door.runs.exists()


def test_a_change_without_a_journal_is_refused(ledger: Ledger, door: Door, tmp_path: Path) -> None:
    with pytest.raises(TurnedAway, match=r"steady\.ops\.journal, which records this run, is not active"):
        pass_gates(asks(tmp_path), replace(door, run=""))
    (tmp_path / "ledger" / "journal" / "head").unlink()
    with pytest.raises(TurnedAway, match="Refused by the gate journal"):
        pass_gates(asks(tmp_path), door)
    assert ledger.leases.all() == [] and not (door.runs / "01A").exists()


def test_a_ledger_out_of_reach_is_unknown_to_a_reader_and_shut_to_a_change(
    ledger: Ledger, door: Door, tmp_path: Path
) -> None:
    (tmp_path / "ledger" / "identity").unlink()
    (tmp_path / "ledger" / "identity").mkdir()
    findings = pass_gates(asks(tmp_path, risk="read"), door)["findings"]
    assert isinstance(findings, list) and [finding["severity"] for finding in findings] == ["unknown"]
    with pytest.raises(TurnedAway, match="Refused by the gate ledger"):
        pass_gates(asks(tmp_path), door)


@pytest.mark.parametrize("tool", [False, True])
def test_a_ledger_that_is_not_initialised_stops_what_changes_and_is_said_to_who_reads(
    door: Door, tmp_path: Path, tool: bool
) -> None:
    for check in (False, True):
        with pytest.raises(TurnedAway, match=r"is not initialised.* If it existed before, mount or restore it"):
            pass_gates(replace(asks(tmp_path), check=check), door)
    said: list[str] = []
    request = replace(asks(tmp_path, risk="read"), tool=tool)
    findings = pass_gates(request, replace(door, say=said.append))["findings"]
    assert isinstance(findings, list) and findings[0]["severity"] == "unknown"
    assert said[-1].startswith("  nothing of this run is journalled: The ledger file://")
    assert "`ansible-playbook steady.ops.ledger -i i -e ledger_action=initialise`" in said[-1]


@pytest.mark.parametrize("harm", ["identity", "shared", "journal"])
def test_a_damaged_ledger_stops_what_changes_and_is_said_to_who_reads(
    ledger: Ledger, door: Door, tmp_path: Path, harm: str
) -> None:
    if harm == "identity":
        (tmp_path / "ledger" / "identity").write_text("{")
    elif harm == "shared":
        (tmp_path / "ledger").chmod(0o777)
    else:
        (tmp_path / "ledger" / "journal" / "head").unlink()
    said: list[str] = []
    assert "permit" in pass_gates(asks(tmp_path, risk="read"), replace(door, say=said.append))
    assert [line.partition(":")[0] for line in said[1:]] == ["  nothing of this run is journalled"]
    with pytest.raises(TurnedAway, match="Refused by the gate"):
        pass_gates(asks(tmp_path), door)


def test_a_ledger_that_was_used_is_remembered_but_not_by_check_mode(door: Door, tmp_path: Path) -> None:
    ledger = initialise(f"file://{tmp_path}/ledger", "toy", "staging")[0]
    where = Policy("toy", "staging", ledger.url)
    request = replace(asks(tmp_path, risk="read"), policy=where)
    pass_gates(replace(request, check=True), door)
    assert door.memory.recall(ledger.url) is None
    pass_gates(request, door)
    known = door.memory.recall(ledger.url)
    assert known is not None and known.id == ledger.identity.id


def test_a_holder_that_cannot_be_seen_is_waited_for_and_then_named(ledger: Ledger, door: Door, tmp_path: Path) -> None:
    elsewhere = Holder("01B", "bob", "far", "another place", Process(7, 7), None, "/x", "deploy")
    ledger.leases.acquire(["toy/lab/api"], elsewhere)
    said: list[str] = []
    with pytest.raises(TurnedAway) as caught:
        pass_gates(asks(tmp_path), replace(door, say=said.append, patience_seconds=0.5))
    assert str(caught.value).startswith("Refused by the gate lease: toy/lab/api is")
    assert "run 01B (deploy) of bob@far" in str(caught.value)
    assert any(line.startswith("waiting for toy/lab/api: run 01B (deploy) of bob@far, process 7") for line in said)
    findings = caught.value.result["findings"]
    assert isinstance(findings, list) and [finding["id"] for finding in findings] == ["gate.lease"]
    (event,) = ledger.journal.events("01A")
    assert event["allowed"] is False and event["findings"] == findings
    assert [lease.holder.run for lease in ledger.leases.all()] == ["01B"]


def test_without_a_keeper_the_leases_are_given_back(
    ledger: Ledger, door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_more: object) -> None:
        raise Unreachable("The keeper of the leases did not start")

    monkeypatch.setattr(passage.keeper, "start", fails)
    with pytest.raises(TurnedAway, match="Refused by the gate lease: The keeper of the leases did not start"):
        pass_gates(asks(tmp_path), door)
    assert ledger.leases.all() == [] and not (door.runs / "01A").exists()


def test_leases_that_cannot_be_given_back_are_said_to_run_out(
    ledger: Ledger, door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_args: object) -> None:
        raise Unreachable("The store is gone")

    (tmp_path / "ledger" / "journal" / "head").unlink()
    monkeypatch.setattr(passage.keeper, "start", lambda **_more: None)
    monkeypatch.setattr(Leases, "release", fails)
    said: list[str] = []
    with pytest.raises(TurnedAway, match="Refused by the gate journal"):
        pass_gates(asks(tmp_path), replace(door, say=said.append))
    assert said[-1] == ("the leases of run 01A were not given back and run out within a minute: The store is gone.")
    assert not (door.runs / "01A").exists()


@pytest.mark.parametrize(
    ("risk", "check", "stopped"), [("read", False, False), ("change", True, False), ("change", False, True)]
)
@pytest.mark.parametrize(("error", "gate"), [(Unreachable("gone"), "gate.ledger"), (Refused("broken"), "gate.journal")])
def test_an_opening_that_cannot_be_written_stops_only_what_changes(
    ledger: Ledger,
    door: Door,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: OpsError,
    gate: str,
    risk: str,
    check: bool,
    stopped: bool,
) -> None:
    def fails(*_args: object) -> int:
        raise error

    monkeypatch.setattr(passage.keeper, "start", lambda **_more: None)
    monkeypatch.setattr(Journal, "append", fails)
    request = replace(asks(tmp_path, risk=risk), check=check)
    if stopped:
        with pytest.raises(TurnedAway) as caught:
            pass_gates(request, door)
        result = caught.value.result
        assert "permit" not in result
    else:
        result = pass_gates(request, door)
    findings = result["findings"]
    assert isinstance(findings, list)
    assert [(finding["id"], finding["severity"]) for finding in findings] == [
        (gate, "critical" if stopped else "unknown")
    ]
    assert ledger.leases.all() == []


def test_a_ledger_that_is_anothers_stops_a_reader_and_a_check_run(door: Door, tmp_path: Path) -> None:
    initialise(f"file://{tmp_path}/ledger", "other", "lab")
    for request in (asks(tmp_path, risk="read"), replace(asks(tmp_path), check=True)):
        with pytest.raises(TurnedAway, match="belongs to other/lab, not to toy/lab"):
            pass_gates(request, door)


def test_a_policy_without_a_ledger_is_that_of_a_reading_tool(door: Door) -> None:
    request = Request("inventory_check", "inventory_check", "read", Policy("?", "?", ""), (), tool=True)
    result = pass_gates(request, replace(door, run=""))
    assert result["findings"] == [] and len(str(result["run"])) == 26


def test_secrets_of_the_run_are_in_no_entry(ledger: Ledger, door: Door, tmp_path: Path) -> None:
    named = replace(door, redactor=Redactor(["canary-7c1f"]), who={"user": "canary-7c1f"})
    pass_gates(asks(tmp_path, risk="read"), named)
    (event,) = ledger.journal.events("01A")
    assert event["who"] == {"user": "********"}


def test_whom_a_run_took_over_from_is_in_its_entry(ledger: Ledger, door: Door, tmp_path: Path) -> None:
    taken_from = Holder("01B", "bob", "here", this_place(), GONE, None, str(tmp_path / "none"), "deploy")
    ledger.leases.acquire(["toy/lab/api"], taken_from)
    pass_gates(asks(tmp_path), door)
    (event,) = ledger.journal.events("01A")
    assert event["taken_over"] == ["01B"]
