"""Plans: the hash is the intent, and the loop does what it says, in order, or nothing."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.steady.ops.plugins.module_utils._errors import LeaseLost, Refused
from ansible_collections.steady.ops.plugins.module_utils._plan import (
    Done,
    Plan,
    State,
    Step,
    apply,
    changed,
    diff,
)

words = st.text(max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | words, lambda inner: st.dictionaries(words, inner, max_size=3)
)
steps = st.builds(
    Step,
    kind=words,
    target=words,
    sentence=words,
    undo=words,
    bounds=st.dictionaries(words, values, max_size=3),
    state=st.sampled_from(State),
    why=words,
)
plans = st.builds(
    Plan,
    runbook=words,
    action=words,
    object=words,
    steps=st.lists(steps, max_size=4).map(tuple),
    desired=st.dictionaries(words, values, max_size=4),
)
SWITCH = Step("switch", "api", "Serve 9be07a instead of 4f2c91", undo="serve 4f2c91")
PROBE = Step("probe", "api", "Prove 9be07a")
TIDY = Step("prune", "api", "Remove 1 old release")
PLAN = Plan("deploy", "deploy", "s/production/api", (SWITCH, PROBE, TIDY), {"release": "9be07a"})


def nothing() -> None:
    """Prove nothing."""


def do_not(step: Step) -> Done:
    raise AssertionError(f"{step.sentence} was carried out")


class TestHash:
    def test_its_form(self) -> None:
        assert PLAN.hash.startswith("sha256:")
        assert len(PLAN.hash) == 71

    @given(plans, st.randoms(use_true_random=False), words)
    def test_order_sentences_states_and_reasons_do_not_matter(self, plan: Plan, chance: Any, other: str) -> None:
        told_otherwise = [
            replace(
                step,
                sentence=other,
                state=chance.choice(list(State)),
                why=other,
                undo=f"not {step.undo}" if step.undo else "",
                bounds=dict(reversed(list(step.bounds.items()))),
            )
            for step in plan.steps
        ]
        chance.shuffle(told_otherwise)
        desired = dict(reversed(list(plan.desired.items())))

        assert replace(plan, steps=tuple(told_otherwise), desired=desired).hash == plan.hash

    @pytest.mark.parametrize(
        "other",
        [
            replace(PLAN, runbook="rollback"),
            replace(PLAN, action="adopt"),
            replace(PLAN, object="s/staging/api"),
            replace(PLAN, desired={"release": "4f2c91"}),
            replace(PLAN, desired={}),
            replace(PLAN, steps=(SWITCH, PROBE)),
            replace(PLAN, steps=(SWITCH, SWITCH, PROBE, TIDY)),
            replace(PLAN, steps=(replace(SWITCH, kind="start"), PROBE, TIDY)),
            replace(PLAN, steps=(replace(SWITCH, target="worker"), PROBE, TIDY)),
            replace(PLAN, steps=(replace(SWITCH, undo=""), PROBE, TIDY)),
            replace(PLAN, steps=(replace(SWITCH, bounds={"rows": 10}), PROBE, TIDY)),
        ],
    )
    def test_intent_matters(self, other: Plan) -> None:
        assert other.hash != PLAN.hash

    def test_a_number_is_not_its_text(self) -> None:
        assert replace(PLAN, desired={"port": 1}).hash != replace(PLAN, desired={"port": "1"}).hash

    @given(plans)
    def test_every_plan_has_one(self, plan: Plan) -> None:
        assert replace(plan).hash == plan.hash

    def test_what_json_cannot_hold_counts_by_its_text(self) -> None:
        hashes = {replace(PLAN, desired={"path": path}).hash for path in (Path("/a"), Path("/b"), "/a")}

        assert len(hashes) == 2

    def test_text_that_is_no_unicode_has_one_too(self) -> None:
        assert replace(PLAN, desired={"name": "\udcff"}).hash != PLAN.hash

    def test_it_is_the_same_in_another_process(self) -> None:
        program = (
            "from ansible_collections.steady.ops.plugins.module_utils._plan import Plan\n"
            "print(Plan('a', 'b', 'c', desired={'names': {'x', 'y', 'z', 'u', 'v'}}).hash)"
        )
        environment = {"PYTHONPATH": ":".join(filter(None, sys.path))}
        seen = {
            subprocess.run(
                [sys.executable, "-c", program],
                env={**environment, "PYTHONHASHSEED": seed},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            for seed in ("1", "2", "3")
        }

        assert len(seen) == 1


class TestApply:
    def test_steps_are_done_in_order_each_after_its_proof(self) -> None:
        seen: list[str] = []

        def execute(step: Step) -> Done:
            seen.append(step.kind)
            return Done(why="because" if step is PROBE else "")

        done = apply(PLAN, execute, check=False, before_each=lambda: seen.append("proof"))

        assert seen == ["proof", "switch", "proof", "probe", "proof", "prune"]
        assert [(step.state, step.why) for step in done] == [
            (State.DONE, ""),
            (State.DONE, "because"),
            (State.DONE, ""),
        ]
        assert [step.sentence for step in done] == [step.sentence for step in PLAN.steps]

    @given(plans)
    def test_check_mode_executes_and_proves_nothing(self, plan: Plan) -> None:
        def prove() -> None:
            raise AssertionError("a lease was looked at")

        done = apply(plan, do_not, check=True, before_each=prove, approved_hashes=["sha256:other"])

        assert [step.state for step in done] == [State.WOULD_DO] * len(plan.steps)

    def test_check_mode_and_the_real_run_show_the_same_steps(self) -> None:
        would = apply(PLAN, do_not, check=True, before_each=nothing)
        did = apply(PLAN, lambda step: Done(), check=False, before_each=nothing)

        assert [replace(step, state=State.DONE) for step in would] == list(did)

    def test_another_plan_than_the_approved_one_is_refused_before_anything(self) -> None:
        def prove() -> None:
            raise AssertionError("a step was begun")

        with pytest.raises(Refused) as caught:
            apply(PLAN, do_not, check=False, before_each=prove, approved_hashes=["sha256:other"])

        assert str(caught.value) == (
            "The plan for s/production/api is no longer the one that was shown: the world changed in between."
            " Run it again and read the new plan."
        )
        assert caught.value.details == {"plan_hash": PLAN.hash}

    def test_the_approved_plan_is_done(self) -> None:
        approved = ["sha256:other", PLAN.hash]

        done = apply(PLAN, lambda step: Done(), check=False, before_each=nothing, approved_hashes=approved)

        assert [step.state for step in done] == [State.DONE] * 3

    def test_a_plan_without_steps_needs_no_approval(self) -> None:
        assert apply(replace(PLAN, steps=()), do_not, check=False, before_each=nothing, approved_hashes=["x"]) == ()

    def test_after_a_step_that_says_stop_the_rest_is_not_reached(self) -> None:
        def execute(step: Step) -> Done:
            return Done(State.FAILED, "it answered 500", go_on=False) if step is PROBE else Done()

        done = apply(PLAN, execute, check=False, before_each=nothing)

        assert [(step.state, step.why) for step in done] == [
            (State.DONE, ""),
            (State.FAILED, "it answered 500"),
            (State.NOT_REACHED, "it answered 500"),
        ]

    def test_a_lost_lease_stops_before_the_next_step(self) -> None:
        begun: list[str] = []

        def prove() -> None:
            if begun:
                raise LeaseLost("gone")

        def execute(step: Step) -> Done:
            begun.append(step.kind)
            return Done()

        with pytest.raises(LeaseLost):
            apply(PLAN, execute, check=False, before_each=prove)

        assert begun == ["switch"]


@pytest.mark.parametrize(
    ("state", "changes"),
    [
        (State.PLANNED, False),
        (State.WOULD_DO, True),
        (State.DONE, True),
        (State.SKIPPED, False),
        (State.FAILED, True),
        (State.UNDONE, True),
        (State.NOT_REACHED, False),
    ],
)
def test_which_states_are_a_change(state: State, changes: bool) -> None:
    assert changed([replace(TIDY, state=State.SKIPPED), replace(SWITCH, state=state)]) is changes


def test_no_steps_are_no_change() -> None:
    assert not changed([])


def test_a_step_as_a_result_shows_it() -> None:
    assert SWITCH.as_dict() == {
        "kind": "switch",
        "target": "api",
        "sentence": "Serve 9be07a instead of 4f2c91",
        "state": "planned",
        "undo": "serve 4f2c91",
    }
    assert replace(SWITCH, bounds={"rows": 1}, why="x").as_dict() == {
        **SWITCH.as_dict(),
        "bounds": {"rows": 1},
        "why": "x",
    }


def test_a_diff_is_sorted_lines() -> None:
    before, after = {"b": "two", "a": 1}, {"a": {"y": None, "x": "ü"}}

    assert diff(before, after) == {"before": "a: 1\nb: two\n", "after": 'a: {"x": "ü", "y": null}\n'}
    assert diff(before, {}, header="api") == {
        "before": "a: 1\nb: two\n",
        "after": "",
        "before_header": "api",
        "after_header": "api",
    }
