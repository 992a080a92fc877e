"""The result contract, and the records of the ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from ansible_collections.steady.ops.plugins.module_utils._findings import Finding, Severity
from ansible_collections.steady.ops.plugins.module_utils._plan import Plan, State, Step
from ansible_collections.steady.ops.plugins.module_utils._release.outcome import (
    Result,
    release_entry,
    served_entry,
    verdict_entry,
)
from ansible_collections.steady.ops.plugins.module_utils._release.values import Ending, Observation, Operation
from tests.release_world import OBJECT, digest_of
from tests.unit.plugins.module_utils._release.stories import proof, release

PLAN = Plan("deploy", "deploy", OBJECT)


def test_a_bare_result_has_every_key() -> None:
    assert Result("nothing to do", PLAN).as_dict() == {
        "changed": False,
        "failed": False,
        "msg": "nothing to do",
        "release": None,
        "previous": None,
        "serving": None,
        "rolled_back": False,
        "explanation": [],
        "operations": [],
        "probe": None,
        "duration_seconds": 0.0,
        "plan": [],
        "plan_hash": PLAN.hash,
        "findings": [],
        "diff": {"before": "", "after": "", "before_header": OBJECT, "after_header": OBJECT},
        "entries": [],
        "intent": None,
        "intent_open": False,
        "again": False,
        "refused": "",
        "next": {},
    }


def test_a_full_result() -> None:
    finding = Finding("outside_change", Severity.WARNING, "another tool was here")
    operation = Operation("op-1", "UPDATE_SERVICE", "SUCCEEDED", Ending.SUCCEEDED)
    full = Result(
        "api serves b",
        PLAN,
        steps=(Step("switch", OBJECT, "Serve b", state=State.DONE),),
        release=release("b"),
        operations=(operation,),
        proof=proof(),
        explanation=("said",),
        findings=(finding,),
        entries=({"kind": "verdict"},),
        intent={"kind": "intent"},
        next={"playbook": "rollback"},
        before={"serving": "a"},
        after={"serving": "b"},
        duration_seconds=184.249,
    ).as_dict()

    assert full["changed"] is True
    assert full["release"] == {"id": release("b").id, "ref": "b", "digest": digest_of("b"), "version": "b"}
    assert full["operations"] == [operation.as_dict()]
    assert full["probe"] == proof().as_dict()
    assert full["findings"] == [finding.as_dict()]
    assert full["entries"] == [{"kind": "verdict", "component": "api"}]
    assert (full["intent"], full["next"]) == ({"kind": "intent"}, {"playbook": "rollback"})
    assert full["duration_seconds"] == 184.2
    assert full["diff"]["before"] == "serving: a\n"  # type: ignore[index]


def test_the_records() -> None:
    assert release_entry(release("a")) == {"kind": "release", **release("a").as_dict()}
    assert verdict_entry(release("a"), "failed", "500") == {
        "kind": "verdict",
        "release": release("a").id,
        "verdict": "failed",
        "reason": "500",
    }
    served = {"kind": "served", "release": release("b").id, "how": "deploy"}
    assert served_entry(release("b"), release("a"), "deploy") == {**served, "from": release("a").id}
    assert served_entry(release("b"), None, "deploy") == {**served, "from": None}


def test_since_when_it_serves() -> None:
    began, ended = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    observed = Result("", Plan("", "", ""), serving=release("a"), seen=Observation(since=began))
    assert _serving(observed)["since"] == "2026-01-01T00:00:00Z"
    switched = replace(observed, operations=(Operation("1", "", "", Ending.SUCCEEDED, ended_at=ended),))
    assert _serving(switched)["since"] == "2026-01-02T00:00:00Z"
    assert _serving(replace(observed, seen=Observation()))["since"] is None


def _serving(result: Result) -> dict[str, object]:
    shown = result.as_dict()["serving"]
    assert isinstance(shown, dict)
    return shown
