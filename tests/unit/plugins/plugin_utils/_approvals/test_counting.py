"""Which approvals count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import Refused
from ansible_collections.steady.ops.plugins.plugin_utils._approvals.counting import refuse_over
from ansible_collections.steady.ops.plugins.plugin_utils._approvals.requests import Approval, ApprovalRequest
from tests.unit.plugins.plugin_utils._approvals.approval_world import PEOPLE, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path).keys("ann", "bob", "carol")


def test_two_of_three_are_enough(world: World) -> None:
    asked = world.check_run()
    first = world.desk.tally(world.approve(asked, "ann"))
    assert (first.missing, [person.name for person in first.may], first.doubts) == (1, ["bob", "carol"], ())
    both = world.desk.tally(world.approve(asked, "bob"))
    assert (both.missing, [given.by for given in both.counted]) == (0, ["ann", "bob"])


def test_the_same_person_twice_is_one(world: World) -> None:
    asked = world.approve(world.check_run(), "ann", "ann")
    found = world.desk.tally(asked)
    assert found.missing == 1
    assert found.doubts == ("The signature of ann is somebody else's.",), "one key speaks once"
    twice = replace(asked, approvals=(given(asked, "ann"), given(asked, " ANN ")))
    assert world.desk.tally(twice).missing == 1


def given(asked: ApprovalRequest, by: str, how: str = "awx") -> Approval:
    return Approval(by, how, {"user": by, "job": "7"}, asked.at)


@pytest.mark.parametrize(
    "who", [{"user": "ANN"}, {"user": "root", "sudo_user": "ann"}, {"awx": {"awx_user_name": "Ann"}}]
)
def test_who_asks_does_not_approve_under_any_spelling(world: World, who: dict[str, object]) -> None:
    asked = world.approve(world.check_run(who=who), "ann", "bob")
    found = world.desk.tally(asked)
    assert (found.missing, [person.name for person in found.may]) == (1, ["carol"])
    assert found.doubts == ("ann asked for this change, and nobody approves what they ask for.",)


def test_who_runs_it_does_not_let_themselves_pass(world: World) -> None:
    asked = world.approve(world.check_run(), "ann", "bob")
    assert world.desk.tally(asked).missing == 0
    assert world.desk.tally(asked, ["bob"]).missing == 1


def test_a_name_in_the_document_is_no_signature(world: World) -> None:
    asked = world.approve(world.check_run(), "ann")
    (real,) = asked.approvals
    for forged in (
        replace(real, by="bob"),
        replace(real, proof={}),
        Approval("bob", "signature", {"armor": "x"}, real.at),
    ):
        assert world.desk.tally(replace(asked, approvals=(forged,))).missing == 2


@pytest.mark.parametrize(
    ("change", "doubt"),
    [
        (lambda asked: given(asked, "eve"), "eve is none of the people whom ops_approvers names."),
        (
            lambda asked: given(asked, "ann", "account"),
            "The approval of ann is proved by account, which ops_approvers does not believe.",
        ),
    ],
)
def test_what_does_not_count_says_why(world: World, change: Callable[[ApprovalRequest], Approval], doubt: str) -> None:
    asked = world.check_run()
    found = world.desk.tally(replace(asked, approvals=(change(asked),)))
    assert (found.missing, found.doubts) == (2, (doubt,))


def test_who_left_the_inventory_counts_no_more(world: World) -> None:
    asked = world.approve(world.check_run(), "ann", "bob")
    world.policy = replace(world.policy, approvers={**PEOPLE, "people": ["ann", "carol"]})
    assert world.desk.tally(asked).missing == 1


def test_awx_is_believed_where_it_may_be(world: World) -> None:
    asked = world.check_run()
    assert world.desk.tally(replace(asked, approvals=(given(asked, "ann"), given(asked, "bob")))).missing == 0
    world.policy = replace(world.policy, approvers={**PEOPLE, "proofs": "signature"})
    assert world.desk.tally(replace(asked, approvals=(given(asked, "ann"),))).missing == 2


def test_what_is_over_is_refused(world: World) -> None:
    asked = world.check_run()
    refuse_over(asked, world.now)
    with pytest.raises(Refused, match="expired at"):
        refuse_over(asked, world.now + timedelta(hours=5))
    with pytest.raises(Refused, match="was withdrawn by ann at noon"):
        refuse_over(replace(asked, withdrawn={"by": "ann", "at": "noon"}), world.now)
