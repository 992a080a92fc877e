"""A run over components: its steps, and what it owes to units that earlier runs left open."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import Refused
from ansible_collections.steady.ops.plugins.plugin_utils._runs.units import (
    Course,
    Unit,
    course,
    course_of_run,
    intent_in,
    open_units,
)

PATH = "shop/lab"


def unit(runbook: str = "deploy", members: str = "api web", run: str = "r1", **wish: str) -> Unit:
    return Unit(run, runbook, tuple(members.split()), wish)


def intent(component: str, run: str = "r1", **change: Any) -> dict[str, Any]:
    return {"kind": "intent", "state": "settled", "unit_run": run, "components": {component: change}}


def told(steps: Any) -> list[tuple[object, ...]]:
    return [(step.component, step.part, step.unit.run, step.closes, dict(step.options)) for step in steps]


DEPLOY = unit(run="now", release="2")
ROLLBACK = unit("rollback", run="now")


class TestRecords:
    def test_a_unit_is_open_until_it_is_settled(self) -> None:
        one, other = unit(release="2"), unit("rollback", run="r2")
        records = [one.record(PATH, "open"), {"kind": "served"}, other.record(PATH, "open")]
        assert open_units(records) == [one, other]
        assert open_units([*records, one.record(PATH, "settled")]) == [other]
        assert open_units([]) == []

    def test_what_is_no_list_or_dictionary_is_empty(self) -> None:
        damaged = {"kind": "unit", "run": "r1", "action": "deploy", "state": "open"}
        assert open_units([damaged]) == [Unit("r1", "deploy", ())]

    def test_the_intent_of_a_component_is_its_newest_of_that_unit(self) -> None:
        records = [intent("api", to="1"), intent("api", to="2"), intent("api", "r2", to="3"), intent("web", to="4")]
        assert intent_in(records, "api", unit()) is records[1]
        assert intent_in(records, "worker", unit()) is None


class TestCourse:
    def test_components_are_switched_in_order_and_put_back_in_reverse(self) -> None:
        found = course(DEPLOY, [], [])
        assert found.settle == ()
        options = {"state": "deployed", "release": "2"}
        assert told(found.switch) == [("api", "switch", "now", False, options), ("web", "switch", "now", True, options)]
        assert told(found.undo) == [
            ("web", "undo", "now", False, {"state": "undone"}),
            ("api", "undo", "now", True, {"state": "undone"}),
        ]

    def test_the_same_deploy_goes_on_with_its_unit(self) -> None:
        found = course(DEPLOY, [unit(release="2")], [])
        assert found.settle == ()
        assert [step.unit.run for step in (*found.switch, *found.undo)] == ["r1"] * 4

    def test_another_deploy_puts_it_back_first(self) -> None:
        found = course(DEPLOY, [unit(release="3")], [])
        assert told(found.settle) == [
            ("web", "settle", "r1", False, {"state": "undone"}),
            ("api", "settle", "r1", True, {"state": "undone"}),
        ]
        assert [step.unit.run for step in found.switch] == ["now", "now"]

    def test_a_bare_rollback_has_then_what_it_wanted(self) -> None:
        found = course(ROLLBACK, [unit(release="3")], [])
        assert len(found.settle) == 2
        assert (found.switch, found.undo) == ((), ())

    def test_a_rollback_to_a_named_release_goes_on(self) -> None:
        found = course(unit("rollback", run="now", rollback_to="1"), [unit(release="3")], [])
        assert (len(found.settle), len(found.switch)) == (2, 2)

    @pytest.mark.parametrize(("wanted", "goes_on"), [(ROLLBACK, 0), (DEPLOY, 2)])
    def test_an_unfinished_rollback_is_finished_whatever_comes(self, wanted: Unit, goes_on: int) -> None:
        records = [intent("api", **{"from": "9"})]
        found = course(wanted, [unit("rollback", rollback_to="1")], records)
        assert told(found.settle) == [
            ("api", "settle", "r1", False, {"state": "rolled_back", "rollback_to": "1", "rollback_from": "9"}),
            ("web", "settle", "r1", True, {"state": "rolled_back", "rollback_to": "1"}),
        ]
        assert len(found.switch) == goes_on

    def test_all_that_are_open_are_settled_and_one_is_gone_on_with(self) -> None:
        mine, other = unit(release="2"), unit("rollback", "web", run="r2")
        found = course(DEPLOY, [other, mine], [])
        assert [(step.component, step.unit.run, step.closes) for step in found.settle] == [("web", "r2", True)]
        assert [step.unit.run for step in found.switch] == ["r1", "r1"]

    def test_an_intent_without_an_origin_names_none(self) -> None:
        found = course(ROLLBACK, [unit("rollback", "api")], [intent("api", **{"from": None})])
        assert dict(found.settle[0].options) == {"state": "rolled_back"}

    def test_one_over_fewer_components_is_put_back_and_not_gone_on_with(self) -> None:
        found = course(unit(members="api web jobs", run="now", release="2"), [unit(release="2")], [])
        assert [(step.component, step.unit.run) for step in found.settle] == [("web", "r1"), ("api", "r1")]
        assert [step.unit.run for step in found.switch] == ["now"] * 3

    def test_one_in_another_order_is_gone_on_with(self) -> None:
        found = course(unit(members="web api", run="now", release="2"), [unit(release="2")], [])
        assert [(step.component, step.unit.run) for step in found.switch] == [("web", "r1"), ("api", "r1")]

    @pytest.mark.parametrize(
        ("action", "leaves", "ends"),
        [("deploy", "new", True), ("deploy", "old", False), ("rollback", "old", True), ("rollback", "new", False)],
    )
    def test_a_rollback_from_something_else_goes_on(self, action: str, leaves: str, ends: bool) -> None:
        old, new = ({"digest": f"sha256:{sign * 64}", "version": name} for sign, name in (("1", "old"), ("2", "new")))
        records = [intent("api", from_release=old, to_release=new), intent("web", from_release=None, to_release=None)]
        found = course(unit("rollback", run="now", rollback_from=leaves), [unit(action)], records)
        assert (found.switch == ()) is ends

    def test_a_part_of_it_is_refused(self) -> None:
        with pytest.raises(Refused) as error:
            course(unit(members="api", run="now"), [unit(release="2")], [])
        assert str(error.value) == (
            "The deploy of api, web by run r1 is unfinished, and this run leaves out web. Run it over all of them,"
            " without --limit: it finishes them together or puts them back together."
        )
        assert error.value.next == {"playbook": "deploy", "variables": {"deploy_release": "2"}, "limit": "api,web"}

    def test_nothing_is_adopted_over_it(self) -> None:
        with pytest.raises(Refused) as error:
            course(unit("adopt", run="now"), [unit("rollback", rollback_to="1")], [])
        assert str(error.value) == (
            "The rollback of api, web by run r1 is unfinished, so there is no adopt. Deploy or roll back first: that"
            " finishes it or puts back what served."
        )
        assert error.value.next == {"playbook": "rollback", "variables": {"rollback_to": "1"}, "limit": "api,web"}

    def test_one_component_alone_goes_back_by_itself(self) -> None:
        found = course(unit(members="api", run="now"), [], [])
        assert (len(found.switch), found.undo) == (1, ())

    def test_an_unfinished_rollback_that_cannot_be_finished_is_undone(self) -> None:
        found = course(DEPLOY, [unit("rollback")], [])
        assert [(step.component, step.unit.run) for step in found.undo] == [
            ("web", "now"),
            ("api", "now"),
            ("web", "r1"),
            ("api", "r1"),
        ]

    def test_only_units_that_share_a_component_concern_a_run(self) -> None:
        records = [unit(members="worker beat").record(PATH, "open")]
        assert course_of_run(DEPLOY, records).settle == ()
        assert len(course_of_run(DEPLOY, [unit(release="3").record(PATH, "open")]).settle) == 2

    def test_a_run_over_nothing_has_no_steps(self) -> None:
        assert course(Unit("now", "deploy", ()), [], []) == Course((), (), ())

    def test_a_part_of_the_play_is_switched_and_all_of_it_may_be_settled(self) -> None:
        wanted = unit(members="api", run="now", release="2")
        found = course(wanted, [unit(release="3")], [], play=("api", "web", "jobs"))
        assert [(step.component, step.part) for step in (*found.settle, *found.switch)] == [
            ("web", "settle"),
            ("api", "settle"),
            ("api", "switch"),
        ]
        with pytest.raises(Refused, match="this run leaves out web"):
            course(wanted, [unit(release="3")], [], play=("api", "jobs"))

    def test_what_still_serves_what_is_left_goes_back_as_a_unit_of_its_own(self) -> None:
        found = course(ROLLBACK, [unit(release="3")], [], play=("api", "web", "jobs", "beat"), still=("jobs", "beat"))
        assert [(step.component, step.unit.run) for step in found.settle] == [("web", "r1"), ("api", "r1")]
        own = Unit("now", "rollback", ("jobs", "beat"))
        assert [(step.component, step.unit) for step in found.switch] == [("jobs", own), ("beat", own)]
        assert [(step.component, step.unit) for step in found.undo] == [("beat", own), ("jobs", own)]
