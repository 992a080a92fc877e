"""Doing the steps, and going back when the release does not pass."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import (
    InvalidInput,
    LeaseLost,
    RequestRefused,
    Throttled,
    Unreachable,
)
from ansible_collections.steady.ops.plugins.module_utils._release.outcome import Result
from ansible_collections.steady.ops.plugins.module_utils._release.values import Observation
from tests.release_world import digest_of
from tests.unit.plugins.module_utils._release.stories import Stage, label, release

CPU = {"cpu": ("1 vCPU", "2 vCPU")}


def states(result: Result) -> list[tuple[str, str]]:
    return [(step.kind, step.state.value) for step in result.steps]


def recorded(result: Result) -> list[tuple[object, object]]:
    names = {release(name).id: name for name in "abcdef"}
    return [
        (names[str(entry["release"])], entry.get("verdict") or entry["how"])
        for entry in result.entries
        if entry["kind"] != "release"
    ]


def test_adopting_touches_nothing() -> None:
    stage = Stage("a", ())
    result = stage.settle("adopt")
    assert result.sentence == f"api serves {label('a')}, which is recorded now"
    assert (states(result), recorded(result)) == ([("adopt", "done")], [("a", "verified"), ("a", "adopt")])
    assert stage.world.mutations == 0


class TestDeadline:
    def test_no_forward_step_begins_that_it_does_not_cover_with_its_undo(self) -> None:
        stage = Stage()
        result = stage.settle(release="b", deadline_seconds=2399.0)

        assert result.sentence == (
            f"api was not switched to {label('b')}: 39 min 59 s are left and the switch with its undo may take"
            " 40 min 0 s"
        )
        assert (result.failed, result.intent_open, stage.world.mutations) == (True, False, 0)
        assert states(result) == [("switch", "skipped")]
        assert not result.as_dict()["changed"]

    def test_without_a_way_back_only_the_switch_must_be_covered(self) -> None:
        stage = Stage(serving="", story=())
        assert not stage.settle(release="b", deadline_seconds=1200.0, without_way_back=True).failed

    def test_an_undo_ignores_it(self) -> None:
        stage = Stage(b="bad")
        stage.prober.then = [lambda: stage.world.clock.sleep(5000.0)]
        result = stage.settle(release="b", deadline_seconds=2400.0)
        assert (result.rolled_back, stage.world.configured) == (True, "a")


class TestUnknown:
    @pytest.mark.parametrize("action", ["deploy", "rollback"])
    def test_a_stuck_operation_leaves_the_intent_open_and_is_not_undone(self, action: str) -> None:
        stage = Stage("a", ("b", "a"))
        stage.world.takes_seconds = 99999.0
        result = stage.settle(action, release="b" if action == "deploy" else "", switch_seconds=100.0)

        assert (result.failed, result.rolled_back, result.intent_open) == (True, False, True)
        assert result.sentence == (
            f"api is in an unknown state on its way to {label('b')}: operation op-1 is still RUNNING after 1 min 40 s"
            " (last words: last words of op-1). Serving now: not known"
        )
        assert (result.serving, result.entries, stage.world.mutations) == (None, (), 1)

    def test_an_answer_that_cannot_be_looked_for(self) -> None:
        stage = Stage()
        stage.platform.after["switch"] = [Unreachable("No network")]
        result = stage.settle(release="b")
        assert (result.intent_open, result.serving, stage.world.mutations) == (True, None, 1)

    def test_a_lease_that_is_lost_in_the_middle_stops_without_another_call(self) -> None:
        stage = Stage(b="bad")
        stage.lease_until = 30.0
        result = stage.settle(release="b")
        assert (result.failed, result.intent_open, stage.world.mutations) == (True, True, 1)
        assert result.sentence == (
            "The run on api stopped in the middle: The lease on api ran out. Serving now: not known"
        )

    @pytest.mark.parametrize("error", [InvalidInput("'x' is no image reference"), LeaseLost("gone")])
    def test_any_error_in_the_middle_is_a_red_result(self, error: Exception) -> None:
        stage = Stage()
        stage.platform.before["observe"] = [None, error]
        result = stage.settle(release="b")
        assert (result.failed, result.intent_open) == (True, True)

    def test_stuck_on_the_way_back_leaves_it_open(self) -> None:
        stage = Stage(b="bad")
        stage.prober.then = [lambda: setattr(stage.world, "takes_seconds", 99999.0)]
        result = stage.settle(release="b", switch_seconds=100.0)
        assert (result.failed, result.rolled_back, result.intent_open) == (True, False, True)
        assert result.sentence.startswith(
            f"{label('b')} did not pass on api (b answers 500), and going back to {label('a')} failed: operation op-2"
        )
        assert recorded(result) == [("b", "failed")]


class TestNotBegun:
    def test_nothing_changed(self) -> None:
        stage = Stage()
        stage.platform.before["switch"] = [RequestRefused("AWS refused update_service")]
        result = stage.settle(release="b")
        assert (result.failed, result.intent_open, result.rolled_back) == (True, False, False)
        assert result.sentence == (
            f"api was not switched to {label('b')}, nothing changed: AWS refused update_service."
            f" Serving now: {label('a')}"
        )
        assert result.serving == release("a")

    def test_on_the_way_back(self) -> None:
        stage = Stage(b="bad")
        stage.platform.before["switch"] = [None, *[Throttled("Too many calls")] * 8]
        result = stage.settle(release="b")
        assert (result.rolled_back, result.intent_open, result.serving) == (False, False, None)
        assert "going back to" in result.sentence
        assert stage.world.configured == "b"

    def test_because_somebody_else_was_faster(self) -> None:
        stage = Stage()

        def theirs(_rest: object) -> None:
            stage.world.outside("d")
            raise RequestRefused("Another operation is under way")

        stage.platform.before["switch"] = [theirs]
        result = stage.settle(release="b")
        assert [finding.id for finding in result.findings] == ["outside_change"]
        assert (result.failed, result.intent_open, stage.world.configured) == (True, False, "d")

    def test_because_of_whom_cannot_be_seen(self) -> None:
        stage = Stage()
        stage.platform.before["switch"] = [RequestRefused("AWS refused update_service")]
        stage.platform.before["observe"] = [None, Unreachable("No network")]
        assert "nothing changed: AWS refused" in stage.settle(release="b").sentence


class TestSettings:
    def test_of_the_same_release(self) -> None:
        stage = Stage()
        stage.platform.differ = CPU
        result = stage.settle(release="a")
        assert (result.failed, result.sentence) == (False, f"api serves {label('a')} with its new settings")
        assert stage.platform.likes == [None]

    def test_that_do_not_pass_go_back_to_the_old_ones(self) -> None:
        stage = Stage()
        stage.platform.differ = CPU
        stage.prober.then = [
            lambda: stage.world.behaviour.update(a="bad"),
            lambda: stage.world.behaviour.update(a="good"),
        ]
        result = stage.settle(release="a")
        assert (result.failed, result.rolled_back) == (True, True)
        assert recorded(result) == [("a", "failed"), ("a", "verified"), ("a", "undo")]
        assert isinstance(stage.platform.likes[1], Observation)

    def test_a_rollback_keeps_those_that_stand(self) -> None:
        stage = Stage("b", ("a", "b"))
        stage.settle("rollback")
        (like,) = stage.platform.likes
        assert like is not None
        assert like.digest == digest_of("b")


class TestReverted:
    def reverting(self, **behaviour: str) -> Stage:
        return Stage(b="reverts", **behaviour)

    def late(self, stage: Stage, times: int) -> None:
        def still_new(seen: Observation) -> Observation:
            return replace(seen, digest=digest_of("b"))

        stage.platform.after["observe"] = [lambda seen: seen, *[still_new] * times]

    def test_a_platform_that_still_shows_the_new_one_is_waited_for(self) -> None:
        stage = self.reverting()
        self.late(stage, 3)
        result = stage.settle(release="b")
        assert (result.rolled_back, stage.world.mutations) == (True, 1)

    def test_one_that_keeps_showing_it_is_not_believed(self) -> None:
        stage = self.reverting()
        self.late(stage, 99)
        result = stage.settle(release="b")
        assert (result.failed, result.rolled_back, result.serving) == (True, False, None)
        assert result.sentence.endswith("Serving now: not known")

    def test_another_change_right_after_it_is_left_alone(self) -> None:
        stage = self.reverting()
        stage.platform.before["explain"] = [lambda _: stage.world.outside("d")]
        result = stage.settle(release="b")
        assert [finding.id for finding in result.findings] == ["outside_change"]
        assert (result.rolled_back, stage.world.configured) == (False, "d")

    def test_to_what_fails_now(self) -> None:
        stage = self.reverting()
        stage.platform.before["explain"] = [lambda _: stage.world.behaviour.update(a="bad")]
        result = stage.settle(release="b")
        assert (result.rolled_back, result.intent_open) == (False, False)
        assert f"{label('a')} serves again and fails its probe: a answers 500" in result.sentence

    def test_to_what_was_not_known(self) -> None:
        stage = self.reverting()
        unknown: Any = lambda seen: replace(seen, digest=None)  # noqa: E731
        stage.platform.after["observe"] = [unknown]
        result = stage.settle(release="b", without_way_back=True)
        assert (result.rolled_back, stage.world.configured) == (True, "a")


def test_a_rollback_from_what_is_unknown_withdraws_nothing() -> None:
    stage = Stage("c", ("a",))
    stage.platform.after["observe"] = [lambda seen: replace(seen, digest=None)]
    result = stage.settle("rollback")
    assert result.sentence == f"api serves {label('a')} again"
    assert recorded(result) == [("a", "verified"), ("a", "rollback")]


def test_a_rollback_from_what_is_unknown_to_what_fails() -> None:
    stage = Stage("c", ("a",), a="bad")
    stage.platform.after["observe"] = [lambda seen: replace(seen, digest=None)]
    result = stage.settle("rollback")
    assert recorded(result) == [("a", "failed")]


def test_the_version_that_was_seen_names_a_release_without_one() -> None:
    stage = Stage()
    stage.platform.resolve = lambda selector: release("b", version=None)  # type: ignore[method-assign]
    result = stage.settle(release="b")
    assert result.serving is not None
    assert result.serving.version == "b"


def test_a_proof_without_a_version_is_a_warning() -> None:
    stage = Stage()
    prove = stage.prober.prove
    stage.prober.prove = lambda *what, **more: replace(prove(*what, **more), version=None)  # type: ignore[method-assign]
    (finding,) = stage.settle(release="b").findings
    assert (finding.id, finding.severity.value) == ("version_not_stated", "warning")
    assert finding.message == (f"api states no version: only the platform's own word tells that {label('b')} serves")
    assert Stage().settle(release="b").findings == ()
