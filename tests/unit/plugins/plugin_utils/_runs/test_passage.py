"""Passing the gates in process, with a real ledger and a real keeper."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._clock import SystemClock
from ansible_collections.steady.ops.plugins.module_utils._errors import OpsError, Refused, Unreachable
from ansible_collections.steady.ops.plugins.module_utils._redact import Redactor
from ansible_collections.steady.ops.plugins.plugin_utils._gates.identity import Caller
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Component, Policy, Request, refused
from ansible_collections.steady.ops.plugins.plugin_utils._incidents.standing import unacknowledged
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.holds import Hold
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.journal import Journal
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.leases import Holder, Leases
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger, initialise
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.processes import Process, this_place
from ansible_collections.steady.ops.plugins.plugin_utils._runs import passage
from ansible_collections.steady.ops.plugins.plugin_utils._runs.door import Door, TurnedAway
from ansible_collections.steady.ops.plugins.plugin_utils._runs.next_command import Commands
from ansible_collections.steady.ops.plugins.plugin_utils._runs.passage import pass_gates, turn_away
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.missed import Registered
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.register import Register
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.rule import rule_of
from tests.unit.plugins.plugin_utils._incidents.incident_world import does
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
        who={"user": "ann"},
        extra_names=["b", "a"],
        ask_aws=lambda _connection: Caller("1", "r"),
        ask_machines=lambda _hosts: {},
        say=lambda _line: None,
        clock=SystemClock(),
        environment={},
    )
    process.kill()
    process.wait()


def asks(base: Path, name: str = "api", risk: str = "change") -> Request:
    where = Policy("toy", "lab", f"file://{base}/ledger")
    commands = Commands(["ansible-playbook", "playbooks/deploy.yml", "-i", "i"], exists=lambda _path: True)
    return Request("deploy", "deploy", risk, where, (f"toy/lab/{name}",), procedures=("SU-08",), commands=commands)


def text(findings: object) -> list[str]:
    return [f"{item['id']}: {item['severity']}" for item in findings] if isinstance(findings, list) else []


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


def test_what_changes_no_object_takes_no_lease_though_another_run_has_all(
    ledger: Ledger, door: Door, tmp_path: Path
) -> None:
    ledger.leases.acquire(["toy/lab"], Holder("other", "ann", "box", this_place(), door.process, None, str(tmp_path)))
    permit = pass_gates(replace(asks(tmp_path), objects=(), tool=True), door)["permit"]
    assert isinstance(permit, dict) and (permit["objects"], permit["mode"]) == ([], "real")
    assert [lease.object for lease in ledger.leases.all()] == ["toy/lab"] and not door.runs.exists()


def test_a_waived_gate_is_said_journalled_and_kept_under_the_incident(
    ledger: Ledger, door: Door, tmp_path: Path
) -> None:
    does(ledger, "open", id="A", severity="P1", title="down")
    now = ledger.store.now()
    ledger.holds.place(Hold("toy/lab/api", "demo", now + timedelta(hours=1), "bob", now))
    said: list[str] = []
    passing = {"override": ("hold",), "incident": "A", "reason": "it is down", "override_confirm": "toy/lab/override"}
    request = replace(asks(tmp_path), **passing)  # type: ignore[arg-type]
    pass_gates(replace(request, check=True), replace(door, say=said.append))
    assert unacknowledged(ledger) == []
    pass_gates(request, replace(door, say=said.append))
    assert said.count("  override: hold waived for A: it is down") == 2
    assert [(use.run, use.gates) for use in unacknowledged(ledger)] == [("01A", ("hold",))]
    opened = [event for event in ledger.journal.events("01A") if event["event"] == "opened"][-1]
    assert (opened["incident"], opened["reason"], opened["incidents"]) == ("A", "it is down", ["A"])
    assert [each["gate"] for each in opened["overrides"]] == ["hold"]  # type: ignore[attr-defined]


def test_an_override_that_cannot_be_kept_is_none(
    ledger: Ledger, door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    does(ledger, "open", id="A", severity="P1", title="down")
    now = ledger.store.now()
    ledger.holds.place(Hold("toy/lab/api", "demo", now + timedelta(hours=1), "bob", now))

    def fails(*_args: object) -> None:
        raise Unreachable("The disk is full")

    monkeypatch.setattr("ansible_collections.steady.ops.plugins.plugin_utils._gates.override.remember_override", fails)
    passing = {"override": ("hold",), "incident": "A", "reason": "it is down", "override_confirm": "toy/lab/override"}
    with pytest.raises(TurnedAway, match="The disk is full"):
        pass_gates(replace(asks(tmp_path), **passing), door)  # type: ignore[arg-type]
    assert ledger.leases.all() == []


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
    assert "`ansible-playbook playbooks/ledger.yml -i i -e ledger_action=initialise`" in said[-1]


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


def test_one_reason_is_said_once_whatever_it_keeps_from_being_written(
    ledger: Ledger, door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_args: object, **_more: object) -> None:
        raise OpsError("The ledger cannot be written: No space left on device", remedy="Make room")

    monkeypatch.setattr(passage, "take", fails)
    monkeypatch.setattr(Journal, "append", fails)
    with pytest.raises(TurnedAway) as caught:
        pass_gates(asks(tmp_path), door)
    assert str(caught.value).count("No space left") == 1 and str(caught.value).startswith("Refused by the gate lease")
    assert not (door.runs / "01A").exists()


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


def test_check_mode_says_what_a_real_run_would_refuse(ledger: Ledger, door: Door, tmp_path: Path) -> None:
    said: list[str] = []
    request = replace(asks(tmp_path), risk="destructive", confirm="")
    assert "permit" in pass_gates(replace(request, check=True), replace(door, say=said.append))
    (confirm, backup) = said[1:]
    assert confirm == (
        "  a real run would refuse: Refused by the gate confirm: deploy deploy destroys something of toy/lab/api, and"
        " ops_confirm is not given. When you are sure, add the path in full:"
        " `ansible-playbook playbooks/deploy.yml -i i -e ops_confirm=toy/lab/api`"
    )
    assert backup.startswith("  a real run would refuse: Refused by the gate backup: ")
    said.clear()
    with pytest.raises(TurnedAway):
        pass_gates(request, replace(door, say=said.append))
    assert len(said) == 1, "a real run refuses, and has nothing to foretell"


def test_a_refusal_ends_with_a_whole_command(ledger: Ledger, door: Door, tmp_path: Path) -> None:
    me = Process.of(1)
    assert me is not None
    other = Holder("01OTHER", "ann", "desk", this_place(), me, None, str(tmp_path / "other"))
    ledger.leases.acquire(["toy/lab/api"], other)
    with pytest.raises(TurnedAway) as caught:
        pass_gates(asks(tmp_path), door)
    assert str(caught.value).endswith("then works. Next: ansible-playbook playbooks/deploy.yml -i i")


def test_what_is_called_a_lab_and_points_elsewhere_is_not_said_to_be_one(
    ledger: Ledger, door: Door, tmp_path: Path
) -> None:
    said: list[str] = []
    shop = Component("api", addresses={"aws_connection.endpoint_url": ""})
    request = replace(asks(tmp_path, risk="read"), components=(shop,))
    result = pass_gates(request, replace(door, say=said.append))
    permit = result["permit"]
    assert isinstance(permit, dict) and (result["lab"], permit["lab"]) == (False, False)
    assert said[1].startswith(
        "  warning: ops_environment is lab, but aws_connection.endpoint_url of api points at AWS itself"
    )
    with pytest.raises(TurnedAway, match="Refused by the gate lab: ops_environment is lab, but aws_connection"):
        pass_gates(replace(asks(tmp_path), components=(shop,)), door)
    here = replace(shop, addresses={"aws_connection.endpoint_url": "127.0.0.1"})
    assert pass_gates(replace(asks(tmp_path), components=(here,)), door)["lab"] is True


def test_a_tool_that_reads_needs_no_ledger_at_all(door: Door, tmp_path: Path) -> None:
    where = Policy("toy", "production", f"file://{tmp_path}/vanishes")
    request = replace(asks(tmp_path, risk="read"), policy=where, pinned="1/r (pinned; not asked)")
    in_a_container = replace(door, environment={"container": "podman"})
    with pytest.raises(TurnedAway, match="may vanish with it"):
        pass_gates(request, in_a_container)
    said: list[str] = []
    result = pass_gates(replace(request, tool=True), replace(in_a_container, say=said.append))
    assert text(result["findings"]) == ["gate.ledger: unknown"]
    assert said[0].endswith(" | target 1/r (pinned; not asked)")


def test_whom_the_policy_turns_away_is_told_and_journalled(ledger: Ledger, door: Door, tmp_path: Path) -> None:
    said: list[str] = []
    no = refused("policy", "no", "Set it", firm=True)
    away = turn_away(asks(tmp_path), replace(door, say=said.append), [no], next="ansible-playbook x.yml")
    assert str(away) == "Refused by the gate policy: no. Set it. Next: ansible-playbook x.yml"
    assert said == ["toy/lab | deploy: deploy | run 01A | target not pinned"]
    (event,) = ledger.journal.events("01A")
    assert (event["allowed"], [item["id"] for item in event["findings"]]) == (False, ["gate.policy"])  # type: ignore[attr-defined]
    assert (away.result["run"], away.result["ledger"]) == ("01A", ledger.url), "the end of the run is written there"


def test_a_scheduled_run_that_is_refused_before_any_gate_has_started(
    ledger: Ledger, door: Door, tmp_path: Path
) -> None:
    register = Register(ledger.store)
    rule = rule_of({"zone": "UTC", "days": ["daily"], "at": "00:00"}, "ops_schedules nightly")
    register.expect([Registered("nightly", rule, 0, 60, ledger.store.now() - timedelta(days=3))])
    asked = replace(asks(tmp_path), who={"schedule": "nightly"})
    turn_away(replace(asked, check=True), door, [refused("policy", "no", "")], next="")
    assert [each.seen for each in register.all()] == [None]
    turn_away(asked, door, [refused("policy", "no", "")], next="")
    assert all(each.seen for each in register.all())


def test_where_no_ledger_is_certain_it_is_said_that_nothing_is_journalled(door: Door, tmp_path: Path) -> None:
    said: list[str] = []
    nowhere = replace(asks(tmp_path), policy=Policy("toy", "?", ""))
    turn_away(nowhere, replace(door, say=said.append), [refused("policy", "no", "")], next="")
    turn_away(asks(tmp_path), replace(door, say=said.append), [refused("policy", "no", "")], next="")
    assert said[1] == "  not journalled: the inventory itself names no ledger for all of its hosts"
    assert said[3].startswith("  not journalled: The ledger file://")
