"""The component's own commands around a switch: when they run, and what their failure means."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.module_utils._release.protocol import Moment, NoHooks
from tests.unit.plugins.module_utils._release.stories import Stage, label, release

BEFORE, AFTER, UNDO = "before_switch", "after_switch", "after_undo"


def test_they_run_before_and_after_a_switch() -> None:
    stage = Stage()
    assert not stage.settle(release="b").failed
    assert stage.hooks.ran == [(BEFORE, "b"), (AFTER, "b")]


def test_a_rollback_is_a_switch() -> None:
    stage = Stage("b", ("a", "b"))
    assert not stage.settle("rollback").failed
    assert stage.hooks.ran == [(BEFORE, "a"), (AFTER, "a")]


def test_check_mode_runs_none() -> None:
    stage = Stage()
    stage.settle(release="b", check=True)
    assert stage.hooks.ran == []


def test_one_before_the_switch_that_fails_leaves_all_as_it_is() -> None:
    stage = Stage()
    stage.hooks.says = {BEFORE: "migrate ended with 1"}
    result = stage.settle(release="b")
    assert (result.failed, result.rolled_back, result.intent_open) == (True, False, False)
    assert result.sentence.startswith(f"api was not switched to {label('b')}, nothing changed: migrate ended with 1")
    assert (stage.world.mutations, stage.hooks.ran) == (0, [(BEFORE, "b")])


def test_one_after_the_switch_that_fails_brings_back_what_served() -> None:
    stage = Stage()
    stage.hooks.says = {AFTER: "smoke test ended with 1"}
    result = stage.settle(release="b")
    assert (result.failed, result.rolled_back) == (True, True)
    assert "did not pass, smoke test ended with 1" in result.sentence
    assert stage.hooks.ran == [(BEFORE, "b"), (AFTER, "b"), (UNDO, "a")]
    assert stage.world.configured == "a"


def test_what_fails_its_probe_is_not_asked_further() -> None:
    stage = Stage(b="bad")
    stage.settle(release="b")
    assert stage.hooks.ran == [(BEFORE, "b"), (UNDO, "a")]


def test_also_when_the_platform_went_back_by_itself() -> None:
    stage = Stage(b="reverts")
    stage.settle(release="b")
    assert stage.hooks.ran == [(BEFORE, "b"), (UNDO, "a")]


@pytest.mark.parametrize("how", ["failed deploy", "undo"])
def test_one_after_an_undo_that_fails_is_told_and_the_undo_stands(how: str) -> None:
    stage = Stage(b="bad" if how == "failed deploy" else "good")
    if how == "undo":
        stage.world.configured = "b"
        stage.leave_open("b")
        stage.world.operations.append({"id": "op-1", "from": "a", "to": "b", "status": "SUCCEEDED", "until": 0.0})
    stage.hooks.says = {UNDO: "cache flush ended with 1"}
    result = stage.settle("undo") if how == "undo" else stage.settle(release="b")
    (finding,) = [item for item in result.findings if item.id == "hook_failed"]
    assert (finding.severity.value, finding.message) == ("critical", "cache flush ended with 1")
    assert stage.world.configured == "a"
    assert ("served", release("a").id) == (result.entries[-1]["kind"], result.entries[-1]["release"])


def test_a_killed_run_is_finished_with_those_after_the_switch() -> None:
    stage = Stage()
    stage.leave_open("b")
    stage.world.outside("b")
    stage.hooks.says = {AFTER: "smoke test ended with 1"}
    result = stage.settle(release="b")
    assert (result.rolled_back, stage.hooks.ran) == (True, [(AFTER, "b"), (UNDO, "a")])


def test_none_runs_when_the_lease_is_lost() -> None:
    stage = Stage()
    stage.lease_until = 60.0
    result = stage.settle(release="b")
    assert (result.failed, result.intent_open) == (True, True)
    assert stage.hooks.ran == [(BEFORE, "b")]


def test_a_component_without_any_passes() -> None:
    assert NoHooks().run(Moment.AFTER_SWITCH, release("a")) == ""
