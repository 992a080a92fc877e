"""All gates together."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import OpsError
from ansible_collections.steady.ops.plugins.plugin_utils._calendar.notices import Notice, Notices
from ansible_collections.steady.ops.plugins.plugin_utils._gates.all import judge_all
from ansible_collections.steady.ops.plugins.plugin_utils._gates.identity import Caller
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Component, Says, refusals
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.holds import Hold
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.leases import Holder
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import initialise
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.processes import Process, this_place
from tests.unit.plugins.plugin_utils._gates.gate_world import API, LIVE, asks
from tests.unit.plugins.plugin_utils._incidents.incident_world import OPEN, does

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_every_gate_speaks_and_none_hides_another(tmp_path: Path) -> None:
    ledger, _rest = initialise(f"file://{tmp_path}/ledger", "toy", "production")
    now = ledger.store.now()
    ledger.holds.place(Hold(API, "why", now + timedelta(hours=1), "ann", now))
    me = Process.of(1)
    assert me is not None
    ledger.leases.acquire([API], Holder("other", "ann", "box", this_place(), me, None, str(tmp_path)))
    request = asks(
        "destructive",
        replace(LIVE, windows=["x"], freezes=["x"], approvers=["ann"]),
        disruptive=True,
        override=("hold",),
        platforms=("apprunner",),
        components=(Component("api", platform="compose"),),
    )
    verdicts = judge_all(
        request, ledger, run="mine", now=NOW, ask_aws=lambda _: Caller("1", "r"), ask_machines=lambda _: {}
    ).verdicts
    assert [verdict.gate for verdict in refusals(verdicts, check=False)] == [
        "identity",
        "platforms",
        "lease",
        "hold",
        "window",
        "freeze",
        "confirm",
        "backup",
        "approval",
        "override",
    ]


@pytest.mark.parametrize("risk", ["read", "change"])
def test_without_a_ledger_the_others_still_speak(risk: str) -> None:
    verdicts = judge_all(
        asks(risk), None, run="mine", now=NOW, ask_aws=lambda _: Caller("1", "r"), ask_machines=lambda _: {}
    ).verdicts
    assert refusals(verdicts, check=False) == []
    assert not {"lease", "hold"} & {verdict.gate for verdict in verdicts}


def test_a_change_that_nothing_stands_against_passes_every_gate(tmp_path: Path) -> None:
    ledger, _rest = initialise(f"file://{tmp_path}/ledger", "toy", "production")
    request = asks(components=(Component("api", identity={"aws_account": "1"}),))
    judged = judge_all(
        request, ledger, run="mine", now=NOW, ask_aws=lambda _: Caller("1", "r"), ask_machines=lambda _: {}
    )
    assert [(verdict.gate, verdict.says) for verdict in judged.verdicts] == [
        (gate, Says.PASS) for gate in ("identity", "lease", "hold", "window", "approval")
    ]
    assert judged.target == "AWS 1 r"


def test_what_changes_no_object_meets_nobody_and_no_damaged_lease(tmp_path: Path) -> None:
    ledger, _rest = initialise(f"file://{tmp_path}/ledger", "toy", "production")
    (tmp_path / "ledger" / "leases").write_text("damaged")
    (tmp_path / "ledger" / "holds").write_text("damaged")
    request = replace(
        asks(), objects=(), tool=True, policy=replace(LIVE, approvers=["ann"], windows=["x"], freezes=["x"])
    )
    judged = judge_all(
        replace(request, runbook="incident", action="open"),
        ledger,
        run="mine",
        now=NOW,
        ask_aws=lambda _: Caller("1", "r"),
        ask_machines=lambda _: {},
    )
    assert refusals(judged.verdicts, check=False) == []
    assert (judged.incidents, judged.notes) == ((), {})


def test_an_urgent_incident_opens_an_announced_window_at_once(tmp_path: Path) -> None:
    ledger, _rest = initialise(f"file://{tmp_path}/ledger", "toy", "production")
    now = ledger.store.now().replace(microsecond=0)
    Notices(ledger.store).give(Notice("emergency", now, now + timedelta(hours=1), now, "ann"))
    windows = [{"name": "emergency", "announced": True, "notice_hours": 2}]
    request = asks(where=replace(LIVE, windows=windows), disruptive=True)

    def says() -> Says:
        judged = judge_all(
            request, ledger, run="mine", now=NOW, ask_aws=lambda _: Caller("1", "r"), ask_machines=lambda _: {}
        )
        return next(verdict.says for verdict in judged.verdicts if verdict.gate == "window")

    assert says() is Says.REFUSE
    does(ledger, "open", **OPEN)
    assert says() is Says.PASS


def test_a_reader_does_not_even_look_at_leases_and_holds(tmp_path: Path) -> None:
    ledger, _rest = initialise(f"file://{tmp_path}/ledger", "toy", "production")
    (tmp_path / "ledger" / "leases").write_text("damaged")
    (tmp_path / "ledger" / "holds").write_text("damaged")
    verdicts = judge_all(
        asks("read"), ledger, run="mine", now=NOW, ask_aws=lambda _: Caller("1", "r"), ask_machines=lambda _: {}
    ).verdicts
    assert refusals(verdicts, check=False) == []
    with pytest.raises(OpsError, match="damaged"):
        judge_all(asks(), ledger, run="mine", now=NOW, ask_aws=lambda _: Caller("1", "r"), ask_machines=lambda _: {})
