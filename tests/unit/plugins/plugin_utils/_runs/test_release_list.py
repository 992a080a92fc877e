"""What the front end adds to a list of releases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger
from ansible_collections.steady.ops.plugins.plugin_utils._runs.release_list import completed
from ansible_collections.steady.ops.plugins.plugin_utils._runs.units import Unit
from tests.unit.plugins.module_utils._release.stories import records
from tests.unit.plugins.plugin_utils._ledger.lease_world import holder
from tests.unit.plugins.plugin_utils._ledger.ledger_world import ledger

__all__ = ["ledger"]
MODULE = "steady.ops.apprunner_release_info"
SILENT: dict[str, Any] = {"failed": True, "changed": False, "msg": "AWS gives\nno answer."}
LISTED: dict[str, Any] = {"changed": False, "releases": [], "findings": [], "lines": ["a table"], "next": {}}


def options(*story: str, unknown: str = "") -> dict[str, Any]:
    history = [{"component": "api", **record} for record in records(*story)]
    return {"history": [] if unknown else history, "history_unknown": unknown}


def complete(result: dict[str, Any], given: dict[str, Any] | None = None, ledger: Ledger | None = None) -> Any:
    return completed(MODULE, result, given or options("a", "b"), ledger, "toy/lab/api")


def test_a_silent_platform_shows_what_is_recorded_and_stays_a_failure() -> None:
    found = complete(SILENT)
    assert found["failed"] and found["msg"] == "What api serves is not known: AWS gives no answer."
    assert [(item["version"], item["serving"], item["artefact"]) for item in found["releases"]] == [
        ("b", None, "unknown"),
        ("a", None, "unknown"),
    ]
    assert {finding["severity"] for finding in found["findings"]} == {"unknown"}
    assert found["lines"][0].split() == ["release", "verdict", "served", "since", "artefact", "remark"]
    assert found["next"] == {"playbook": "health_check"}
    own = complete({**SILENT, "next": {"playbook": "inventory_check"}})
    assert own["next"] == {"playbook": "inventory_check"}
    mute = complete({"failed": True})
    assert mute["msg"] == "What api serves is not known: the module said nothing"


def test_neither_platform_nor_ledger_answers() -> None:
    found = complete(SILENT, options(unknown="The ledger is gone."))
    assert found["failed"] and found["releases"] == []
    assert [finding["id"] for finding in found["findings"]] == ["history", "serving"]


def test_a_history_that_cannot_be_read_leaves_the_failure_as_it_is() -> None:
    assert complete(SILENT, {"history": [{"component": "api"}]}) == SILENT


def test_other_modules_answers_are_theirs(ledger: Ledger) -> None:
    assert completed("steady.ops.apprunner_deploy", SILENT, options("a"), ledger, "toy/lab/api") is SILENT
    assert complete(LISTED, ledger=ledger) == LISTED and complete(LISTED) == LISTED


def begin(ledger: Ledger, *members: str, action: str = "deploy", **wish: str) -> None:
    unit = Unit("01A", action, members, wish)
    at = {"at": "2026-11-21T02:00:00Z"}
    ledger.releases.append([{**unit.record("toy/lab", "open"), **at}, {"kind": "other", "run": "01A"}])


@pytest.mark.parametrize(
    ("action", "wish", "following"),
    [
        ("deploy", {"release": "2.0.0"}, {"playbook": "deploy", "variables": {"deploy_release": "2.0.0"}}),
        ("rollback", {"rollback_from": "b"}, {"playbook": "rollback", "variables": {"rollback_from": "b"}}),
        ("rollback", {}, {"playbook": "rollback"}),
    ],
)
def test_an_open_unit_is_a_finding_with_the_command_that_goes_on_with_it(
    ledger: Ledger, action: str, wish: dict[str, str], following: dict[str, Any]
) -> None:
    begin(ledger, "api", "frontend", action=action, **wish)
    found = complete(LISTED, ledger=ledger)
    (finding,) = found["findings"]
    assert (finding["id"], finding["severity"]) == ("unfinished_unit", "warning")
    told = f"unfinished unit: {action} of api, frontend since 2026-11-21T02:00:00Z (run 01A)"
    assert finding["message"] == told
    remedy = "The next run settles it. It must be a deploy or rollback of all of them."
    assert found["lines"] == ["a table", f"warning: {told}. {remedy}"]
    assert found["next"] == {**following, "limit": "api,frontend"}
    assert LISTED["lines"] == ["a table"]


def test_a_unit_that_is_settled_or_of_others_is_not_told(ledger: Ledger) -> None:
    begin(ledger, "web", "frontend")
    assert complete(LISTED, ledger=ledger) == LISTED
    begin(ledger, "api", "frontend")
    ledger.releases.append([Unit("01A", "deploy", ("api", "frontend")).record("toy/lab", "settled")])
    assert complete(LISTED, ledger=ledger) == LISTED


def test_while_a_run_is_at_work_nobody_is_sent_into_it(ledger: Ledger, tmp_path: Path) -> None:
    begin(ledger, "api", "frontend", release="2.0.0")
    ledger.leases.acquire(["toy/lab/frontend"], holder("01A", tmp_path))
    found = complete(LISTED, ledger=ledger)
    assert found["next"] == {} and found["lines"][1].endswith(" is under way: wait for its end.")


def test_leases_that_cannot_be_read_are_told(ledger: Ledger, tmp_path: Path) -> None:
    begin(ledger, "api", "frontend")
    (tmp_path / "ledger" / "leases").write_text("{")
    found = complete(LISTED, ledger=ledger)
    assert "Whether a run is at work on it is not known: The leases of the ledger" in found["lines"][1]


def test_an_open_unit_is_told_of_a_silent_platform_too(ledger: Ledger) -> None:
    begin(ledger, "api", "frontend")
    found = complete(SILENT, ledger=ledger)
    assert found["failed"] and found["findings"][-1]["id"] == "unfinished_unit"
    assert found["next"] == {"playbook": "health_check"}


def test_a_chain_that_is_broken_was_said_already(ledger: Ledger, tmp_path: Path) -> None:
    begin(ledger, "api", "frontend")
    (tmp_path / "ledger" / "releases" / "head").unlink()
    assert complete(LISTED, ledger=ledger) == LISTED
