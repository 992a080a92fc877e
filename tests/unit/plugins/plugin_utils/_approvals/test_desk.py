"""Where approvals are looked up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput, Refused
from ansible_collections.steady.ops.plugins.plugin_utils._approvals.desk import Desk
from tests.unit.plugins.plugin_utils._approvals.approval_world import API, CHECK, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_rules_that_are_wrong_open_no_desk(world: World) -> None:
    assert Desk.of(world.ledger, world.policy).approvers.needed == 2
    with pytest.raises(InvalidInput, match="ops_approvers names nobody"):
        Desk.of(world.ledger, replace(world.policy, approvers={}))


def test_a_request_comes_from_the_journal_until_it_is_kept(world: World) -> None:
    asked = world.check_run()
    assert world.desk.requests.all() == [] and world.desk.request(CHECK, world.now) == asked
    world.desk.requests.change(asked, lambda known: replace(known, withdrawn={"by": "ann"}))
    assert world.desk.request(CHECK, world.now).withdrawn == {"by": "ann"}


def test_an_edited_request_is_none_but_one_of_yesterday_may_be_looked_at(world: World) -> None:
    asked = world.check_run()
    world.desk.requests.change(asked, lambda known: replace(known, runbook="raze"))
    with pytest.raises(Refused, match="somebody has edited it"):
        world.desk.request(CHECK, world.now)
    assert world.desk.request(CHECK, world.now + timedelta(hours=5)).runbook == "raze"


def test_only_what_stands_and_is_for_the_change_matches(world: World) -> None:
    asked = world.check_run()
    world.desk.requests.change(asked, lambda known: replace(known, withdrawn={"by": "x"}))
    second = world.check_run("01B")
    world.desk.requests.change(second, lambda known: replace(known, expires_at=known.expires_at + timedelta(hours=9)))
    events = world.desk.events(world.now)
    found = world.desk.matching(events, "deploy", "deploy", [API], world.now)
    assert [one.id for one in found] == ["01B"]
    assert world.desk.matching(events, "deploy", "deploy", [API], world.now + timedelta(hours=5)) == []
    assert world.desk.matching(events, "deploy", "adopt", [API], world.now) == []
