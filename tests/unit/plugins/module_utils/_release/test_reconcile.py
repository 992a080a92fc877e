"""Settling what a killed run left open: each state in which it can be found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import AccessDenied, RequestRefused
from ansible_collections.steady.ops.plugins.module_utils._release.intent import Intent
from ansible_collections.steady.ops.plugins.module_utils._release.outcome import Result
from ansible_collections.steady.ops.plugins.module_utils._release.reconcile import wants_more
from ansible_collections.steady.ops.plugins.module_utils._release.values import Observation
from tests.release_world import digest_of
from tests.unit.plugins.module_utils._release.stories import Stage, label, release, wanted


def killed(
    serving: str = "b", story: tuple[str, ...] = ("a",), *, begun: bool = True, intent: Any = None, **behaviour: str
) -> Stage:
    """Return the stage after a deploy of b over a was killed; its operation, when it was begun, has ended."""
    stage = Stage("a", story, **behaviour)
    stage.leave_open("b", **(intent or {}))
    if begun:
        stage.world.outside("b")
        stage.world.configured = serving
    return stage


def recorded(result: Result) -> list[tuple[object, object]]:
    names = {release(name).id: name for name in "abcdef"}
    return [
        (names[str(entry["release"])], entry.get("verdict") or entry["how"])
        for entry in result.entries
        if entry["kind"] != "release"
    ]


def told(result: Result) -> tuple[bool, bool, bool, bool]:
    return result.failed, result.rolled_back, result.again, result.intent_open


class TestWish:
    DEPLOY = Intent("deploy", "r0", release("a"), release("b"))
    ROLLBACK = Intent("rollback", "r0", release("b"), release("a"))

    @pytest.mark.parametrize(
        ("intent", "wish", "more"),
        [
            (DEPLOY, wanted(release="b"), False),
            (DEPLOY, wanted("rollback"), True),
            (ROLLBACK, wanted("rollback"), False),
            (ROLLBACK, wanted("rollback", rollback_to="a", rollback_from=release("b").id), False),
            (ROLLBACK, wanted("rollback", rollback_to="c"), True),
            (ROLLBACK, wanted("rollback", rollback_from="c"), True),
            (ROLLBACK, wanted(release="c"), True),
            (replace(ROLLBACK, before=None), wanted("rollback", rollback_from="b"), True),
        ],
    )
    def test_is_there_more_to_do_than_to_finish_it(self, intent: Intent, wish: Any, more: bool) -> None:
        assert wants_more(wish, intent) is more


class TestNotBegun:
    @pytest.mark.parametrize("action", ["deploy", "rollback"])
    def test_nothing_is_left_and_the_run_is_planned_anew(self, action: str) -> None:
        stage = killed(begun=False)
        result = stage.settle(action, release="b" if action == "deploy" else "")
        assert told(result) == (False, False, True, False)
        assert result.sentence == (
            f"Nothing of the killed run is left to settle on api: the deploy of {label('b')} had not begun"
        )
        assert [step.state.value for step in result.steps] == ["skipped"]
        assert (result.entries, stage.world.mutations) == ((), 0)

    def test_the_mark_tells_an_operation_from_before(self) -> None:
        stage = Stage()
        stage.world.outside("a")
        stage.leave_open("b", mark="op-1")
        assert "had not begun" in stage.settle(release="b").sentence

    def test_a_service_that_was_never_created(self) -> None:
        stage = Stage("", ())
        stage.leave_open("b", before=None, back=None)
        assert "had not begun" in stage.settle(release="b").sentence


class TestAfter:
    def test_it_is_finished_when_it_is_wanted_again(self) -> None:
        stage = killed()
        result = stage.settle(release="b")
        assert told(result) == (False, False, False, False)
        assert result.sentence == f"api serves {label('b')} instead of {label('a')}"
        assert (recorded(result), stage.world.mutations) == ([("b", "verified"), ("b", "deploy")], 1)

    def test_an_operation_under_way_is_waited_for(self) -> None:
        stage = killed(begun=False)
        stage.world.begin("b")
        result = stage.settle(release="b")
        assert told(result) == (False, False, False, False)
        assert stage.said[0] == "waiting for operation op-1, which an earlier run began"
        assert [operation.status for operation in result.operations] == ["SUCCEEDED"]

    def test_it_fails_its_probe_and_is_undone(self) -> None:
        result = killed(b="bad").settle(release="b")
        assert told(result) == (True, True, False, False)
        assert recorded(result) == [("b", "failed"), ("a", "undo")]
        assert result.entries[-1]["from"] == release("b").id

    def test_what_the_killed_run_saw_pass_is_adopted_first(self) -> None:
        result = killed(story=()).settle(release="b")
        assert recorded(result) == [("a", "verified"), ("a", "adopt"), ("b", "verified"), ("b", "deploy")]

    def test_what_failed_already_is_not_adopted(self) -> None:
        result = killed(story=("c",), intent={"back": "c"}).settle(release="b")
        assert recorded(result) == [("b", "verified"), ("b", "deploy")]

    def test_a_first_deploy_is_finished_whatever_is_wanted(self) -> None:
        stage = Stage("", ())
        stage.leave_open("b", before=None, back=None)
        stage.world.outside("b")
        result = stage.settle(release="c")
        assert told(result) == (False, False, True, False)
        assert recorded(result) == [("b", "verified"), ("b", "deploy")]

    def test_an_operation_that_failed_is_no_success_although_it_answers(self) -> None:
        stage = killed(begun=False, b="fails")
        stage.world.begin("b")
        stage.platform.before["explain"] = [lambda _: stage.world.behaviour.update(b="good")]
        result = stage.settle(release="b")
        assert told(result) == (True, True, False, False)
        assert recorded(result)[0] == ("b", "failed")

    def test_one_that_was_reverted_is_no_success_while_the_platform_shows_it_still(self) -> None:
        stage = killed(begun=False, b="reverts")
        stage.world.begin("b")
        late: Any = lambda seen: replace(seen, digest=digest_of("b"))  # noqa: E731
        stage.platform.after["observe"] = [lambda seen: seen, late, late]
        result = stage.settle(release="b")
        assert told(result) == (True, True, False, False)
        assert (recorded(result), stage.world.mutations) == ([("b", "failed"), ("a", "undo")], 1)

    @pytest.mark.parametrize(("action", "again"), [("deploy", True), ("rollback", False)])
    def test_it_is_put_back_when_it_is_not_wanted(self, action: str, again: bool) -> None:
        stage = killed()
        result = stage.settle(action, release="c" if action == "deploy" else "")
        assert told(result) == (False, False, again, False)
        begun = f"the unfinished deploy of {label('b')}, which is unproved,"
        assert result.sentence == f"api serves {label('a')} again: {begun} is put back"
        assert recorded(result) == [("a", "undo")]
        assert stage.world.configured == "a"

    @pytest.mark.parametrize("action", ["deploy", "rollback"])
    def test_a_release_that_was_verified_before_stays_so(self, action: str) -> None:
        stage = killed(story=("b", "a"))
        result = stage.settle(action, release="c" if action == "deploy" else "")
        assert recorded(result) == [("a", "undo")]
        assert f"{label('b')}, which is verified, is put back" in result.sentence

    def test_what_the_platform_ended_badly_has_failed_whatever_is_wanted(self) -> None:
        stage = killed(begun=False, b="fails")
        stage.world.begin("b")
        result = stage.settle("rollback")
        assert recorded(result) == [("b", "failed"), ("a", "undo")]
        assert result.entries[1]["reason"] == "the platform ended it with FAILED"

    def test_settings_that_are_kept_nowhere_are_told(self) -> None:
        result = killed(intent={"settings": ["cpu", "memory"]}).settle("rollback")
        (finding,) = [item for item in result.findings if item.id == "settings_not_restored"]
        assert finding.value == "cpu, memory"
        assert finding.message == (
            "The killed run had changed cpu, memory of api; their old values are kept nowhere, so they stand as it"
            " left them"
        )

    def test_also_when_it_is_undone(self) -> None:
        result = killed(intent={"settings": ["cpu"]}, b="bad").settle(release="b")
        assert "settings_not_restored" in [item.id for item in result.findings]

    def test_it_cannot_be_put_back(self) -> None:
        stage = killed(a="bad")
        result = stage.settle(release="c")
        assert told(result) == (True, False, False, False)
        assert f"api could not be put back to {label('a')} after a killed run: a answers 500" in result.sentence
        assert result.serving is None

    def test_putting_it_back_gets_stuck(self) -> None:
        stage = killed()
        stage.world.takes_seconds = 99999.0
        result = stage.settle("rollback", switch_seconds=100.0)
        assert told(result) == (True, False, False, True)

    def test_somebody_else_changes_it_while_it_is_put_back(self) -> None:
        stage = killed()
        stage.prober.then = [lambda: stage.world.outside("d")]
        result = stage.settle("rollback")
        assert told(result) == (True, False, False, False)
        assert "outside_change" in [item.id for item in result.findings]
        assert stage.world.configured == "d"


class TestBefore:
    def test_the_platform_returned_by_itself(self) -> None:
        stage = killed("a")
        result = stage.settle(release="b")
        assert told(result) == (True, True, False, False)
        assert recorded(result) == [("b", "failed"), ("a", "undo")]
        assert stage.world.mutations == 1

    def test_the_reason_is_the_operations_where_it_was_seen(self) -> None:
        stage = killed(begun=False, b="reverts")
        stage.world.begin("b")
        result = stage.settle(release="b")
        assert result.entries[1]["reason"] == "the platform ended it with REVERTED (last words: last words of op-1)"
        assert result.explanation == ("last words of op-1",)

    @pytest.mark.parametrize(
        ("story", "reason"),
        [
            (("b failed", "a"), "b was failed"),
            (("b", "b withdrawn", "a"), "it did not stay: the stopped run or the platform had gone back from it"),
        ],
    )
    def test_an_earlier_failure_keeps_its_reason(self, story: tuple[str, ...], reason: str) -> None:
        result = killed("a", story).settle(release="c")
        assert [entry["reason"] for entry in result.entries if entry["kind"] == "verdict"] == [reason]

    @pytest.mark.parametrize(("action", "again"), [("deploy", True), ("rollback", False)])
    def test_and_that_is_what_is_wanted_or_the_run_goes_on(self, action: str, again: bool) -> None:
        result = killed("a").settle(action, release="c" if action == "deploy" else "")
        assert told(result) == (False, False, again, False)
        assert recorded(result) == [("b", "failed"), ("a", "undo")]

    def test_it_fails_now_and_there_is_no_other(self) -> None:
        result = killed("a", a="bad").settle(release="b")
        assert told(result) == (True, False, False, False)
        assert f"{label('a')} serves again and fails its probe: a answers 500" in result.sentence
        assert result.serving == release("a")

    def test_it_failed_from_the_start_and_the_other_way_back_is_gone(self) -> None:
        stage = killed("a", ("c",), intent={"back": "c"}, a="bad")
        result = stage.settle(release="b")
        assert told(result) == (True, True, False, False)
        assert stage.world.configured == "c"

    def test_a_rollback_does_not_call_well_what_fails(self) -> None:
        result = killed("a", a="bad").settle("rollback")
        assert told(result) == (True, False, False, False)
        assert f"api serves {label('a')} again, which fails its probe: a answers 500" in result.sentence
        assert result.serving == release("a")

    def test_another_deploy_goes_on_from_what_fails(self) -> None:
        result = killed("a", a="bad").settle(release="c")
        assert told(result) == (False, False, True, False)
        assert result.sentence == f"api serves {label('a')} again, which fails its probe: a answers 500"
        assert recorded(result) == [("b", "failed")]


class TestPutBackBegan:
    """A deploy of b was killed; another command put a back and was killed too."""

    @staticmethod
    def stage(**behaviour: str) -> Stage:
        stage = killed(begun=False, intent={"put_back_mark": "op-1"}, **behaviour)
        stage.world.outside("b")
        return stage

    @pytest.mark.parametrize("under_way", [False, True])
    def test_the_deploy_that_nobody_judged_is_planned_anew(self, under_way: bool) -> None:
        stage = self.stage()
        stage.world.begin("a") if under_way else stage.world.outside("a")
        result = stage.settle(release="b")
        assert told(result) == (False, False, True, False)
        assert recorded(result) == [("a", "undo")]
        assert not [line for line in stage.said if "until the platform shows" in line]

    def test_a_rollback_has_what_it_wanted(self) -> None:
        stage = self.stage()
        stage.world.outside("a")
        assert told(stage.settle("rollback")) == (False, False, False, False)

    def test_it_had_not_begun_so_the_killed_run_or_the_platform_went_back(self) -> None:
        stage = killed(begun=False, intent={"put_back_mark": "op-2"})
        stage.world.outside("b")
        stage.world.outside("a")
        result = stage.settle(release="b")
        assert told(result) == (True, True, False, False)
        assert recorded(result) == [("b", "failed"), ("a", "undo")]

    @pytest.mark.parametrize("how", ["fails", "reverts"])
    def test_it_ended_badly_which_says_nothing_of_the_release(self, how: str) -> None:
        stage = self.stage(a=how)
        stage.world.begin("a")
        if how == "fails":
            stage.world.configured = "b"
        result = stage.settle(release="b")
        assert told(result) == (False, False, False, False)
        assert recorded(result) == [("b", "verified"), ("b", "deploy")]

    def test_it_ended_badly_and_is_tried_again(self) -> None:
        stage = self.stage(a="reverts")
        stage.world.begin("a")
        stage.platform.before["switch"] = [lambda _: stage.world.behaviour.update(a="good")]
        result = stage.settle("rollback")
        assert (told(result), recorded(result)) == ((False, False, False, False), [("a", "undo")])

    @pytest.mark.parametrize(
        ("wish", "mark", "announced"),
        [
            ({"release": "c"}, "", "op-2"),
            ({"release": "c"}, "op-2", "op-2"),
            ({"release": "c"}, "op-1", "op-1"),
            ({"release": "b"}, "", ""),
            ({"release": "b"}, "op-1", "op-1"),
        ],
    )
    def test_the_run_that_sets_out_to_put_back_says_so_first(
        self, wish: dict[str, str], mark: str, announced: str
    ) -> None:
        stage = killed(begun=False, intent={"put_back_mark": mark})
        stage.world.outside("b")
        stage.world.outside("b")
        intent: Any = stage.settle(check=True, **wish).intent
        assert (intent["run"], intent["components"]["api"]["put_back_mark"]) == ("r0", announced)


class TestElsewhere:
    def test_another_tools_change_stays(self) -> None:
        result = killed("d").settle(release="b")
        assert told(result) == (False, False, True, False)
        assert "outside_change" in [item.id for item in result.findings]
        assert result.sentence == (
            "Nothing of the killed run is left to settle on api: another tool changed the component since"
        )

    @pytest.mark.parametrize(
        ("seen", "what"),
        [
            (Observation(ref="api:latest"), "api:latest"),
            (Observation(digest=digest_of("d")), release("d").id),
            (Observation(), "nothing known"),
        ],
    )
    def test_what_it_is_configured_for_is_named(self, seen: Observation, what: str) -> None:
        stage = killed()
        stage.platform.after["observe"] = [lambda _: seen]
        (finding,) = [item for item in stage.settle(release="b").findings if item.id == "outside_change"]
        assert finding.message == (
            f"api is configured for {what}, which neither the killed run nor an earlier one put there"
        )

    def test_a_service_that_is_gone(self) -> None:
        stage = killed()
        stage.world.configured = ""
        assert "another tool changed" in stage.settle(release="b").sentence


class TestRollback:
    def test_its_own_runbook_judges_it(self) -> None:
        stage = killed(story=("b", "a"), intent={"runbook": "rollback"})
        result = stage.settle("rollback", reason="orders are lost")
        assert told(result) == (False, False, False, False)
        assert recorded(result) == [("a", "withdrawn"), ("b", "verified"), ("b", "rollback")]

    @pytest.mark.parametrize("more", [{"action": "deploy", "release": "c"}, {"action": "rollback", "rollback_to": "c"}])
    def test_it_is_finished_and_the_run_goes_on_to_its_own_wish(self, more: dict[str, str]) -> None:
        stage = killed(story=("c", "b", "a"), intent={"runbook": "rollback"})
        assert told(stage.settle(**more)) == (False, False, True, False)  # type: ignore[arg-type]

    def test_a_target_that_fails_ends_the_run_whatever_was_wished(self) -> None:
        stage = killed(story=("b", "a"), intent={"runbook": "rollback"}, b="bad")
        assert told(stage.settle(release="c")) == (True, True, False, False)


class TestStopped:
    def test_an_operation_that_does_not_end_leaves_it_open(self) -> None:
        stage = killed(begun=False)
        stage.world.takes_seconds = 99999.0
        stage.world.begin("b")
        result = stage.settle(release="b", switch_seconds=100.0)
        assert told(result) == (True, False, False, True)

    def test_an_error_in_the_middle_leaves_it_open(self) -> None:
        stage = killed()
        stage.platform.before["observe"] = [None, AccessDenied("The credentials expired")]
        result = stage.settle(release="b")
        assert told(result) == (True, False, False, True)
        assert result.sentence.startswith("The run on api stopped in the middle: The credentials expired.")

    def test_a_refusal_to_put_back_leaves_it_settled_and_red(self) -> None:
        stage = killed()
        stage.platform.before["switch"] = [RequestRefused("AWS refused update_service")]
        assert told(stage.settle("rollback")) == (True, False, False, False)
