"""What a killed run left is told by the next one."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import OpsError
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.releases import Releases
from ansible_collections.steady.ops.plugins.plugin_utils._told.ends import Ending, events_of
from ansible_collections.steady.ops.plugins.plugin_utils._told.left import left_behind
from ansible_collections.steady.ops.plugins.plugin_utils._told.run_end import tell_end
from tests.sinks import http_sink
from tests.unit.plugins.plugin_utils._ledger.lease_world import holder
from tests.unit.plugins.plugin_utils._ledger.ledger_world import ledger
from tests.unit.plugins.plugin_utils._told.test_ends import PASSED

# fixtures
__all__ = ["ledger"]


def begin(ledger: Ledger, run: str = "01K") -> None:
    intent = {"kind": "intent", "run": run, "runbook": "deploy", "components": {"api": {}}, "state": "open"}
    ledger.releases.append([intent])


def test_what_nobody_is_at_work_on_is_told(ledger: Ledger) -> None:
    assert left_behind(ledger, "01Z", lab=True) == []
    begin(ledger)
    (event,) = left_behind(ledger, "01Z", lab=True)
    assert (event.rule, event.object, event.run, event.lab) == ("unfinished", "toy/lab/api", "01K", True)
    assert event.summary == "deploy of api: run 01K left it unfinished"
    assert event.details["why"] == "Run 01K was killed or failed in the middle: the next run settles it"
    assert left_behind(ledger, "01K", lab=True) == [], "it tells that itself"


def test_what_somebody_is_at_work_on_is_not_told(ledger: Ledger, tmp_path: Path) -> None:
    begin(ledger)
    ledger.leases.acquire(["toy/lab/api"], holder("01K", tmp_path))
    assert left_behind(ledger, "01Z", lab=True) == []


def test_who_tells_it_first_tells_it(ledger: Ledger) -> None:
    begin(ledger)
    (left,) = left_behind(ledger, "01Z", lab=False)
    passed = {**PASSED, "environment": "lab", "objects": ["toy/lab/api"]}
    (own,) = events_of(Ending([passed], "INTERRUPTED"))
    assert (own.key, own.state) == (left.key, left.state)


def test_the_next_run_of_anything_tells_it_once(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(ledger)
    with http_sink() as sink:
        hook = {"name": "hook", "kind": "webhook", "url": sink.url, "lab": True}
        look = {**PASSED, "environment": "lab", "runbook": "look", "action": "look", "risk": "read"}
        ended = Ending([{**look, "ledger": ledger.url, "notify": [hook]}], "ok")
        assert tell_end(ended) == ["told: hook"]
        (body,) = sink.bodies
        assert (body["rule"], body["run"], body["details"]["noticed by run"]) == ("unfinished", "01K", "01A")

        def fails(_releases: object) -> None:
            raise OpsError("The chain is damaged")

        monkeypatch.setattr(Releases, "records", fails)
        assert tell_end(ended) == []
