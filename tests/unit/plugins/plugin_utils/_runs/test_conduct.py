"""The front end with modules in process: what is planned, kept, run, recorded, and what a crash leaves open."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._clock import SystemClock
from ansible_collections.steady.ops.plugins.module_utils._redact import Redactor
from ansible_collections.steady.ops.plugins.plugin_utils._ledger import deadlines
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.leases import Holder
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger, initialise
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.processes import Process, this_place
from ansible_collections.steady.ops.plugins.plugin_utils._runs.conduct import conduct
from ansible_collections.steady.ops.plugins.plugin_utils._runs.conductor import Conductor
from ansible_collections.steady.ops.plugins.plugin_utils._runs.units import SETTLE, SWITCH, UNDO, Step, Unit

API = "toy/lab/api"
STEP = {"kind": "switch", "target": API, "sentence": "Serve 2", "undo": "serve 1"}
PLANNED = {
    "changed": True,
    "plan": [{**STEP, "state": "would do"}],
    "plan_hash": "sha256:1",
    "intent": {"runbook": "deploy", "components": {"api": {"to": "2"}}},
    "intent_open": False,
}
DONE = {
    "changed": True,
    "plan": [{**STEP, "state": "done"}],
    "plan_hash": "sha256:1",
    "intent_open": False,
    "entries": [{"kind": "served", "release": "2"}],
    "msg": "api serves 2",
}
MOVED = {
    "failed": True,
    "error_kind": "Refused",
    "details": {"plan_hash": "sha256:2"},
    "intent_open": False,
    "msg": "no",
}


class Stage:
    """A ledger, a held lease, and a module made of prepared answers."""

    def __init__(self, base: Path) -> None:
        self.ledger: Ledger = initialise(f"file://{base}/ledger", "toy", "lab")[0]
        process = Process.of(os.getpid())
        assert process is not None
        self.directory = base / "run"
        deadlines.make(self.directory, "01A", process)
        holder = Holder("01A", "x", "x", this_place(), process, None, str(self.directory))
        (lease,) = self.ledger.leases.acquire([API], holder)
        deadlines.extend(self.directory, [lease], deadlines.boot_seconds())
        path = str(deadlines.path_for(self.directory, API))
        held = {"object": API, "token": lease.token, "lease_deadline_path": path}
        self.permit: dict[str, object] = {
            "run": "01A",
            "runbook": "deploy",
            "action": "deploy",
            "objects": [held],
            "approved_plan_hashes": [],
            "mode": "real",
            "lab": True,
        }
        self.calls: list[tuple[dict[str, object], bool]] = []
        self.said: list[str] = []

    def conduct(
        self,
        *answers: dict[str, object] | Callable[[], dict[str, object]],
        check: bool = False,
        module: str = "toy_deploy",
        unit: Step | None = None,
    ) -> dict[str, object]:
        left = list(answers)

        def execute(args: dict[str, object], planning: bool) -> dict[str, object]:
            self.calls.append((args, planning))
            answer = left.pop(0)
            return answer() if callable(answer) else dict(answer)

        conductor = Conductor(
            module, API, execute, self.ledger, self.said.append, SystemClock(), progress_path="/p", unit=unit
        )
        state = {"state": "undone"} if unit is not None and unit.part != SWITCH else {}
        result = conduct(conductor, {"service": "s", "permit": self.permit, **state}, check=check)
        assert not left, "a prepared answer was not asked for"
        return result

    def kept(self) -> list[tuple[object, object]]:
        return [(record["kind"], record.get("state")) for record in self.ledger.releases.history("api")]

    def steps(self) -> list[object]:
        return [event["result"] for event in self.ledger.journal.events("01A") if event["event"] == "step"]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_a_change(stage: Stage) -> None:
    def during() -> dict[str, object]:
        assert stage.kept() == [("intent", "open")], "the intent is kept before the module runs"
        return dict(DONE)

    result = stage.conduct(PLANNED, during)
    assert "entries" not in result and result["msg"] == "api serves 2"
    assert stage.kept() == [("intent", "open"), ("served", None), ("intent", "settled")]
    assert stage.said[0] == "  api | plan: Serve 2 (undo: serve 1)"
    (plan_args, planning), (real_args, real_planning) = stage.calls
    assert (planning, real_planning) == (True, False)
    assert "progress_path" not in plan_args and real_args["progress_path"] == "/p"
    permit = real_args["permit"]
    assert isinstance(permit, dict)
    assert (permit["object"], permit["approved_plan_hashes"]) == (API, ["sha256:1"])
    assert stage.steps() == ["ok"]


def test_one_component_alone_reads_the_chain_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    records = stage.ledger.releases.records

    def counted() -> list[dict[str, object]]:
        read.append(1)
        return records()

    monkeypatch.setattr(stage.ledger.releases, "records", counted)
    stage.conduct(PLANNED, DONE, unit=Step("api", SWITCH, Unit("01A", "deploy", ("api",)), closes=True))
    assert len(read) == 1


def test_history_reaches_the_module_and_its_records_carry_run_and_component(stage: Stage) -> None:
    stage.conduct(PLANNED, DONE)
    stage.calls.clear()
    stage.conduct({**PLANNED, "plan": []}, check=True)
    history = stage.calls[0][0]["history"]
    assert isinstance(history, list)
    assert {(record["kind"], record["run"]) for record in history} == {("intent", "01A"), ("served", "01A")}
    assert history[1]["component"] == "api" and history[0]["unit"] == "toy/lab"


def test_check_mode_shows_the_plan_and_writes_nothing(stage: Stage) -> None:
    assert stage.conduct(PLANNED, check=True)["changed"] is True
    assert (stage.said, stage.kept(), stage.steps()) == (["  api | would: Serve 2 (undo: serve 1)"], [], [])


def test_a_module_that_only_reads_just_runs(stage: Stage) -> None:
    assert stage.conduct({"lines": []}, module="toy_release_info") == {"lines": []}
    assert "history" in stage.calls[0][0] and stage.kept() == [] == stage.steps()


def test_nothing_to_do_is_recorded_without_running(stage: Stage) -> None:
    assert stage.conduct({**PLANNED, "changed": False, "plan": [], "intent": None})["changed"] is False
    assert (stage.kept(), stage.steps()) == ([], ["ok"])


def test_a_failed_plan_is_the_end(stage: Stage) -> None:
    assert stage.conduct({"failed": True, "msg": "no"})["msg"] == "no"
    assert stage.kept() == []


def test_a_plan_that_a_real_run_would_refuse_is_refused_before_anything_is_kept(stage: Stage) -> None:
    result = stage.conduct({**PLANNED, "refused": "There is no way back."})
    assert (result["failed"], result["changed"], result["msg"]) == (True, False, "There is no way back.")
    assert stage.kept() == []


def test_a_crash_leaves_the_intent_open_and_the_next_run_settles_it(stage: Stage) -> None:
    result = stage.conduct(PLANNED, {"failed": True, "msg": "MODULE FAILURE"})
    assert result["failed"] and stage.kept() == [("intent", "open")] and stage.steps() == ["failed"]
    reconcile = {**PLANNED, "intent": None, "intent_open": True}
    stage.conduct(reconcile, DONE)
    assert stage.kept() == [("intent", "open"), ("served", None), ("intent", "settled")]


def test_an_intent_that_the_module_keeps_open_stays_open(stage: Stage) -> None:
    stage.conduct(PLANNED, {**DONE, "failed": True, "intent_open": True})
    assert stage.kept() == [("intent", "open"), ("served", None)]


def test_a_world_that_moved_is_planned_again_but_not_for_ever(stage: Stage) -> None:
    assert stage.conduct(PLANNED, MOVED, PLANNED, DONE)["msg"] == "api serves 2"
    assert stage.kept()[:3] == [("intent", "open"), ("intent", "settled"), ("intent", "open")]
    result = stage.conduct(PLANNED, MOVED, PLANNED, MOVED, PLANNED, MOVED)
    assert result["failed"] and result["msg"] == f"{API} did not come to rest: no"


def test_a_module_that_settled_another_run_gets_its_turn(stage: Stage) -> None:
    again = {**DONE, "again": True, "entries": [], "msg": "the old one is settled"}
    unchanged = {**PLANNED, "changed": False, "plan": [], "intent": None, "msg": "nothing to do"}
    result = stage.conduct(PLANNED, again, unchanged)
    assert (result["changed"], result["msg"]) == (True, "nothing to do")
    assert "  api | the old one is settled: planning anew" in stage.said


def test_only_the_approved_plan_is_carried_out(stage: Stage) -> None:
    stage.permit["approved_plan_hashes"] = ["sha256:other"]
    assert "is not the one that was approved" in str(stage.conduct(PLANNED)["msg"])
    assert stage.kept() == []


def test_without_a_permit_nothing_is_even_planned(stage: Stage) -> None:
    stage.permit = {}
    assert "A change needs a permit" in str(stage.conduct()["msg"])


def test_a_worker_that_outlived_its_run_keeps_no_intent(stage: Stage) -> None:
    deadlines.stop(stage.directory)
    assert "The run that held the lease on toy/lab/api is gone" in str(stage.conduct(PLANNED)["msg"])
    assert stage.kept() == []


def test_a_late_holders_records_are_refused(stage: Stage) -> None:
    def during() -> dict[str, object]:
        stage.ledger.leases.release("01A")
        return dict(DONE)

    result = stage.conduct(PLANNED, during)
    assert result["failed"] and "What was done on toy/lab/api could not be recorded" in str(result["msg"])
    assert stage.kept() == [("intent", "open")]


def test_secrets_are_masked_in_what_is_kept(stage: Stage) -> None:
    leak = "postgresql://u:hunter2@db/x"
    stage.conduct(PLANNED, {**DONE, "msg": leak, "entries": [{"kind": "verdict", "reason": leak}]})
    kept = str(stage.ledger.releases.history("api")) + str(stage.ledger.journal.events())
    assert "hunter2" not in kept and "u:********@db" in kept


def test_what_a_run_did_and_the_end_of_its_intent_are_one_entry(stage: Stage) -> None:
    stage.conduct(PLANNED, DONE)
    intent, done = [entry.records for entry in stage.ledger.releases.chain.entries()[1:]]
    assert [record["kind"] for record in intent] == ["intent"]
    assert [(record["kind"], record["run"]) for record in done] == [("served", "01A"), ("intent", "01A")]
    assert all(record["at"] for record in (*intent, *done))
    assert (done[0]["component"], done[1]["state"], done[1]["components"]) == ("api", "settled", {"api": {"to": "2"}})


def test_a_kill_between_the_change_and_its_record_leaves_all_of_it_unwritten(stage: Stage) -> None:
    def dies(_records: object, **_more: object) -> int:
        raise KeyboardInterrupt

    def during() -> dict[str, object]:
        stage.ledger.releases.append = dies  # type: ignore[method-assign,assignment]
        return dict(DONE)

    with pytest.raises(KeyboardInterrupt):
        stage.conduct(PLANNED, during)
    del stage.ledger.releases.append
    assert stage.kept() == [("intent", "open")]


def test_only_moved_worlds_and_turns_are_planned_again(stage: Stage) -> None:
    for failure in ({"failed": True, "msg": "no", "again": True}, {**MOVED, "error_kind": "LeaseLost"}):
        stage.calls.clear()
        assert stage.conduct(PLANNED, failure)["msg"] == "no"
        assert [planning for _args, planning in stage.calls] == [True, False]


def test_three_plans_are_the_most(stage: Stage) -> None:
    again = {**DONE, "again": True, "entries": [], "msg": "settled another"}
    result = stage.conduct(*[PLANNED, again] * 3)
    assert (result["failed"], result["msg"]) == (True, f"{API} did not come to rest: settled another")
    assert [planning for _args, planning in stage.calls] == [True, False] * 3
    assert stage.said.count("  api | settled another: planning anew") == 3


def test_a_turn_that_then_changes_or_is_refused_says_that_something_was_changed(stage: Stage) -> None:
    again = {**DONE, "again": True, "entries": []}
    assert stage.conduct(PLANNED, again, PLANNED, {**DONE, "changed": False})["changed"] is True
    refused = stage.conduct(PLANNED, again, {**PLANNED, "refused": "There is no way back."})
    assert (refused["failed"], refused["changed"], refused["msg"]) == (True, True, "There is no way back.")


def test_the_world_that_moved_is_said_once_for_each_new_plan(stage: Stage) -> None:
    stage.conduct(PLANNED, MOVED, PLANNED, DONE)
    moved = "  api | the world changed since this was planned: planning again"
    assert stage.said == [
        "  api | plan: Serve 2 (undo: serve 1)",
        moved,
        "  api | plan: Serve 2 (undo: serve 1)",
        "  api | done: api serves 2",
    ]
    assert stage.steps() == ["failed", "ok"]


def test_without_a_ledger_a_plan_is_shown_and_no_change_is_made(stage: Stage) -> None:
    stage.ledger = None  # type: ignore[assignment]
    assert stage.conduct(PLANNED, check=True)["changed"] is True
    assert "history" not in stage.calls[0][0]
    for planned in (PLANNED, {**PLANNED, "intent": None}):
        assert stage.conduct(planned)["msg"] == (
            "The ledger of toy/lab/api cannot be reached, so nothing is changed."
            " Bring the ledger back, then run the same command again."
        )
    assert [planning for _args, planning in stage.calls] == [True, True, True]


def test_a_ledger_that_breaks_meanwhile_leaves_the_intent_open_as_far_as_anybody_knows(stage: Stage) -> None:
    def during() -> dict[str, object]:
        (stage.directory.parent / "ledger" / "releases" / "head").unlink()
        return dict(DONE)

    result = stage.conduct(PLANNED, during)
    assert (result["failed"], result["intent_open"], result["again"]) == (True, True, False)
    assert str(result["msg"]).startswith("api serves 2. What was done on toy/lab/api could not be recorded: The chain ")


def test_a_journal_that_breaks_meanwhile_leaves_nothing_open(stage: Stage) -> None:
    def during() -> dict[str, object]:
        (stage.directory.parent / "ledger" / "journal" / "head").unlink()
        return dict(DONE)

    result = stage.conduct(PLANNED, during)
    assert (result["failed"], result["intent_open"]) == (True, False)
    assert stage.kept() == [("intent", "open"), ("served", None), ("intent", "settled")]


def test_modules_other_than_releases_get_no_history_and_no_progress_path_that_nobody_reads(stage: Stage) -> None:
    seen: list[dict[str, object]] = []

    def execute(args: dict[str, object], planning: bool) -> dict[str, object]:
        seen.append(args)
        return dict({**PLANNED, "plan_hash": None} if planning else DONE)

    conductor = Conductor("steady.ops.toy_move", API, execute, stage.ledger, stage.said.append, SystemClock())
    assert conduct(conductor, {"permit": stage.permit}, check=False)["msg"] == "api serves 2"
    assert all("history" not in args and "progress_path" not in args for args in seen)
    permit = seen[1]["permit"]
    assert isinstance(permit, dict) and permit["approved_plan_hashes"] == [], "no hash approves nothing"


@pytest.mark.parametrize(
    "permit",
    [
        "x",
        {"run": "01A"},
        {"run": "01A", "runbook": "r", "action": "a", "mode": "real", "objects": "x"},
        {"run": "01A", "runbook": "r", "action": "a", "mode": "real", "objects": [{"object": "toy/lab/web"}]},
        {"run": "01A", "runbook": "r", "action": "a", "mode": "real", "objects": [{"object": API, "token": 1}]},
    ],
)
def test_what_the_guard_did_not_write_permits_nothing(stage: Stage, permit: object) -> None:
    stage.permit = permit  # type: ignore[assignment]
    assert stage.conduct()["failed"] is True
    assert (stage.kept(), stage.calls) == ([], [])


def test_a_forged_token_may_not_write(stage: Stage) -> None:
    objects = stage.permit["objects"]
    assert isinstance(objects, list)
    objects[0]["token"] = 99
    assert "The lease on toy/lab/api (token 99) was lost" in str(stage.conduct(PLANNED)["msg"])
    assert stage.kept() == [] and [planning for _args, planning in stage.calls] == [True]


def test_the_approved_plan_is_carried_out(stage: Stage) -> None:
    stage.permit["approved_plan_hashes"] = ["sha256:other", "sha256:1"]
    assert stage.conduct(PLANNED, DONE)["msg"] == "api serves 2"


def test_reading_needs_no_permit_writes_nothing_and_says_nothing(stage: Stage) -> None:
    stage.permit = {}
    result = stage.conduct({"lines": ["x"], "msg": "y", "entries": [1]}, module="steady.ops.toy_info")
    assert result == {"lines": ["x"], "msg": "y"}
    assert ([planning for _args, planning in stage.calls], stage.said, stage.kept()) == ([True], [], [])
    assert "history" not in stage.calls[0][0]


def test_secrets_are_masked_in_what_is_said(stage: Stage) -> None:
    plan = [{**STEP, "sentence": "Use canary-secret", "state": "would do"}]
    conductor = Conductor(
        "toy_deploy",
        API,
        lambda _args, planning: {**PLANNED, "plan": plan} if planning else {**DONE, "msg": "used canary-secret"},
        stage.ledger,
        stage.said.append,
        SystemClock(),
        redactor=Redactor(["canary-secret"]),
    )
    conduct(conductor, {"permit": stage.permit}, check=False)
    kept = str(stage.ledger.releases.history("api")) + str(stage.ledger.journal.events())
    assert "canary" not in kept + str(stage.said) and len(stage.said) == 2


def test_a_check_run_says_what_a_real_one_would_refuse(stage: Stage) -> None:
    stage.conduct({**PLANNED, "refused": "There is no way back."}, check=True)
    assert stage.said[-1] == "  api | a real run would refuse: There is no way back."


def test_of_many_leases_the_components_own_is_proved(stage: Stage) -> None:
    objects = stage.permit["objects"]
    assert isinstance(objects, list)
    other = {"object": "toy/lab/another", "token": 99, "lease_deadline_path": objects[0]["lease_deadline_path"]}
    stage.permit["objects"] = [other, *objects]
    assert stage.conduct(PLANNED, DONE)["msg"] == "api serves 2"
    assert stage.kept()[-1] == ("intent", "settled")


UNIT = Unit("01A", "deploy", ("web", "api"))


def numbered(number: str) -> dict[str, object]:
    return {"id": number * 12, "digest": "sha256:" + number * 64, "version": number}


def served(number: str) -> dict[str, object]:
    release = {"kind": "release", **numbered(number)}
    return {**DONE, "msg": f"api serves {number}", "entries": [release, {"kind": "served", "release": number * 12}]}


def planned(number: str, runbook: str = "deploy") -> dict[str, object]:
    change = {"to": number * 12, "to_release": numbered(number)}
    return {**PLANNED, "intent": {"runbook": runbook, "components": {"api": change}}}


def part(kind: str = SWITCH, *, closes: bool = False) -> Step:
    return Step("api", kind, UNIT, closes)


def records(stage: Stage) -> list[tuple[object, object, object]]:
    kept = stage.ledger.releases.records()[1:]
    return [(record["kind"], record.get("state"), record.get("unit_run")) for record in kept]


def test_the_unit_is_kept_before_its_first_switch_and_ended_with_its_last(stage: Stage) -> None:
    stage.conduct(PLANNED, DONE, unit=part(closes=True))
    assert records(stage) == [
        ("unit", "open", None),
        ("intent", "open", "01A"),
        ("served", None, None),
        ("intent", "settled", "01A"),
        ("unit", "settled", None),
    ]


def test_what_an_earlier_run_left_of_its_last_component_does_not_end_the_unit(stage: Stage) -> None:
    states: list[tuple[object, object, object]] = []

    def planned_anew() -> dict[str, object]:
        states.extend(records(stage))
        return dict(PLANNED)

    stage.conduct(PLANNED, {**DONE, "again": True, "entries": []}, planned_anew, DONE, unit=part(closes=True))
    assert ("unit", "settled", None) not in states, "a run that is killed here leaves the unit to the next one"
    assert records(stage)[-1] == ("unit", "settled", None)


def test_a_failure_leaves_the_unit_to_be_undone(stage: Stage) -> None:
    stage.conduct(PLANNED, {**DONE, "failed": True, "entries": []}, unit=part(closes=True))
    assert records(stage)[-1] == ("intent", "settled", "01A")


def test_a_rehearsal_refuses_what_the_real_run_would(stage: Stage) -> None:
    result = stage.conduct({**PLANNED, "refused": "There is no way back"}, check=True, unit=part())
    assert (result["failed"], result["msg"]) == (True, "There is no way back")
    assert records(stage) == []


def test_a_rehearsal_shows_the_plan_of_a_real_run(stage: Stage) -> None:
    assert not stage.conduct(PLANNED, check=True, unit=part()).get("failed")
    assert stage.said[0] == "  api | plan: Serve 2 (undo: serve 1)"


def test_an_undo_puts_back_what_stands(stage: Stage) -> None:
    stage.conduct(planned("2"), served("2"), unit=part())
    result = stage.conduct(planned("1", "undo"), served("1"), unit=part(UNDO, closes=True))
    assert (result["failed"], result["changed"], result["undo_failed"]) == (False, True, False)
    assert result["unit_told"] == "The deploy of web, api was undone: web was not touched, api serves 1 (111111111111)."
    assert records(stage)[-1] == ("unit", "settled", None)


def test_an_undo_that_fails_is_told_and_the_rescue_goes_on(stage: Stage) -> None:
    stage.conduct(planned("2"), served("2"), unit=part())
    result = stage.conduct({"failed": True, "msg": "no access"}, unit=part(UNDO, closes=True))
    assert (result["failed"], result["undo_failed"]) == (False, True)
    assert stage.said[-1] == "  api | NOT undone: no access"
    assert str(result["unit_told"]).endswith("web was not touched, api STILL serves 2 (222222222222).")
    assert ("unit", "settled", None) not in records(stage), "the next run puts it back"


def test_what_an_earlier_unit_is_owed_fails_the_run(stage: Stage) -> None:
    stage.conduct(planned("2"), served("2"), unit=part())
    result = stage.conduct({"failed": True, "msg": "no access"}, unit=part(SETTLE))
    assert (result["failed"], result["msg"]) == (True, "no access")


CANNOT = {"failed": True, "msg": "api serves 9", "details": {"cannot_be_undone": True, "serving": numbered("9")}}


def test_what_cannot_be_undone_at_all_ends_the_unit_and_is_told(stage: Stage) -> None:
    stage.conduct(planned("2"), served("2"), unit=part())
    result = stage.conduct(CANNOT, unit=part(UNDO, closes=True))
    assert (result["failed"], result["undo_failed"]) == (False, True)
    assert stage.said[-1] == "  api | NOT undone: api serves 9"
    assert result["unit_told"] == (
        "The deploy of web, api was NOT undone as a whole: web was not touched, api serves 9 (999999999999)."
    )
    assert records(stage)[-1] == ("unit", "settled", None)


def test_what_an_earlier_unit_cannot_get_back_does_not_keep_the_others_from_it(stage: Stage) -> None:
    stage.conduct(planned("2"), served("2"), unit=part())
    result = stage.conduct(CANNOT, unit=part(SETTLE))
    assert (result["failed"], result["undo_failed"]) == (False, True)
    last = stage.conduct(unit=part(SETTLE, closes=True))
    assert last["failed"], "no green over what is not as it was"
    assert last["msg"] == (
        "The unfinished deploy of web, api could not be put back whole. The same command goes on now from what serves"
    )
    assert records(stage)[-1] == ("unit", "settled", None), "it is not in the way for good"


def test_the_last_of_an_earlier_unit_that_cannot_go_back_fails_the_run(stage: Stage) -> None:
    stage.conduct(planned("2"), served("2"), unit=part())
    result = stage.conduct(CANNOT, unit=part(SETTLE, closes=True))
    assert (result["failed"], result["msg"]) == (True, "api serves 9")
    assert records(stage)[-1] == ("unit", "settled", None)


def test_a_switch_that_stays_as_it_must_holds_nobody_up(stage: Stage) -> None:
    stage.conduct(planned("2"), served("2"), unit=part())
    stays = {"changed": False, "plan": [], "msg": "api stays", "intent_open": False}
    result = stage.conduct(stays, unit=part(UNDO, closes=True))
    assert (result["failed"], result["undo_failed"]) == (False, False)
    assert records(stage)[-2:] == [("intent", "settled", "01A"), ("unit", "settled", None)]


def test_what_a_failed_undo_left_there_is_told(stage: Stage) -> None:
    stage.conduct(planned("2"), served("2"), unit=part())
    broken = {**DONE, "failed": True, "entries": [], "serving": {**numbered("1"), "since": "now"}, "msg": "500"}
    result = stage.conduct(planned("1", "undo"), broken, unit=part(UNDO, closes=True))
    assert result["undo_failed"]
    assert str(result["unit_told"]).endswith("api serves 1 (111111111111).")


def test_a_lost_lease_in_the_rescue_is_told_too(stage: Stage) -> None:
    stage.conduct(planned("2"), served("2"), unit=part())
    stage.permit = {}
    result = stage.conduct(unit=part(UNDO))
    assert (result["failed"], result["undo_failed"]) == (False, True)
    assert "NOT undone: A change needs a permit" in stage.said[-1]


def test_an_undo_of_nothing_runs_no_module_and_ends_the_unit(stage: Stage) -> None:
    stage.ledger.releases.append([UNIT.record("toy/lab", "open")])
    result = stage.conduct(unit=part(UNDO, closes=True))
    assert (result["msg"], result["changed"]) == ("api has nothing to undo", False)
    assert records(stage)[-1] == ("unit", "settled", None)


def test_a_step_of_an_undo_in_the_middle_says_nothing_of_the_whole(stage: Stage) -> None:
    assert "unit_told" not in stage.conduct(unit=part(UNDO))
