"""Passing the gates in process, with a real ledger and a real keeper."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._clock import SystemClock
from ansible_collections.steady.ops.plugins.plugin_utils._gates.identity import Caller
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Policy, Request
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger, initialise
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.processes import Process
from ansible_collections.steady.ops.plugins.plugin_utils._runs.passage import Door, TurnedAway, pass_gates


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


def test_a_ledger_that_is_not_initialised_stops_all_but_a_reading_tool(door: Door, tmp_path: Path) -> None:
    with pytest.raises(TurnedAway, match="is not initialised"):
        pass_gates(asks(tmp_path, risk="read"), door)
    findings = pass_gates(replace(asks(tmp_path, risk="read"), tool=True), door)["findings"]
    assert isinstance(findings, list) and findings[0]["severity"] == "unknown"
