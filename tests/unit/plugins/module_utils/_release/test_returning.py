"""The course of a rollback."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import OpsError
from ansible_collections.steady.ops.plugins.module_utils._plan import Plan
from ansible_collections.steady.ops.plugins.module_utils._release.facts import Course, Facts
from ansible_collections.steady.ops.plugins.module_utils._release.returning import rollback
from ansible_collections.steady.ops.plugins.module_utils._release.values import Observation
from tests.release_world import OBJECT
from tests.unit.plugins.module_utils._release.stories import facts, history, label, release, wanted

PLAN = Plan("rollback", "rollback", OBJECT)
BOTH = f"Recorded are: {label('b')} verified, {label('a')} verified."


def course(story: tuple[str, ...], seen: Facts, **more: Any) -> Course:
    return rollback(wanted("rollback", **more), history(*story), seen, PLAN)


def refused(story: tuple[str, ...], seen: Facts, **more: Any) -> str:
    with pytest.raises(OpsError) as caught:
        course(story, seen, **more)
    return str(caught.value)


def test_one_back() -> None:
    found = course(("a", "b"), facts("b"))

    assert [step.sentence for step in found.plan.steps] == [f"Serve {label('a')} instead of {label('b')}"]
    assert (found.target, found.back, found.findings) == (release("a"), release("b"), ())


def test_what_fails_is_not_gone_back_to() -> None:
    found = course(("a", "b"), facts("b", passes=False))

    assert (found.target, found.back) == (release("a"), None)
    assert found.plan.steps[0].undo == ""


def test_what_serves_and_is_gone_is_not_gone_back_to() -> None:
    assert course(("a", "b"), facts("b", gone="b")).back is None


def test_what_another_tool_put_there_is_recorded_first() -> None:
    found = course(("a",), facts("c"))

    assert [step.kind for step in found.plan.steps] == ["adopt", "switch"]
    assert (found.target, [finding.id for finding in found.findings]) == (release("a"), ["outside_change"])


def test_what_serves_may_be_unknown() -> None:
    found = course(("a", "b"), Facts(Observation(ref="api:latest")))

    assert [step.sentence for step in found.plan.steps] == [f"Serve {label('b')} instead of api:latest"]
    assert found.back is None


def test_a_named_target() -> None:
    assert course(("a", "b", "c"), facts("c"), rollback_to="a").target == release("a")


def test_settings_are_no_part_of_a_rollback() -> None:
    found = course(("a", "b"), facts("b", differences={"cpu": (1, 2)}))

    assert "settings" not in found.plan.steps[0].bounds


def test_the_named_target_serves_already() -> None:
    found = course(("a", "b"), facts("b"), rollback_to="b")

    assert (found.plan.steps, found.unchanged) == ((), f"api serves {label('b')} already")


def test_the_named_target_serves_already_and_fails_its_probe() -> None:
    assert refused(("a", "b"), facts("b", passes=False), rollback_to="b") == (
        f"api serves {label('b')} already and it fails its probe: answered 500. Name another. {BOTH}"
    )


def test_nothing_serves() -> None:
    assert refused(("a", "b"), facts()) == f"Nothing serves api, so there is nothing to roll back. {BOTH}"


def test_there_is_no_release_to_go_back_to() -> None:
    assert refused(("a",), facts("a")) == (
        f"api has no release to go back to: nothing verified served before {label('a')}."
        f" Deploy a release by name instead. Recorded are: {label('a')} verified."
    )


@pytest.mark.parametrize(("seen", "left"), [(Observation(ref="api:x"), "api:x"), (Observation(), "what serves")])
def test_nor_from_what_is_unknown(seen: Observation, left: str) -> None:
    assert refused((), Facts(seen)).startswith(
        f"api has no release to go back to: nothing verified served before {left}."
    )


def test_its_artefact_is_gone() -> None:
    assert refused(("a", "b"), facts("b", gone="a")) == (
        f"api cannot go back to {label('a')}: its artefact no longer exists. Name another. {BOTH}"
    )


class TestFrom:
    def test_what_serves_is_what_is_left(self) -> None:
        assert course(("a", "b"), facts("b"), rollback_from=release("b").id).target == release("a")

    @pytest.mark.parametrize("name", ["b", release("b").id, release("b").digest])
    def test_it_was_rolled_back_already(self, name: str) -> None:
        found = course(("a", "b", "b withdrawn", "a"), facts("a"), rollback_from=name)

        assert found.plan.steps == ()
        assert found.unchanged == (f"api no longer serves {label('b')}: it was rolled back, and {label('a')} serves")

    def test_it_was_rolled_back_and_what_serves_now_fails(self) -> None:
        told = refused(("a", "b", "b withdrawn", "a"), facts("a", passes=False), rollback_from="b")

        assert told == (
            f"api no longer serves {label('b')}: it was rolled back, but {label('a')}, which serves now, fails its"
            f" probe: answered 500. Go further back."
        )

    @pytest.mark.parametrize(
        ("story", "seen", "now"),
        [
            (("a", "b"), facts("a"), label("a")),
            (("a", "b", "b withdrawn"), facts("c"), label("c")),
            (("a", "b", "b withdrawn", "a"), Facts(Observation(ref="x")), "something that is not known"),
        ],
        ids=["not withdrawn", "another tool's", "unknown"],
    )
    def test_it_does_not_serve_and_was_not_rolled_back(self, story: tuple[str, ...], seen: Facts, now: str) -> None:
        assert refused(story, seen, rollback_from="b") == (
            f"rollback_from names {label('b')}, but api serves {now}. Leave rollback_from out, or name what serves now."
        )

    def test_it_is_no_recorded_release(self) -> None:
        assert refused(("a", "b"), facts("b"), rollback_from="1.9.0") == (
            f"rollback_from '1.9.0' is no recorded release. {BOTH}"
        )

    def test_nothing_serves(self) -> None:
        assert "but api serves something that is not known" in refused(("a", "b"), facts(), rollback_from="b")
