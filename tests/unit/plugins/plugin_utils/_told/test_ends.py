"""What the end of a run is worth telling."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._told.ends import Ending, events_of, source_of
from ansible_collections.steady.ops.plugins.plugin_utils._told.noted import Noted

API, WEB = "toy/production/api", "toy/production/web"
PASSED = {
    "run": "01A",
    "runbook": "deploy",
    "action": "deploy",
    "system": "toy",
    "environment": "production",
    "mode": "real",
    "lab": False,
    "objects": [API, WEB],
    "risk": "change",
    "failed": False,
}
AWX = {"awx": {"awx_schedule_name": "nightly", "awx_job_id": "7", "awx_user_name": "root"}}


def ending(outcome: str = "FAILED", noted: Noted | None = None, **more: Any) -> Ending:
    known = {key: more.pop(key) for key in ("who", "typed", "red") if key in more}
    return Ending(
        [{**PASSED, **more}], outcome, noted=noted or Noted(), **{"who": {"user": "ann", "host": "desk"}, **known}
    )


def noted(*tasks: tuple[str, dict[str, Any], bool]) -> Noted:
    made = Noted()
    for component, result, failed in tasks:
        made.task(component, result, failed=failed)
        if failed:
            made.failure("Deploy", str(result.get("msg", "")))
    return made


def only(of: Ending) -> Any:
    (event,) = events_of(of)
    return event


BACK = {
    "rolled_back": True,
    "msg": "api does not pass. It serves 1.0.0. Next: ansible-playbook deploy.yml",
    "serving": {"version": "1.0.0", "id": "abc"},
    "intent_open": False,
}


def test_a_failure_says_what_a_person_reads_at_the_end() -> None:
    event = only(ending(noted=noted(("api", {**BACK, "rolled_back": False}, True))))
    assert (event.rule, event.object, event.members) == ("failed", API, (API,))
    assert event.summary == "deploy: api does not pass. It serves 1.0.0."
    assert event.details == {
        "outcome": "deploy: FAILED",
        "why": "api does not pass. It serves 1.0.0.",
        "serving": {"api": "1.0.0 (abc)"},
        "next": "ansible-playbook deploy.yml",
        "who": "ann@desk",
    }
    assert (event.run, event.source, event.lab) == ("01A", "release", False)


def test_what_was_put_back_is_rolled_back_unless_something_is_open() -> None:
    assert only(ending(noted=noted(("api", BACK, True)))).rule == "rolled_back"
    open_one = ("web", {"intent_open": True}, True)
    assert only(ending(noted=noted(("api", BACK, True), open_one))).rule == "failed"
    settled = ("web", {"intent_open": False}, False)
    assert only(ending(noted=noted(("api", BACK, True), open_one, settled))).rule == "rolled_back"


def test_a_failure_of_several_is_one_event_about_their_environment() -> None:
    event = only(ending(noted=noted(("api", {}, True), ("web", {"msg": "dark"}, True))))
    assert (event.object, event.members, event.summary) == ("toy/production", (API, WEB), "deploy: dark")
    unknown = only(ending(noted=noted(("elsewhere", {"msg": "dark"}, True))))
    assert unknown.members == (API, WEB)
    assert only(ending(objects=[])).members == ("toy/production",)


def test_the_same_cause_is_the_same_state_whatever_the_clock_says() -> None:
    def cause(text: str) -> str:
        return str(only(ending(noted=noted(("api", {"msg": text}, True)))).state)

    assert cause("dark after 3.5 s in 01AB23CD45") == cause("dark after 12 s in 0FFFFFFF99") != cause("bright")


def test_a_run_that_ends_red_without_a_failed_task_has_failed() -> None:
    event = only(ending("ok", red="play.yml passed the gates and then did nothing."))
    assert (event.rule, event.summary) == ("failed", "deploy: play.yml passed the gates and then did nothing.")
    both = only(ending(noted=noted(("api", {"msg": "dark"}, True)), red="The end was not recorded."))
    assert both.details["red"] == "The end was not recorded." and both.details["why"] == "dark"


@pytest.mark.parametrize(
    ("who", "told"),
    [
        ({"user": "ann"}, False),
        ({"awx": {"awx_job_launch_type": "manual"}}, False),
        ({"awx": {"awx_job_launch_type": "scheduled"}}, True),
        (AWX, True),
        ({"schedule": "nightly"}, True),
    ],
)
def test_a_refusal_is_told_where_nobody_sat_before_it(who: dict[str, Any], told: bool) -> None:
    refused = ending("REFUSED", who=who, failed=True, msg="Refused by the gate window: not now. Next: wait")
    events = events_of(refused)
    assert [(event.rule, event.details["why"]) for event in events] == (
        [("refused", "Refused by the gate window: not now.")] if told else []
    )


def test_an_interrupted_change_is_unfinished_and_an_interrupted_reader_is_nothing() -> None:
    assert only(ending("INTERRUPTED")).rule == "unfinished"
    assert events_of(ending("INTERRUPTED", risk="read")) == []


@pytest.mark.parametrize("outcome", ["ok", "FAILED", "REFUSED", "INTERRUPTED"])
def test_a_check_run_tells_nobody(outcome: str) -> None:
    assert events_of(ending(outcome, mode="check", who=AWX, noted=noted(("api", BACK, True)))) == []


def critical(name: str = "health") -> dict[str, Any]:
    said = {"id": name, "severity": "critical", "message": "It is dark.", "remedy": "Light it."}
    return {"findings": [said, said, {**said, "severity": "ok"}, "odd"]}


def test_what_is_critical_is_told_once_and_its_neighbours_recover() -> None:
    found, rest, others = events_of(ending("ok", noted=noted(("api", critical(), False))))
    assert (found.rule, found.object, found.state) == ("critical", API, "api:health")
    assert found.summary == "deploy: api: It is dark. Light it."
    assert found.details["findings"] == ["api: It is dark. Light it."]
    assert "critical" not in rest.recovers and "failed" in rest.recovers and rest.members == (API, WEB)
    assert (others.recovers, others.members) == (("critical",), (WEB,))
    all_bad = events_of(ending("ok", noted=noted(("api", critical(), False), ("web", critical(), False))))
    assert [event.rule for event in all_bad] == ["critical", "recovery"]
    strange = events_of(ending("ok", noted=noted(("elsewhere", critical(), False))))[0]
    assert strange.object == "toy/production"


def test_a_failed_run_recovers_nothing() -> None:
    rules = [event.rule for event in events_of(ending(noted=noted(("api", {**critical(), "msg": "x"}, True))))]
    assert rules == ["failed", "critical"]


def test_an_end_that_is_well_is_a_recovery() -> None:
    event = only(ending("ok"))
    assert (event.rule, event.members, event.recovers) == ("recovery", (API, WEB), ())
    assert event.summary == "deploy ended well" and event.details["outcome"] == "deploy: ok"


def test_overrides_are_told_with_their_reason() -> None:
    waived = {"id": "gate.window", "severity": "warning", "message": "The window is shut"}
    findings = [waived, {"id": "gate.hold", "severity": "unknown"}, {"id": "other", "severity": "warning"}]
    said = {"ops_incident": "INC-1", "ops_reason": "it burns", "db_password": "x"}
    override, _recovery = events_of(ending("ok", findings=findings, typed=said))
    assert (override.rule, override.summary) == ("override", "deploy: the gate window was overridden")
    assert (override.details["incident"], override.details["reason"]) == ("INC-1", "it burns")
    assert override.details["gates"] == ["The window is shut"]
    refused = ending("REFUSED", findings=findings, failed=True, who=AWX)
    assert [event.rule for event in events_of(refused)] == ["refused"]


@pytest.mark.parametrize(
    ("who", "text"),
    [
        ({"user": "root", "sudo_user": "ann", "host": "desk"}, "ann@desk"),
        ({"user": "ann"}, "ann"),
        ({}, ""),
        ({"user": "awx", "host": "x", **AWX}, "awx@x, AWX job 7 of root, schedule nightly"),
        ({"user": "ops", "host": "x", "schedule": "nightly"}, "ops@x, schedule nightly"),
        ({"user": "ops", "host": "x", "awx": {"awx_job_launch_type": "manual"}}, "ops@x, AWX job ? of nobody"),
    ],
)
def test_who_ran_it_is_said_in_a_few_words(who: dict[str, Any], text: str) -> None:
    assert only(ending("INTERRUPTED", who=who)).details["who"] == text


def test_what_belongs_together_has_one_source() -> None:
    assert source_of("deploy", "adopt") == source_of("rollback", "rollback") == "release"
    assert source_of("backup", "create") == "backup.create" != source_of("backup", "show")
    event = only(ending("INTERRUPTED", runbook="backup", action="create"))
    assert event.source == "backup.create" and event.summary.startswith("backup create: It was interrupted")
