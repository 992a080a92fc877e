"""The wiring of incidents in process; over real runs it is in tests/integration/test_incidents.py."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.action import incident
from ansible_collections.steady.ops.plugins.modules import incident as page
from ansible_collections.steady.ops.plugins.plugin_utils._incidents.book import book_of
from ansible_collections.steady.ops.plugins.plugin_utils._incidents.wish import ACTIONS
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import initialise, open_ledger
from tests.contract.results import check_result

PERMIT = {"run": "01A", "runbook": "incident", "action": "open", "mode": "real", "objects": []}
OPEN: dict[str, Any] = {"action": "open", "severity": "P1", "title": "down", "permit": PERMIT}


class Stage:
    """A task of the module on a ledger of its own."""

    def __init__(self, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        initialise(f"file://{base}/ledger", "toy", "lab")
        self.url = f"file://{base}/ledger"
        self.said: list[str] = []
        self.extra: dict[str, Any] = {}
        monkeypatch.setattr(incident, "load_extra_vars", lambda _loader: self.extra)
        monkeypatch.setattr(incident, "Display", lambda: SimpleNamespace(display=self.said.append))
        monkeypatch.setattr("sys.argv", ["ansible-playbook", "incident.yml"])

    def run(self, *, check: bool = False, url: str = "", **args: Any) -> dict[str, Any]:
        task = SimpleNamespace(args=args, check_mode=check, async_val=0, action="steady.ops.incident")
        action: Any = incident.ActionModule(task, SimpleNamespace(_shell=SimpleNamespace(tmpdir="x")), None, None, None)
        values = {"ops_ledger": url or self.url, "ops_system": "toy", "ops_environment": "lab"}
        return dict(action.run(task_vars=values))

    def opened(self) -> list[str]:
        return [one.title for one in book_of(open_ledger(self.url, "toy", "lab")).state().opened]


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(tmp_path, monkeypatch)


def test_the_page_and_the_library_know_the_same_actions() -> None:
    assert page.OPTIONS["action"]["choices"] == list(ACTIONS)


def test_an_incident_is_opened_told_and_listed(stage: Stage) -> None:
    result = stage.run(**OPEN)
    assert result["changed"] and stage.opened() == ["down"]
    assert stage.said == [f"  {line}" for line in result["lines"]]
    check_result("incident", result)
    listed = stage.run()
    assert listed["incident"] == {} and len(listed["incidents"]) == 1
    check_result("incident", listed)


@pytest.mark.parametrize(
    ("permit", "sentence"),
    [
        (None, "A change needs a permit and the option permit is empty"),
        ({}, "A change needs a permit and the option permit is empty"),
        ({**PERMIT, "mode": "check"}, "The permit is for incident open in check mode, and this is incident open"),
        ({**PERMIT, "action": "list"}, "The permit is for incident list in real mode, and this is incident open"),
        ({**PERMIT, "runbook": "deploy"}, "The permit is for deploy open in real mode, and this is incident open"),
    ],
)
def test_nothing_is_changed_without_the_permit_for_it(stage: Stage, permit: Any, sentence: str) -> None:
    result = stage.run(**{**OPEN, "permit": permit})
    assert result["failed"] and result["msg"].startswith(sentence)
    assert stage.opened() == []
    assert stage.run(**{**OPEN, "permit": permit}, check=True)["changed"] and stage.opened() == []


def test_what_is_wrong_is_one_sentence_with_the_command(stage: Stage) -> None:
    result = stage.run(**{**OPEN, "title": ""})
    assert result["failed"] and result["msg"].endswith(
        "Next: ansible-playbook steady.ops.incident -e incident_action=open -e incident_severity=P1"
        " -e incident_title=WHAT-HAPPENS"
    )
    assert stage.run(action="opn")["msg"].startswith("steady.ops.incident: value of action must be one of")
    assert stage.run(colour="x")["msg"].startswith("steady.ops.incident: colour.")
    gone = stage.run(url=f"{stage.url}-gone")
    assert "is not initialised" in gone["msg"]
    bare = stage.run(action="note", mitigation="m", revert_by="soon")
    assert bare["msg"] == "incident_revert_by: 'soon' is not a time. Write it as 2026-11-21T02:58:07Z."


def test_secrets_of_the_run_are_kept_nowhere(stage: Stage, tmp_path: Path) -> None:
    stage.extra = {"db_password": "hunter-canary"}
    result = stage.run(**{**OPEN, "message": "we used hunter-canary", "title": "hunter-canary"})
    kept = b"".join(path.read_bytes() for path in (tmp_path / "ledger").rglob("*") if path.is_file())
    assert "hunter-canary" not in str(result) and b"hunter-canary" not in kept


def test_a_user_of_awx_is_the_author(stage: Stage) -> None:
    stage.extra = {"awx_user_name": "kim", "awx_job_id": 7}
    result = stage.run(**OPEN)
    assert (result["incident"]["owner"], result["incident"]["opened_by"]) == ("kim", "kim (AWX job 7)")
