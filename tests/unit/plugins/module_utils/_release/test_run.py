"""The memory of one run: what it records and what it says at its end."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._clock import Deadline
from ansible_collections.steady.ops.plugins.module_utils._errors import LeaseLost
from ansible_collections.steady.ops.plugins.module_utils._plan import Plan, State, Step
from ansible_collections.steady.ops.plugins.module_utils._release.facts import Course, Facts
from ansible_collections.steady.ops.plugins.module_utils._release.run import Run
from ansible_collections.steady.ops.plugins.module_utils._release.values import Observation
from tests.release_world import OBJECT, digest_of
from tests.unit.plugins.module_utils._release.stories import Stage, facts, history, label, proof, release

SWITCH = Step("switch", OBJECT, "Serve b", state=State.DONE)


def run_of(
    seen: Facts | None = None,
    story: tuple[str, ...] = ("a",),
    *,
    target: str = "b",
    back: str = "a",
    steps: tuple[Step, ...] = (SWITCH,),
    **more: Any,
) -> Run:
    stage = Stage()
    course = Course(
        Plan("deploy", "deploy", OBJECT, steps),
        target=release(target) if target else None,
        back=release(back) if back else None,
    )
    crew = stage.crew(release="b", **more)
    return Run(crew, history(*story), course, seen or facts("a"), Deadline.after(crew.clock, 100.0))


def recorded(run: Run) -> list[tuple[object, ...]]:
    names = {release(name).id: name for name in "abcdef"}
    shown = []
    for entry in run.entries:
        if entry["kind"] == "release":
            shown.append(("release", names[str(entry["id"])]))
        elif entry["kind"] == "verdict":
            shown.append((names[str(entry["release"])], entry["verdict"], entry["reason"]))
        else:
            shown.append((names[str(entry["release"])], entry["how"], names.get(str(entry["from"]))))
    return shown


def test_it_begins_with_what_was_read() -> None:
    run = run_of()
    assert (run.name, run.serving, run.failed, run.intent_open, run.entries) == ("api", release("a"), False, False, [])


class TestRecords:
    def test_adopting_before_the_ledger_began(self) -> None:
        run = run_of(story=())
        run.adopt(release("a"), proof())
        assert recorded(run) == [("release", "a"), ("a", "verified", "observed and probed"), ("a", "adopt", None)]
        assert run.proof == proof()

    def test_adopting_what_another_tool_put_there(self) -> None:
        run = run_of()
        run.adopt(release("c"), None)
        assert recorded(run)[2] == ("c", "outside", "a")
        assert run.serving == release("c")

    def test_bringing_back_what_is_recorded_needs_no_new_verdict(self) -> None:
        run = run_of()
        run.brought_back(release("a"), run.course.target, proof())
        assert recorded(run) == [("a", "undo", "b")]

    @pytest.mark.parametrize("story", [(), ("a", "a failed"), ("a", "a withdrawn")])
    def test_bringing_back_what_is_not_verified_verifies_it(self, story: tuple[str, ...]) -> None:
        run = run_of(story=story)
        run.brought_back(release("a"), run.course.target, proof())
        assert recorded(run)[:2] == [("release", "a"), ("a", "verified", "served before, and passes its probe")]

    def test_new_settings_that_fail_leave_no_stain_on_a_release_that_passes_again(self) -> None:
        run = run_of(target="a")
        run.remember(release("a"), "failed", "answered 500")
        run.brought_back(release("a"), run.course.target, proof())
        assert [item[1] for item in recorded(run) if item[0] == "a"] == ["failed", "verified", "undo"]


class TestSentences:
    @pytest.mark.parametrize(
        ("serving", "story", "now", "playbook"),
        [
            ("a", ("a",), label("a"), "releases"),
            ("b", ("a",), label("b"), "rollback"),
            ("", ("a",), "not known", "rollback"),
            ("", (), "not known", "releases"),
        ],
    )
    def test_what_serves_and_the_one_next_command(
        self, serving: str, story: tuple[str, ...], now: str, playbook: str
    ) -> None:
        run = run_of(story=story)
        run.serving = release(serving) if serving else None
        run.fail("api went back.")
        run.tell_serving()
        assert run.sentence == f"api went back. Serving now: {now}"
        assert run.next == {"playbook": playbook}

    @pytest.mark.parametrize(("action", "playbook"), [("deploy", "rollback"), ("rollback", "releases")])
    def test_without_a_way_back_only_a_deploy_can_be_rolled_back(self, action: str, playbook: str) -> None:
        run = run_of(action=action, back="")
        run.tell_serving()
        assert run.next == {"playbook": playbook}

    def test_the_last_words(self) -> None:
        run = run_of()
        run.explanation = ("first", "port 8080 is taken")
        run.fail("api went back")
        run.tell_serving()
        assert run.sentence == f"api went back (last words: port 8080 is taken). Serving now: {label('a')}"

    @pytest.mark.parametrize(
        ("action", "expected"),
        [
            ("deploy", {"playbook": "deploy", "variables": {"deploy_release": "b"}}),
            ("rollback", {"playbook": "rollback"}),
        ],
    )
    def test_what_is_unsettled_is_settled_by_the_same_command(self, action: str, expected: dict[str, Any]) -> None:
        run = run_of(action=action)
        run.fail("api is in an unknown state", intent_open=True)
        run.tell_serving()
        assert (run.next, run.intent_open) == (expected, True)

    def test_stopping_in_the_middle_knows_nothing_and_leaves_the_intent_open(self) -> None:
        run = run_of()
        done = run.stopped(LeaseLost("The lease on api ran out", remedy="Run it again."))
        assert (done.state, done.why, done.go_on) == (State.FAILED, "The lease on api ran out.", False)
        assert run.sentence == (
            "The run on api stopped in the middle: The lease on api ran out. Run it again. Serving now: not known"
        )
        assert (run.failed, run.intent_open, run.serving) == (True, True, None)

    @pytest.mark.parametrize(
        ("story", "gone", "told"),
        [
            (("d", "c", "b", "a"), "", f". Next candidates: {label('c')}, {label('d')}"),
            (("d", "c", "b", "a"), "c", f". Next candidates: {label('d')}"),
            (("b", "a"), "", ". There is no other candidate"),
        ],
    )
    def test_a_rollback_whose_target_failed_names_the_others(
        self, story: tuple[str, ...], gone: str, told: str
    ) -> None:
        run = run_of(facts("a", gone=gone), story, action="rollback")
        run.remember(release("b"), "failed", "answered 500")
        run.tell_serving()
        assert run.sentence.endswith(f"Serving now: {label('a')}{told}")
        run.serving = None
        run.tell_serving()
        assert run.sentence.endswith(f"Serving now: not known{told}")


class TestDiff:
    CPU = {"cpu": ("1 vCPU", "2 vCPU")}  # noqa: RUF012

    def test_a_switch(self) -> None:
        run = run_of(facts("a", differences=self.CPU))
        assert run.states(release("b")) == (
            {"serving": label("a"), "digest": digest_of("a"), "cpu": "1 vCPU"},
            {"serving": label("b"), "digest": digest_of("b"), "cpu": "2 vCPU"},
        )

    def test_adopting_changes_nothing_that_serves(self) -> None:
        run = run_of(steps=(Step("adopt", OBJECT, "Record a"),))
        before, after = run.states(release("a"))
        assert before == after == {"serving": label("a"), "digest": digest_of("a")}
        assert run.states(None) == (before, after)

    @pytest.mark.parametrize(("ref", "shown"), [("api:latest", "api:latest"), ("", None)])
    def test_what_is_left_may_be_unknown(self, ref: str, shown: str | None) -> None:
        before, _rest = run_of(Facts(Observation(ref=ref))).states(release("b"))
        assert before == {"serving": shown, "digest": None}


def test_the_result_carries_everything() -> None:
    run = run_of()
    run.adopt(release("a"), proof())
    run.fail("it went wrong", intent_open=True)
    run.again, run.rolled_back, run.explanation = True, True, ("said",)
    result = run.result((SWITCH,))
    assert (result.sentence, result.failed, result.intent_open, result.again) == ("it went wrong", True, True, True)
    assert (result.rolled_back, result.explanation, result.proof) == (True, ("said",), proof())
    assert (result.release, result.previous, result.serving) == (release("b"), release("a"), release("a"))
    assert len(result.entries) == 3
    assert result.steps == (SWITCH,)
