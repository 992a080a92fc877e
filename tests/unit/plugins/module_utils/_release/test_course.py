"""Which way a run takes, before it is known whether it deploys or returns."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.steady.ops.plugins.module_utils._errors import OpsError, Refused
from ansible_collections.steady.ops.plugins.module_utils._release.course import decide
from ansible_collections.steady.ops.plugins.module_utils._release.facts import Facts
from ansible_collections.steady.ops.plugins.module_utils._release.intent import Intent
from ansible_collections.steady.ops.plugins.module_utils._release.values import Ending, Observation, Operation
from tests.release_world import OBJECT, digest_of
from tests.unit.plugins.module_utils._release.stories import facts, history, label, release, wanted

RUNNING = Operation("op-9", "START_DEPLOYMENT", "IN_PROGRESS", Ending.RUNNING)


def refused(*what: Any) -> str:
    with pytest.raises(Refused) as caught:
        decide(*what)
    return str(caught.value)


def test_the_plan_carries_what_is_wanted_for_its_hash() -> None:
    asked = wanted(release="b", rollback_to="x", options={"cpu": "1 vCPU"})
    plan = decide(asked, history("a"), facts("a", asked="b")).plan

    assert (plan.runbook, plan.action, plan.object) == ("deploy", "deploy", OBJECT)
    assert plan.desired == {"cpu": "1 vCPU", "release": "b", "rollback_to": "x"}


def test_an_obstacle_is_refused_in_the_platforms_words() -> None:
    paused = Facts(Observation(obstacle="The service is paused"))

    assert refused(wanted(), history("a"), paused) == "The service is paused."


class TestUnderWay:
    @pytest.mark.parametrize("action", ["deploy", "rollback"])
    def test_somebody_elses_operation_refuses_the_real_run_and_shows_the_plan(self, action: str) -> None:
        seen = facts("b", asked="c")
        busy = replace(seen, observation=replace(seen.observation, operation=RUNNING))

        course = decide(wanted(action), history("a", "b"), busy)

        assert [step.kind for step in course.plan.steps] == ["switch"]
        assert str(course.refusal) == (
            "Operation op-9 (START_DEPLOYMENT, IN_PROGRESS) is under way and no run of steady.ops began it."
            " It cannot be cancelled: wait for its end and run the same command again."
        )

    def test_since_when(self) -> None:
        began = replace(RUNNING, started_at=datetime(2026, 11, 21, 2, 58, 7, tzinfo=UTC))
        seen = facts("a", asked="b")
        course = decide(wanted(), history("a"), replace(seen, observation=replace(seen.observation, operation=began)))

        assert "(START_DEPLOYMENT, IN_PROGRESS) since 2026-11-21T02:58:07Z is under way" in str(course.refusal)


class TestUnfinished:
    OPEN = replace(history("a"), intent=Intent("deploy", "r0", release("a"), release("b"), release("a")))

    @pytest.mark.parametrize("action", ["deploy", "rollback"])
    def test_it_comes_first_even_before_an_obstacle(self, action: str) -> None:
        course = decide(wanted(action, release="c"), self.OPEN, Facts(Observation(obstacle="paused")))

        (step,) = course.plan.steps
        begun = f"the deploy of {label('b')} that run r0 left unfinished"
        assert (step.kind, step.sentence, step.undo, step.bounds) == (
            "reconcile",
            f"Put {label('a')} back: settle {begun}",
            "",
            {"to": release("a").id, "unfinished": release("b").id},
        )
        assert (course.target, course.refusal) == (release("a"), None)
        (finding,) = course.findings
        assert (finding.id, finding.value, finding.message) == ("unfinished_run", "r0", f"api has {begun}")

    def test_the_same_deploy_finishes_it(self) -> None:
        course = decide(wanted(release="b"), self.OPEN, facts(asked="b"))
        (step,) = course.plan.steps
        begun = f"the deploy of {label('b')} that run r0 left unfinished"
        assert (step.sentence, step.undo) == (f"Finish {begun}", f"serve {label('a')}")
        assert course.target == release("b")

    def test_a_rollback_is_named_by_where_it_goes(self) -> None:
        open_one = replace(history("a"), intent=Intent("rollback", "r0", release("b"), release("a"), release("b")))
        (step,) = decide(wanted("rollback"), open_one, facts("b")).plan.steps
        assert step.sentence == f"Finish the rollback to {label('a')} that run r0 left unfinished"

    def test_a_first_deploy_has_no_undo(self) -> None:
        first = replace(history(), intent=Intent("deploy", "", None, release("b")))
        (step,) = decide(wanted(), first, facts()).plan.steps

        assert step.undo == ""
        assert step.sentence == f"Finish the deploy of {label('b')} that an earlier run left unfinished"

    def test_nothing_is_adopted_over_it(self) -> None:
        assert refused(wanted("adopt"), self.OPEN, facts("b")) == (
            f"api has an unfinished deploy of {label('b')}, so nothing is adopted."
            " Run the same deploy or rollback again first: it finishes it or puts back what served."
        )


class TestAdopt:
    def test_what_serves_and_passes(self) -> None:
        course = decide(wanted("adopt"), history(), facts("a"))

        assert [step.kind for step in course.plan.steps] == ["adopt"]
        assert (course.target, course.unchanged, course.findings) == (release("a"), "", ())

    def test_what_is_recorded_already(self) -> None:
        course = decide(wanted("adopt"), history("a"), facts("a"))

        assert course.plan.steps == ()
        assert course.unchanged == f"api serves {label('a')}, which is recorded already"

    def test_another_tools(self) -> None:
        course = decide(wanted("adopt"), history("a"), facts("b"))

        assert [finding.id for finding in course.findings] == ["outside_change"]

    def test_what_fails_its_probe_is_not_adopted(self) -> None:
        assert refused(wanted("adopt"), history(), facts("a", passes=False)) == (
            f"api serves {label('a')}, which fails its probe (answered 500), so it is not adopted."
            " Repair it or deploy a release that passes."
        )

    @pytest.mark.parametrize(
        ("seen", "why"),
        [
            (Observation(exists=False), "nothing serves"),
            (Observation(unknown_because="the tag latest was pushed again"), "the tag latest was pushed again"),
        ],
    )
    def test_what_is_not_known_is_not_adopted(self, seen: Observation, why: str) -> None:
        assert refused(wanted("adopt"), history(), Facts(seen)) == (
            f"What api serves cannot be recorded: {why}. Name the release that serves by its digest."
        )

    def test_another_release_than_the_one_that_serves_is_not_adopted(self) -> None:
        assert refused(wanted("adopt", release="b"), history(), facts("a", asked="b")) == (
            f"api serves {label('a')}, not {label('b')}, which deploy_release names, so nothing is adopted."
            " Leave deploy_release out, or name what serves."
        )

    def test_the_one_that_serves_may_be_named(self) -> None:
        assert decide(wanted("adopt", release="a"), history(), facts("a", asked="a")).target == release("a")


observations = st.sampled_from("abcdef ").map(str.strip)


@given(
    st.sampled_from(["deploy", "rollback", "adopt"]),
    st.lists(st.sampled_from(["a", "b", "c", "a failed", "b withdrawn", "c failed"]), max_size=8),
    observations,
    st.sampled_from("abcdef"),
    st.booleans(),
    st.sets(st.sampled_from("abc")),
    st.sampled_from(["", "a", "b"]),
    st.sampled_from(["", "a", "b"]),
)
def test_whatever_was_read_the_course_is_sound(
    action: str, story: list[str], serving: str, asked: str, passes: bool, gone: set[str], to: str, origin: str
) -> None:
    known = history(*story)
    seen = facts(serving, passes=passes, asked=asked if action == "deploy" else "", gone="".join(gone))
    run = wanted(action, rollback_to=to, rollback_from=origin)
    try:
        course = decide(run, known, seen)
    except OpsError:
        return
    kinds = [step.kind for step in course.plan.steps]
    assert kinds in ([], ["adopt"], ["switch"], ["adopt", "switch"])
    assert bool(course.unchanged) == (kinds == [])
    if "adopt" in kinds or not kinds:
        assert passes, "what fails its probe is neither recorded as verified nor reported as well"
    if "switch" not in kinds:
        return
    assert course.target is not None
    assert course.target.digest != digest_of(serving)
    assert course.back is None or course.back.id not in {course.target.id, *seen.gone}
    if course.back is not None and course.back.digest != digest_of(serving):
        assert known.verdict(course.back.id) == "verified"
    if action == "rollback":
        assert known.verdict(course.target.id) == "verified"
        assert course.target.id not in seen.gone
