"""The course of a deployment, and its way back."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import Refused
from ansible_collections.steady.ops.plugins.module_utils._plan import Plan
from ansible_collections.steady.ops.plugins.module_utils._release.deploying import deploy
from ansible_collections.steady.ops.plugins.module_utils._release.facts import Course, Facts
from ansible_collections.steady.ops.plugins.module_utils._release.values import Observation
from tests.release_world import OBJECT
from tests.unit.plugins.module_utils._release.stories import facts, history, label, release, wanted

PLAN = Plan("deploy", "deploy", OBJECT)
CPU = {"cpu": ("1 vCPU", "2 vCPU")}


def course(story: tuple[str, ...], seen: Facts, **more: Any) -> Course:
    return deploy(wanted(**more), history(*story), seen, PLAN)


def kinds(found: Course) -> list[str]:
    return [step.kind for step in found.plan.steps]


def test_the_way_back_is_what_serves_and_passes() -> None:
    found = course(("a",), facts("a", asked="b"))

    assert kinds(found) == ["switch"]
    assert (found.target, found.back, found.refusal, found.unchanged) == (release("b"), release("a"), None, "")


def test_what_another_tool_put_there_is_recorded_first() -> None:
    found = course(("a",), facts("c", asked="b"))

    assert kinds(found) == ["adopt", "switch"]
    assert found.back == release("c")
    assert [finding.id for finding in found.findings] == ["outside_change"]


def test_what_fails_already_is_neither_recorded_nor_gone_back_to() -> None:
    found = course(("a",), facts("c", passes=False, asked="b"))

    assert kinds(found) == ["switch"]
    assert (found.back, found.findings) == (release("a"), ())


def test_a_way_back_whose_artefact_is_gone_is_passed_over() -> None:
    found = course(("a", "d", "c"), facts("c", passes=False, asked="b", gone="d"))

    assert found.back == release("a")


def test_it_serves_already() -> None:
    found = course(("a",), facts("a", asked="a"))

    assert kinds(found) == []
    assert found.unchanged == f"api serves {label('a')} already and it passes its probe"


def test_it_serves_already_and_is_not_recorded() -> None:
    found = course((), facts("a", asked="a"))

    assert kinds(found) == ["adopt"]
    assert found.unchanged == ""


def test_it_serves_already_and_fails() -> None:
    with pytest.raises(Refused) as caught:
        course(("a",), facts("a", passes=False, asked="a"))

    assert str(caught.value) == (
        f"api serves {label('a')} already and it fails its probe: answered 500. Go back, or deploy another release."
    )


def test_settings_of_the_same_release_are_a_change() -> None:
    found = course(("a",), facts("a", asked="a", differences=CPU))

    assert [step.sentence for step in found.plan.steps] == [f"Change cpu of {label('a')}"]
    assert found.back == release("a")


NO_WAY_BACK = "There is no way back from this deployment of api"
REMEDY = "If that is meant, say so with deploy_without_way_back."


@pytest.mark.parametrize(
    ("story", "seen", "why"),
    [
        ((), facts(asked="b"), "nothing serves yet"),
        ((), Facts(Observation(), asked=release("b")), "what serves is not known"),
        (
            (),
            Facts(Observation(unknown_because="the tag x was pushed again"), asked=release("b")),
            "the tag x was pushed again",
        ),
        (("a",), facts("a", asked="b", gone="a"), f"the artefact of {label('a')}, which serves, no longer exists"),
        (
            ("a",),
            facts("a", passes=False, asked="b"),
            f"{label('a')}, which serves, fails its probe (answered 500) and nothing served before it",
        ),
        (
            ("d", "a"),
            facts("a", passes=False, asked="b", gone="d"),
            f"{label('a')}, which serves, fails its probe (answered 500) and no release that served before it can be"
            " gone back to",
        ),
    ],
    ids=["nothing", "unknown", "moved", "gone", "failing", "all gone"],
)
def test_no_way_back_is_refused_and_shown(story: tuple[str, ...], seen: Facts, why: str) -> None:
    found = course(story, seen)

    assert kinds(found) == ["switch"]
    assert found.plan.steps[0].undo == ""
    assert str(found.refusal) == f"{NO_WAY_BACK}: {why}. {REMEDY}"
    meant = course(story, seen, without_way_back=True)
    assert (meant.refusal, meant.back) == (None, None)


def test_deploying_the_only_way_back_by_name_needs_no_flag_and_has_no_undo() -> None:
    found = course(("a", "b"), facts("b", passes=False, asked="a"))

    assert (found.target, found.back, found.refusal) == (release("a"), None, None)


def test_a_failed_release_is_never_its_own_way_back() -> None:
    found = course(("c", "a", "b"), facts("b", passes=False, asked="a"))

    assert (found.target, found.back) == (release("a"), release("c"))


def test_giving_up_what_serves_well_needs_the_flag_also_for_the_way_back() -> None:
    assert course(("a", "b"), facts("b", asked="a", gone="b")).refusal is not None
