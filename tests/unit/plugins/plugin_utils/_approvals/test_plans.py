"""What the journal says of check runs, and of what was carried out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import Refused
from ansible_collections.steady.ops.plugins.plugin_utils._approvals.plans import (
    asked_by,
    asking_runs,
    carried_out_by,
    planned_event,
    used,
)
from ansible_collections.steady.ops.plugins.plugin_utils._approvals.requests import ApprovalRequest
from tests.unit.plugins.plugin_utils._approvals.approval_world import API, CHECK, HASH, WEB, World

VALID = timedelta(hours=4)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def asked_of(world: World, run: str = CHECK) -> ApprovalRequest:
    return asked_by(run, world.desk.events(world.now), VALID)


def test_a_module_s_plan_is_kept_with_what_it_would_do() -> None:
    plan = [{"sentence": "Do", "state": "would do"}, {"sentence": "Not", "state": "skipped"}, "x"]
    event = planned_event({"plan": plan, "plan_hash": "h"}, run="1", object="o", module="m")
    assert event == {"event": "planned", "run": "1", "object": "o", "module": "m", "plan_hash": "h", "steps": ["Do"]}
    refused = planned_event({"plan": None, "refused": "no"}, run="1", object="o", module="m")
    assert (refused["refused"], refused["steps"], refused["plan_hash"]) == ("no", [], "")


def test_a_check_run_is_a_request(world: World) -> None:
    asked = world.check_run(objects=(API, WEB))
    assert [(planned.object, planned.hash) for planned in asked.plans] == [(API, HASH[API]), (WEB, HASH[WEB])]
    assert asked.requester == {"user": "dave", "host": "desk"} and asked.expires_at - asked.at == VALID
    assert asked.objects == (API, WEB) and asked.hashes == (HASH[API], HASH[WEB])


def test_what_has_nothing_to_do_is_not_part_of_it(world: World) -> None:
    world.journal("opened", approval={}, mode="check", objects="x", who="x")
    world.journal("planned", object=API, plan_hash="h", steps=["Do"])
    world.journal("planned", object=WEB, plan_hash="h", steps=[])
    world.journal("closed", result="ok")
    asked = asked_of(world)
    assert [planned.object for planned in asked.plans] == [API]
    assert asked.objects == () and asked.requester == {}


def test_what_cannot_be_approved_says_why(world: World) -> None:
    with pytest.raises(Refused, match="The journal has no run 01NONE of the last 4 h 0 min"):
        asked_of(world, "01NONE")
    world.journal("opened", "01REAL", mode="real", approval={})
    with pytest.raises(Refused, match="Run 01REAL is no check run of a change that wants approval"):
        asked_of(world, "01REAL")
    world.journal("opened", "01FREE", mode="check")
    with pytest.raises(Refused, match="Run 01FREE is no check run"):
        asked_of(world, "01FREE")
    world.check_run("01KILLED", result="")
    with pytest.raises(Refused, match="Check run 01KILLED has not ended, so its plan is not whole"):
        asked_of(world, "01KILLED")
    world.check_run("01FAILED", result="FAILED")
    with pytest.raises(Refused, match="Check run 01FAILED ended as FAILED"):
        asked_of(world, "01FAILED")
    world.check_run("01EMPTY", steps=())
    with pytest.raises(Refused, match="Check run 01EMPTY planned nothing, so there is nothing to approve"):
        asked_of(world, "01EMPTY")
    world.check_run("01NOT", result="")
    world.journal("planned", "01NOT", object=WEB, refused="no health")
    world.journal("closed", "01NOT", result="ok")
    with pytest.raises(Refused, match="found that a real run would refuse on toy/production/web: no health"):
        asked_of(world, "01NOT")


def test_check_runs_of_one_change_are_found(world: World) -> None:
    world.check_run("01A")
    world.check_run("01B", objects=(API, WEB))
    world.journal("opened", "01C", mode="check")
    events = world.desk.events(world.now)
    assert asking_runs(events) == ["01A", "01B"]
    assert asking_runs(events, "deploy", "deploy", [API]) == ["01A"]
    assert asking_runs([{"event": "opened", "mode": "check", "approval": {}, "objects": None}], "deploy") == []


def carried(world: World, asked: ApprovalRequest) -> str:
    return carried_out_by(asked, world.desk.events(world.now))


def test_a_plan_is_carried_out_when_each_of_its_objects_was(world: World) -> None:
    asked = world.check_run(objects=(API, WEB))
    world.step(API, run="01R")
    world.step("toy/production/redis", hash="x")
    assert carried(world, asked) == ""
    # a killed run: the next one finds nothing to do on the first object and goes on
    world.step(API, run="01S", changed=False, hash="none")
    world.step(WEB, run="01S")
    assert carried(world, asked) == "01S"


def test_what_was_put_back_is_open_again(world: World) -> None:
    asked = world.check_run(objects=(API, WEB))
    world.step(API)
    world.step(WEB, result="failed")
    world.step(API, hash="undo")
    assert carried(world, asked) == ""
    world.step(WEB)
    assert carried(world, asked) == "", "the other one was put back"
    world.step(API)
    assert carried(world, asked) == "01R"


def test_an_approval_lets_nothing_happen_a_second_time(world: World) -> None:
    asked = world.check_run()
    world.step(API, run="01R")
    world.step(API, run="01BACK", hash="rollback")
    assert carried(world, asked) == "01R"


def test_what_was_done_before_does_not_count(world: World) -> None:
    world.step(API)
    asked = world.check_run()
    assert carried(world, asked) == "", "although it was within the same second"
    later = replace(asked, at=world.now + timedelta(minutes=1))
    assert carried(world, later) == ""


def test_runs_on_a_standing_approval_are_counted_when_they_changed_something(world: World) -> None:
    start = world.now - timedelta(minutes=1)

    def run(name: str, label: str = "x", mode: str = "real", allowed: bool = True) -> None:
        world.journal("opened", name, mode=mode, allowed=allowed, approval={"standing": label})

    for name in ("1", "2", "3"):
        run(name)
    run("4", allowed=False)
    run("5", mode="check")
    run("6", label="y")
    world.journal("opened", "7", mode="real", allowed=True)
    for name in ("1", "4", "5", "6", "7"):
        world.step(run=name)
    world.step(run="2", changed=False, result="failed")
    world.step(run="3", changed=False)
    events = world.desk.events(world.now)
    assert used("x", events, start) == 2
    assert used("x", events, world.now + timedelta(minutes=1)) == 0
