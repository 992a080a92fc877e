"""One component's call within its unit: the records that it adds, and whether there is anything to undo."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._runs.membership import (
    announced,
    closing,
    is_rehearsal,
    is_to_undo,
    puts_back,
    stays,
    step_as_dict,
    step_from,
    told,
    told_by,
    was_given_up,
)
from ansible_collections.steady.ops.plugins.plugin_utils._runs.units import SETTLE, SWITCH, UNDO, Step, Unit

PATH = "shop/lab"
UNIT = Unit("r1", "deploy", ("web", "api"), {"release": "2"})
ALONE = Unit("r1", "deploy", ("api",))
OPEN = UNIT.record(PATH, "open")


def step(component: str = "api", part: str = SWITCH, *, closes: bool = True, unit: Unit = UNIT) -> Step:
    return Step(component, part, unit, closes)


def intent(component: str, state: str = "settled", *, to: str = "b" * 12, **more: Any) -> dict[str, Any]:
    release = {"digest": f"sha256:{to * 6}"[:71], "ref": "shop:2", "version": "2"}
    change = {"to": to, "to_release": release}
    return {"kind": "intent", "runbook": "deploy", "state": state, "unit_run": "r1", "run": "r1",
            "components": {component: change}, **more}  # fmt: skip


def served(component: str, id: str) -> list[dict[str, Any]]:
    digest = f"sha256:{id * 6}"[:71]
    release = {"kind": "release", "component": component, "id": id, "digest": digest, "version": id[0]}
    return [release, {"kind": "served", "component": component, "release": id, "how": "deploy"}]


class TestPermit:
    def test_what_the_guard_writes_is_read_again(self) -> None:
        assert step_from({"unit": step_as_dict(step(part=UNDO))}) == step(part=UNDO)

    @pytest.mark.parametrize("permit", [{}, {"unit": None}])
    def test_a_run_without_a_unit_has_no_step(self, permit: dict[str, Any]) -> None:
        assert step_from(permit) is None

    def test_what_is_no_list_or_dictionary_is_empty(self) -> None:
        told_step = {"component": "api", "part": "switch", "run": "r1", "action": "deploy"}
        assert step_from({"unit": told_step}) == Step("api", "switch", Unit("r1", "deploy", ()))


class TestAnnounced:
    def test_the_first_intent_opens_the_unit(self) -> None:
        assert announced(step(), [], PATH, {"kind": "intent"}) == [OPEN, {"kind": "intent", "unit_run": "r1"}]

    def test_the_next_ones_belong_to_it(self) -> None:
        assert announced(step(), [OPEN], PATH, {"kind": "intent"}) == [{"kind": "intent", "unit_run": "r1"}]

    @pytest.mark.parametrize("alone", [None, step(unit=ALONE)])
    def test_one_component_alone_is_no_unit(self, alone: Step | None) -> None:
        assert announced(alone, [], PATH, {"kind": "intent"}) == [{"kind": "intent"}]


class TestClosing:
    END = UNIT.record(PATH, "settled")

    def test_the_last_step_ends_it(self) -> None:
        assert closing(step(), [OPEN, intent("web"), intent("api"), *served("api", "b" * 12)], PATH) == [self.END]

    def test_what_serves_its_wish_already_ends_it_too(self) -> None:
        assert closing(step(), [OPEN, intent("web")], PATH) == [self.END]

    @pytest.mark.parametrize(
        "settled",
        [
            [intent("api"), *served("api", "a" * 12)],
            [intent("api", runbook="rollback"), *served("api", "b" * 12)],
            [intent("api")],
        ],
    )
    def test_what_an_earlier_run_left_is_not_its_wish(self, settled: list[dict[str, Any]]) -> None:
        assert closing(step(), [OPEN, intent("web"), *settled], PATH) == []

    @pytest.mark.parametrize("last", [None, step(closes=False)])
    def test_others_leave_it_open(self, last: Step | None) -> None:
        assert closing(last, [OPEN, intent("api")], PATH) == []

    def test_nothing_ends_that_is_not_open(self) -> None:
        assert closing(step(), [], PATH) == []
        assert closing(step(), [OPEN, self.END], PATH) == []

    @pytest.mark.parametrize("left", [intent("web", "open"), intent("web", "open", runbook="undo")])
    def test_an_unknown_state_leaves_it_open(self, left: dict[str, Any]) -> None:
        assert closing(step(part=UNDO), [OPEN, intent("web"), left], PATH) == []

    def test_a_switch_that_was_not_undone_leaves_it_open(self) -> None:
        stands = [OPEN, intent("web"), *served("web", "b" * 12), intent("api")]
        assert closing(step(part=UNDO), stands, PATH) == []
        assert closing(step(part=SWITCH), [*stands, *served("api", "b" * 12)], PATH) == [self.END]

    def test_one_that_nobody_can_undo_does_not(self) -> None:
        stands = [OPEN, intent("web"), *served("web", "b" * 12), stays(step("web", UNDO), PATH, None, given_up=True)]
        assert closing(step(part=UNDO), stands, PATH) == [self.END]

    @pytest.mark.parametrize(
        ("part", "action", "back"),
        [(UNDO, "rollback", True), (SETTLE, "deploy", True), (SETTLE, "rollback", False), (SWITCH, "deploy", False)],
    )
    def test_an_earlier_rollback_is_finished_and_the_rest_put_back(self, part: str, action: str, back: bool) -> None:
        assert puts_back(step(part=part, unit=Unit("r1", action, ("web", "api")))) is back


class TestUndo:
    def test_a_switch_that_stands(self) -> None:
        assert is_to_undo(step(), [OPEN, intent("api"), *served("api", "b" * 12)])

    def test_one_that_went_back_by_itself(self) -> None:
        assert not is_to_undo(step(), [OPEN, intent("api"), *served("api", "a" * 12)])

    def test_what_a_failure_left_there_counts_before_what_served_last(self) -> None:
        release = {"id": "b" * 12, "digest": f"sha256:{'b' * 64}"}
        left = [OPEN, *served("api", "a" * 12)]
        assert is_to_undo(step(), [*left, intent("api", serving=release)])
        assert not is_to_undo(step(), [*left, intent("api", serving={**release, "id": "a" * 12})])
        assert not is_to_undo(step(), [*left, *served("api", "b" * 12), intent("api", serving=None)])

    @pytest.mark.parametrize("given_up", [True, False])
    def test_one_that_stays(self, given_up: bool) -> None:
        mark = stays(step(), PATH, None, given_up=given_up)
        records = [OPEN, intent("api"), *served("api", "b" * 12), mark]
        assert not is_to_undo(step(), records)
        assert was_given_up(UNIT, records) is given_up

    def test_a_switch_after_one_that_stays_is_to_undo_again(self) -> None:
        mark = stays(step(), PATH, None, given_up=True)
        records = [OPEN, intent("api"), mark, intent("api"), *served("api", "b" * 12)]
        assert is_to_undo(step(), records)
        assert not was_given_up(UNIT, records)

    def test_one_that_never_served_anything(self) -> None:
        assert not is_to_undo(step(), [OPEN, intent("api")])

    @pytest.mark.parametrize("runbook", ["deploy", "undo"])
    def test_one_in_an_unknown_state(self, runbook: str) -> None:
        assert is_to_undo(step(), [OPEN, intent("api"), intent("api", "open", runbook=runbook)])

    def test_a_component_that_was_not_touched(self) -> None:
        assert not is_to_undo(step(), [OPEN, intent("web")])

    def test_a_unit_that_has_ended(self) -> None:
        assert not is_to_undo(step(), [OPEN, intent("api"), *served("api", "b" * 12), UNIT.record(PATH, "settled")])

    def test_an_intent_that_says_too_little(self) -> None:
        assert not is_to_undo(step(), [OPEN, {**intent("api"), "components": {"api": None}}, *served("api", "b" * 12)])


class TestTold:
    def test_each_component_is_told_of(self) -> None:
        unit = Unit("r1", "deploy", ("web", "api", "worker", "beat", "jobs"))
        records = [
            *served("web", "a" * 12), intent("web"), *served("web", "b" * 12), *served("web", "a" * 12),
            intent("api"), *served("api", "b" * 12),
            intent("worker", "open"),
            intent("beat"),
        ]  # fmt: skip
        assert told(unit, records) == (
            "The deploy of web, api, worker, beat, jobs was NOT undone as a whole: web serves a (aaaaaaaaaaaa), api"
            " STILL serves b (bbbbbbbbbbbb), worker is in an unknown state, beat serves what it served, jobs was not"
            " touched."
        )

    def test_what_a_failure_left_there_is_told(self) -> None:
        release = {"id": "c" * 12, "digest": f"sha256:{'c' * 64}", "version": "3"}
        undone = intent("web", runbook="undo", serving=release)
        records = [OPEN, intent("web"), *served("web", "b" * 12), undone, intent("api", serving=None)]
        assert told(UNIT, records) == (
            "The deploy of web, api was NOT undone as a whole: web serves 3 (cccccccccccc), what api serves is not"
            " known."
        )

    def test_one_of_which_nothing_was_touched_was_not_begun(self) -> None:
        assert told(UNIT, []) == "The deploy of web, api was not begun."

    def test_a_run_tells_of_all_that_it_ended_and_left_open(self) -> None:
        ended = {**UNIT.record(PATH, "settled"), "settled_by": "now", "told": "One."}
        other = Unit("r2", "rollback", ("web", "jobs"))
        records = [OPEN, ended, other.record(PATH, "open"), intent("web", "open", unit_run="r2")]
        assert told_by("now", step(), records) == (
            "One. The rollback of web, jobs was NOT undone as a whole: web is in an unknown state, jobs was not"
            " touched."
        )
        earlier = {**ended, "run": "r0", "told": "Two."}
        assert told_by("now", step(), [OPEN, earlier, ended]) == "Of the earlier run r0: Two. One."
        assert told_by("later", step(), [OPEN, ended]) == "The deploy of web, api was not begun."


@pytest.mark.parametrize(
    ("of", "check", "real", "is_one"),
    [
        (step(), True, True, True),
        (step(), False, True, False),
        (step(), True, False, False),
        (step(part=UNDO), True, True, False),
        (None, True, True, False),
    ],
)
def test_a_rehearsal_plans_for_a_real_run(of: Step | None, check: bool, real: bool, is_one: bool) -> None:
    assert is_rehearsal(of, check=check, real=real) is is_one
