"""The gate approval."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._approvals.requests import Approval, ApprovalRequest
from ansible_collections.steady.ops.plugins.plugin_utils._gates import approval
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Request, Says, Verdict
from tests.unit.plugins.plugin_utils._approvals.approval_world import API, CHECK, HASH, PEOPLE, WEB, World
from tests.unit.plugins.plugin_utils._gates.gate_world import LIVE, asks, text

NOW = datetime(2026, 11, 21, tzinfo=UTC)
WHERE = replace(LIVE, approvers=PEOPLE)
WANTS = "This change wants 2 of ann, bob, carol to approve its plan"
APPROVE = "ansible-playbook steady.ops.approve -e approve_run="


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path).keys("ann", "bob", "carol")


def run(world: World, risk: str = "change", **more: object) -> Request:
    values: dict[str, object] = {"who": {"user": "dave"}, "objects": (API,), **more}
    return asks(risk, world.policy, **values)


def judge(
    world: World, request: Request | None = None, now: datetime | None = None
) -> tuple[Verdict, approval.Approved]:
    verdicts, approved = approval.judge(request or run(world), world.ledger, now or world.now, "01THIS")
    (verdict,) = verdicts
    return verdict, approved


def said(world: World, request: Request | None = None, now: datetime | None = None) -> tuple[str, str]:
    verdict, approved = judge(world, request, now)
    assert verdict.says is Says.REFUSE and not verdict.firm and approved.plan_hashes == ()
    return verdict.sentence, verdict.next


def test_nobody_is_asked_where_the_inventory_names_nobody() -> None:
    assert text(approval.judge(asks(), None, NOW)[0]) == ["pass"]
    assert text(approval.judge(asks(extra_gates=frozenset({"approval"})), None, NOW)[0]) == [
        "refuse: deploy: deploy wants approval, and ops_approvers is not set for toy/production"
    ]


def test_readers_and_tools_meet_no_approval() -> None:
    assert approval.judge(asks("read", WHERE), None, NOW)[0] == []
    assert approval.judge(asks(where=WHERE, tool=True), None, NOW)[0] == []


def test_an_inventory_may_narrow_what_asks_and_a_contract_may_widen_it() -> None:
    where = replace(WHERE, approvers={**PEOPLE, "actions": ["destructive"]})
    assert text(approval.judge(asks(where=where), None, NOW)[0]) == ["pass"]
    for request in (asks("destructive", where), asks(where=where, extra_gates=frozenset({"approval"}))):
        assert text(approval.judge(request, None, NOW)[0])[0].startswith("refuse")


def test_rules_that_are_wrong_shut_the_gate() -> None:
    (verdict,), _approved = approval.judge(asks(where=replace(WHERE, approvers={"needed": 2})), None, NOW)
    assert verdict.sentence == "ops_approvers names nobody." and "group_vars" in verdict.remedy


def test_without_a_ledger_nobody_knows() -> None:
    sentence = "This change of toy/production wants approval, and whether it has any stands in the ledger"
    assert text(approval.judge(asks(where=WHERE), None, NOW)[0]) == [f"refuse: {sentence}"]
    assert text(approval.judge(asks(where=WHERE, check=True), None, NOW)[0]) == [f"unknown: {sentence}"]


def test_a_journal_that_cannot_be_trusted_shuts_the_gate(world: World) -> None:
    (world.base / "ledger" / "journal" / "head").unlink()
    sentence, command = said(world)
    assert "cannot be trusted" in sentence and command.endswith("ledger_action=check")


def test_the_whole_story(world: World) -> None:
    sentence, command = said(world)
    assert sentence == f"{WANTS}; no check run of the last 4 h 0 min shows it"
    assert command == "ansible-playbook x.yml --check"

    verdict, approved = judge(world, run(world, check=True))
    assert (verdict.sentence, verdict.next) == (WANTS, f"{APPROVE}01THIS")
    assert approved.notes == {"approval": {"asked": True}}

    asked = world.check_run()
    sentence, command = said(world)
    assert sentence == f"{WANTS}; check run {CHECK} shows it, and nobody has approved it yet"
    assert command == f"{APPROVE}{CHECK}" and judge(world)[0].remedy == "Have ann or bob or carol run"

    world.approve(asked, "ann")
    sentence, command = said(world)
    assert sentence.startswith(f"{WANTS}; request {CHECK} waits for 1 of 2 until 20") and command == f"{APPROVE}{CHECK}"
    assert judge(world)[0].remedy == "Have bob or carol run"

    world.approve(asked, "carol")
    verdict, approved = judge(world)
    assert verdict.says is Says.PASS and approved.plan_hashes == (HASH[API],)
    by = [{"by": "ann", "how": "signature"}, {"by": "carol", "how": "signature"}]
    assert approved.notes == {"approval": {"requests": [CHECK], "by": by}}

    world.step(run="01DONE")
    sentence, command = said(world)
    assert sentence == f"{WANTS}; the plan that was approved, of {CHECK}, was carried out by run 01DONE"
    assert command == "ansible-playbook x.yml --check"


def test_an_approval_is_for_just_its_change(world: World) -> None:
    world.approve(world.check_run(), "ann", "bob")
    assert judge(world)[0].says is Says.PASS
    others: tuple[Mapping[str, object], ...] = ({"objects": (API, WEB)}, {"objects": (WEB,)})
    for other in others:
        assert said(world, run(world, **other))[0].endswith("shows it")
    assert said(world, replace(run(world), action="adopt"))[0].endswith("shows it")
    assert said(world, replace(run(world), runbook="rollback"))[0].endswith("shows it")


def test_an_approval_ends(world: World) -> None:
    asked = world.approve(world.check_run(), "ann", "bob")
    assert said(world, now=asked.expires_at)[0].endswith("no check run of the last 4 h 0 min shows it")
    world.policy = replace(world.policy, approvers={**PEOPLE, "valid_minutes": 1})
    assert said(world, now=asked.at + timedelta(minutes=2))[0].endswith("shows it"), "as the inventory says today"


@pytest.mark.parametrize(
    "forge",
    [
        lambda asked: replace(asked, plans=(replace(asked.plans[0], hash="sha256:evil"),)),
        lambda asked: replace(asked, requester={"user": "nobody"}),
        lambda asked: replace(
            asked, at=asked.at + timedelta(hours=9), expires_at=asked.expires_at + timedelta(hours=9)
        ),
        lambda asked: replace(asked, id="01FORGED"),
    ],
)
def test_a_request_that_is_not_what_was_journalled_is_none(
    world: World, forge: Callable[[ApprovalRequest], ApprovalRequest]
) -> None:
    world.policy = replace(world.policy, approvers={"needed": 1, "people": ["ann", "bob"]})
    asked = world.check_run()
    given = Approval("ann", "awx", {"user": "ann", "job": "7"}, asked.at)
    world.desk.requests.change(asked, lambda known: replace(known, approvals=(given,)))
    assert judge(world)[0].says is Says.PASS
    world.desk.requests.change(asked, forge)
    assert judge(world)[0].says is Says.REFUSE


def test_a_withdrawn_request_is_none(world: World) -> None:
    asked = world.approve(world.check_run(), "ann", "bob")
    world.desk.requests.change(asked, lambda known: replace(known, withdrawn={"by": "x", "at": "y"}))
    assert said(world)[0].endswith("no check run of the last 4 h 0 min shows it")


def test_who_runs_it_needs_the_yes_of_others(world: World) -> None:
    world.approve(world.check_run(), "ann", "bob")
    sentence, _command = said(world, run(world, who={"user": "root", "sudo_user": "BOB"}))
    assert "waits for 1 of 2" in sentence
    assert "(bob asked for this change, and nobody approves what they ask for.)" in sentence


def test_too_few_people_are_left(world: World) -> None:
    world.policy = replace(world.policy, approvers={"needed": 2, "people": ["ann", "bob"]})
    world.approve(world.check_run(who={"user": "ann"}), "bob")
    sentence, command = said(world)
    assert sentence.endswith("and nobody else may") and command == ""


def test_a_check_run_that_nobody_can_approve_says_why(world: World) -> None:
    world.check_run(steps=())
    sentence, command = said(world)
    assert sentence == f"{WANTS}; Check run {CHECK} planned nothing, so there is nothing to approve"
    assert command == "ansible-playbook x.yml --check"


def test_the_request_that_is_nearest_to_its_end_is_named(world: World) -> None:
    first, second = world.check_run("01A"), world.check_run("01B")
    world.approve(first, "ann")
    world.desk.requests.change(second, lambda known: replace(known, approvals=()))
    assert "request 01A waits for 1 of 2" in said(world)[0]
    world.approve(second, "ann")
    assert "request 01B waits for 1 of 2" in said(world)[0]


def test_what_settles_a_killed_run_is_approved_beside_its_own_plan(world: World) -> None:
    world.approve(world.check_run("01A"), "ann", "bob")
    world.journal("opened", "01B", runbook="deploy", action="deploy", mode="check", objects=[API], approval={})
    world.journal("planned", "01B", object=API, plan_hash="sha256:settle", steps=["Settle"])
    world.journal("closed", "01B", result="ok")
    world.approve(world.desk.request("01B", world.now), "ann", "bob")
    assert judge(world)[1].plan_hashes == (HASH[API], "sha256:settle")


def test_a_command_that_cannot_be_taken_apart_is_not_invented(world: World) -> None:
    request = run(world)
    object.__setattr__(request.commands, "argv", ["ansible-playbook", "x.yml", "-e", "@f"])
    assert said(world, request)[1] == "ansible-playbook x.yml -e @f --check"


STANDING = {
    "runbook": "deploy",
    "action": "deploy",
    "objects": ["api"],
    "until": "2096-01-01",
    "max_per_day": 1,
    "approved_by": ["ann", "bob"],
    "reason": "nightly",
}


def test_a_standing_approval_lets_pass_within_its_bounds(world: World) -> None:
    world.policy = replace(world.policy, standing_approvals=[{**STANDING, "action": "adopt"}, STANDING])
    verdict, approved = judge(world)
    assert verdict.says is Says.PASS and approved.plan_hashes == ()
    label = "deploy:deploy api until 2096-01-02T00:00:00Z"
    assert approved.notes == {"approval": {"standing": label, "by": ["ann", "bob"], "reason": "nightly"}}
    world.journal("opened", "01R", mode="real", allowed=True, **approved.notes)
    assert judge(world)[0].says is Says.PASS, "a run that was killed before it changed anything may go on"
    world.step(run="01R")
    sentence, command = said(world)
    assert sentence == (
        f"{WANTS}; its standing approval is for 1 a day, and 1 ran today (UTC);"
        " no check run of the last 4 h 0 min shows it"
    )
    assert command == "ansible-playbook x.yml --check"
    world.policy = replace(world.policy, standing_approvals=[STANDING, {**STANDING, "objects": ["toy/production"]}])
    assert judge(world)[0].says is Says.PASS


def test_a_standing_approval_that_is_wrong_shuts_the_gate(world: World) -> None:
    world.policy = replace(world.policy, standing_approvals=["x"])
    assert said(world)[0].startswith("Entry 1 of ops_standing_approvals is no dictionary")


def test_who_goes_on_without_approval_is_bound_to_no_plan(world: World) -> None:
    world.approve(world.check_run(), "ann", "bob")
    world.policy = replace(world.policy, standing_approvals=[STANDING])
    request = run(world, override=("approval",))
    sentence, _command = said(world, request)
    assert sentence == f"{WANTS}; ops_override asks to go on without"


def test_without_a_run_id_a_check_run_names_no_command(world: World) -> None:
    (verdict,), _approved = approval.judge(run(world, check=True), world.ledger, world.now)
    assert verdict.next == ""
