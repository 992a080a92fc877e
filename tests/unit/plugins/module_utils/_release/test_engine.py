"""The decision table of the documentation, row by row, and what the engine reads and predicts."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.steady.ops.plugins.module_utils._errors import LeaseLost, NotFound, Refused
from ansible_collections.steady.ops.plugins.module_utils._plan import State
from ansible_collections.steady.ops.plugins.module_utils._release.values import Observation, Release
from ansible_collections.steady.ops.plugins.module_utils._release.ways import deployment
from tests.release_world import Killed, World, digest_of, drive, history_of
from tests.unit.plugins.module_utils._release.stories import Stage, label, records, release

GOOD = dict.fromkeys("abcdef", "good")


def world(serving: str = "a", *story: str, **behaviour: str) -> World:
    """Return a world in which a release serves; without a story it was adopted."""
    made = World(configured=serving, behaviour={**GOOD, **behaviour})
    made.records = records(*(story or (serving,)))
    return made


def served(where: World) -> list[str]:
    return [where.name_of(history_of(where).releases[id].digest) for id in history_of(where).served]


def verdicts(where: World) -> dict[str, str]:
    known = history_of(where)
    return {where.name_of(known.releases[id].digest): word for id, (word, _why) in known.verdicts.items()}


def kinds(result: dict[str, Any]) -> list[tuple[str, str]]:
    return [(step["kind"], step["state"]) for step in result["plan"]]


def findings(result: dict[str, Any]) -> list[str]:
    return [finding["id"] for finding in result["findings"]]


def kill_at_every_effect(begin: Callable[[], World], **options: Any) -> list[World]:
    """Return the worlds that a run leaves when it is killed at its first, second ... last effect."""
    left = []
    for moment in itertools.count():
        where = begin()
        where.effects, where.kill_after = 0, moment
        try:
            drive(where, **options)
        except Killed:
            where.kill_after = None
            left.append(where)
        else:
            return left
    raise AssertionError


class TestDeploy:
    def test_the_wanted_release_live_and_probed(self) -> None:
        where = world()
        result: Any = drive(where, release="b")

        assert (result["failed"], result["changed"], result["rolled_back"]) == (False, True, False)
        assert result["msg"] == f"api serves {label('b')} instead of {label('a')}"
        assert (result["serving"]["version"], result["previous"]["version"]) == ("b", "a")
        assert kinds(result) == [("switch", "done")]
        assert (served(where), verdicts(where)) == (["a", "b"], {"a": "verified", "b": "verified"})
        assert where.records[-2]["from"] == release("a").id

    @pytest.mark.parametrize(
        ("behaviour", "why", "mutations"),
        [
            ("bad", "b answers 500 (last words: last words of op-1)", 2),
            (
                "reverts",
                "the platform ended it with REVERTED and returned by itself (last words: last words of op-1)",
                1,
            ),
            ("fails", "the platform ended it with FAILED (last words: last words of op-1)", 2),
        ],
    )
    def test_row_s_serves_and_passes_and_n_fails(self, behaviour: str, why: str, mutations: int) -> None:
        where = world(b=behaviour)
        result: Any = drive(where, release="b")

        assert (result["failed"], result["rolled_back"], result["intent_open"]) == (True, True, False)
        assert result["msg"] == (
            f"api went back to {label('a')}: {label('b')} did not pass, {why}. Serving now: {label('a')}"
        )
        assert (where.configured, where.mutations) == ("a", mutations)
        assert (served(where), verdicts(where)) == (["a", "a"], {"a": "verified", "b": "failed"})
        assert kinds(result) == [("switch", "undone")]
        assert result["next"] == {"playbook": "releases"}
        assert where.records[-2]["from"] == release("b").id, "an undo comes from what did not pass"

    def test_row_s_is_another_tools(self) -> None:
        where = world(b="bad")
        where.outside("c")
        result: Any = drive(where, release="b")

        assert (result["failed"], result["rolled_back"], where.configured) == (True, True, "c")
        assert findings(result) == ["outside_change"]
        assert kinds(result) == [("adopt", "done"), ("switch", "undone")]
        assert served(where) == ["a", "c", "c"]
        adopted = [record for record in where.records if record.get("how") == "outside"]
        assert [record["from"] for record in adopted] == [release("a").id]

    def test_row_s_fails_already_and_its_rollback_target_is_good(self) -> None:
        where = world("c", "a", c="bad", b="bad")
        result: Any = drive(where, release="b")

        assert (result["failed"], result["rolled_back"], where.configured) == (True, True, "a")
        assert f"Serving now: {label('a')}" in result["msg"]
        assert verdicts(where) == {"a": "verified", "b": "failed"}

    def test_row_s_fails_already_the_platform_reverts_to_it_and_the_target_is_better(self) -> None:
        where = world("c", "a", c="bad", b="reverts")
        result: Any = drive(where, release="b")

        assert (result["rolled_back"], where.configured, where.mutations) == (True, "a", 2)

    def test_row_s_fails_already_and_so_does_its_rollback_target(self) -> None:
        where = world("c", "a", c="bad", b="bad", a="bad")
        result: Any = drive(where, release="b")

        assert (result["failed"], result["rolled_back"], result["intent_open"]) == (True, False, False)
        assert result["msg"].startswith(
            f"{label('b')} did not pass on api (b answers 500), and going back to {label('a')} failed: a answers 500"
        )
        assert result["serving"] is None
        assert result["explanation"] == ["last words of op-1", "last words of op-2"]

    def test_row_s_fails_already_and_nothing_served_before(self) -> None:
        where = world("a", "a", a="bad")
        result: Any = drive(where, release="b")
        assert (result["failed"], where.mutations) == (True, 0)
        assert result["msg"].startswith("There is no way back from this deployment of api")

    @pytest.mark.parametrize(("behaviour", "now"), [("bad", label("b")), ("fails", "not known")])
    def test_row_no_way_back_and_n_fails(self, behaviour: str, now: str) -> None:
        where = world("a", "a", a="bad", b=behaviour)
        result: Any = drive(where, release="b", without_way_back=True)

        assert (result["failed"], result["rolled_back"], where.configured) == (True, False, "b")
        assert "did not pass on api and there is nothing to go back to" in result["msg"]
        assert result["msg"].endswith(f"Serving now: {now}")
        assert verdicts(where)["b"] == "failed"

    def test_row_no_way_back_and_the_platform_returns_to_what_fails(self) -> None:
        where = world("a", "a", a="bad", b="reverts")
        result: Any = drive(where, release="b", without_way_back=True)

        assert (result["failed"], result["rolled_back"], where.configured) == (True, False, "a")
        assert f"{label('a')} serves again and fails its probe: a answers 500" in result["msg"]

    def test_row_nothing_serves(self) -> None:
        where = World(behaviour=dict(GOOD))
        result: Any = drive(where, release="b")
        assert (result["failed"], where.mutations) == (True, 0)
        assert result["msg"] == (
            "There is no way back from this deployment of api: nothing serves yet."
            " If that is meant, say so with deploy_without_way_back."
        )
        assert result["next"] == {
            "playbook": "deploy",
            "variables": {"deploy_release": "b", "deploy_without_way_back": True},
        }
        result = drive(where, release="b", without_way_back=True)
        assert (result["failed"], result["msg"]) == (False, f"api serves {label('b')}")
        assert (where.configured, served(where)) == ("b", ["b"])

    def test_row_nothing_serves_and_the_first_release_fails(self) -> None:
        where = World(behaviour={**GOOD, "b": "bad"})
        result: Any = drive(where, release="b", without_way_back=True)
        assert (result["failed"], result["rolled_back"], where.mutations) == (True, False, 1)

    def test_row_n_serves_already_and_passes(self) -> None:
        where = world()
        before = list(where.records)
        result: Any = drive(where, release="a")

        assert (result["failed"], result["changed"], where.mutations) == (False, False, 0)
        assert (where.records, result["plan"]) == (before, [])

    def test_row_n_serves_already_and_fails(self) -> None:
        where = world(a="bad")
        result: Any = drive(where, release="a")
        assert (result["failed"], where.mutations) == (True, 0)

    def test_the_way_back_itself_by_name(self) -> None:
        where = world("c", "a", c="bad")
        result: Any = drive(where, release="a")
        assert (result["failed"], where.configured) == (False, "a")

    def test_an_artefact_that_is_gone_is_refused_also_when_the_ledger_knows_its_name(self) -> None:
        where = world("b", "a", "b")
        where.deleted.add("a")
        result: Any = drive(where, release="a")
        assert (result["failed"], where.mutations) == (True, 0)
        assert result["msg"] == "deploy_release 'a' is no image."

    def test_what_the_platform_does_not_know_by_that_name_the_ledger_may(self) -> None:
        where = world("b", "a", "b")
        result: Any = drive(where, release=release("a").id[:6])
        assert (result["failed"], where.configured) == (False, "a")

    def test_a_name_that_nobody_knows(self) -> None:
        assert drive(world(), release="1.9.0")["msg"] == "deploy_release '1.9.0' is no image."


class TestKilledDeploy:
    def left(self, **behaviour: str) -> list[World]:
        return kill_at_every_effect(lambda: world("b", "a", "b", **behaviour), release="c")

    def test_row_the_same_again_finishes_it(self) -> None:
        for where in self.left():
            result: Any = drive(where, release="c")
            assert (result["failed"], where.configured, verdicts(where).get("c")) == (False, "c", "verified")
            assert history_of(where).intent is None

    def test_row_the_same_again_and_it_fails(self) -> None:
        for where in self.left(c="bad"):
            where.clock.sleep(200)
            result: Any = drive(where, release="c")
            assert (result["failed"], where.configured, verdicts(where).get("c")) == (True, "b", "failed")
            assert result["rolled_back"]

    def test_row_another_release_after_it_is_put_back(self) -> None:
        for where in self.left():
            where.clock.sleep(200)
            result: Any = drive(where, release="d")
            assert (result["failed"], where.configured, verdicts(where)["d"]) == (False, "d", "verified")
            assert served(where)[-1] == "d"

    def test_row_a_rollback_puts_it_back_or_goes_one_back(self) -> None:
        for where in self.left():
            begun = where.mutations > 0
            known = release("c").id in history_of(where).served
            result: Any = drive(where, action="rollback")
            assert not result["failed"]
            assert where.configured == ("b" if begun or known else "a")

    @pytest.mark.parametrize("name", ["c", release("c").id, release("c").digest])
    def test_row_a_rollback_from_it_by_any_name_ends_where_it_began(self, name: str) -> None:
        for where in self.left():
            where.clock.sleep(200)
            if where.mutations == 0 or history_of(where).intent is None:
                continue
            result: Any = drive(where, action="rollback", rollback_from=name)
            assert (result["failed"], where.configured) == (False, "b"), result["msg"]

    def test_nothing_is_adopted_over_it(self) -> None:
        for where in self.left():
            if history_of(where).intent is not None:
                assert drive(where, action="adopt")["failed"]


class TestKilledRollback:
    def left(self, **behaviour: str) -> list[World]:
        def begin() -> World:
            return world("c", "a", "b", "c", **behaviour)

        return [where for where in kill_at_every_effect(begin, action="rollback") if where.mutations]

    def test_row_a_rollback_finishes_it_and_ends(self) -> None:
        for where in self.left():
            done = history_of(where).intent is None
            result: Any = drive(where, action="rollback")
            assert (result["failed"], where.configured) == (False, "a" if done else "b")

    def test_row_the_same_rollback_from_finishes_it_or_changes_nothing(self) -> None:
        for where in self.left():
            result: Any = drive(where, action="rollback", rollback_from=release("c").id)
            assert (result["failed"], where.configured) == (False, "b")
            result = drive(where, action="rollback", rollback_from=release("c").id)
            assert (result["failed"], result["changed"], where.configured) == (False, False, "b")

    def test_row_a_deploy_settles_it_and_then_deploys(self) -> None:
        for where in self.left():
            result: Any = drive(where, release="d")
            assert (result["failed"], where.configured) == (False, "d"), result["msg"]
            assert verdicts(where)["d"] == "verified"

    def test_row_a_deploy_of_its_target_finishes_it(self) -> None:
        for where in self.left():
            result: Any = drive(where, release="b")
            assert (result["failed"], where.configured) == (False, "b")

    def test_row_a_rollback_to_another_target_goes_on_to_it(self) -> None:
        for where in self.left():
            result: Any = drive(where, action="rollback", rollback_to="a")
            assert (result["failed"], where.configured) == (False, "a"), result["msg"]

    def test_row_a_rollback_to_the_same_target_ends_there(self) -> None:
        for where in self.left():
            result: Any = drive(where, action="rollback", rollback_to="b")
            assert (result["failed"], where.configured) == (False, "b")

    def test_row_its_target_fails(self) -> None:
        for where in self.left(b="bad"):
            where.clock.sleep(200)
            if history_of(where).intent is None:
                continue
            result: Any = drive(where, action="rollback")
            assert (result["failed"], where.configured) == (True, "c")
            assert verdicts(where) == {"a": "verified", "b": "failed", "c": "verified"}


class TestOutsideInTheMiddle:
    @pytest.mark.parametrize("behaviour", ["good", "bad"])
    @pytest.mark.parametrize("action", ["deploy", "rollback"])
    def test_row_nothing_of_theirs_is_undone(self, action: str, behaviour: str) -> None:
        stage = Stage("b", ("a", "b"), a=behaviour)
        stage.prober.then = [lambda: stage.world.outside("d")]
        result = stage.settle(action, release="a" if action == "deploy" else "")

        assert (result.failed, result.rolled_back, result.intent_open) == (True, False, False)
        assert result.sentence == (
            "api was changed by another tool during this run (another change was begun in the middle);"
            f" it is configured for d now. Serving now: {release('d').id}"
        )
        assert [finding.id for finding in result.findings] == ["outside_change"]
        assert result.serving is not None
        assert (result.serving.digest, stage.world.configured) == (digest_of("d"), "d")
        assert result.entries == ()

    def test_row_while_their_operation_runs_nobody_knows_what_serves(self) -> None:
        stage = Stage()
        stage.prober.then = [lambda: stage.world.begin("d")]
        result = stage.settle(release="b")

        assert (result.failed, result.serving, stage.world.mutations) == (True, None, 2)
        assert result.sentence.endswith("it is configured for d now. Serving now: not known")
        assert result.next == {"playbook": "releases"}

    def test_row_nor_where_their_tool_paused_it(self) -> None:
        stage = Stage()

        def theirs() -> None:
            stage.world.outside("d")
            paused: Any = lambda seen: replace(seen, obstacle="The service is paused")  # noqa: E731
            stage.platform.after["observe"] = [None, paused]

        stage.prober.then = [theirs]
        assert stage.settle(release="b").serving is None

    def test_row_also_while_going_back(self) -> None:
        stage = Stage(b="bad")
        stage.prober.then = [None, lambda: stage.world.outside("d")]
        result = stage.settle(release="b")

        assert (result.failed, result.rolled_back, stage.world.configured) == (True, False, "d")
        assert [finding.id for finding in result.findings] == ["outside_change"]
        assert "it is configured for d now" in result.sentence


class TestRollback:
    def test_row_one_back_and_never_to_and_fro(self) -> None:
        where = world("c", "a", "b", "c")
        for expected in "ba":
            result: Any = drive(where, action="rollback")
            assert (result["failed"], where.configured) == (False, expected)
        assert result["msg"] == f"api serves {label('a')} again instead of {label('b')}"
        assert verdicts(where) == {"a": "verified", "b": "withdrawn", "c": "withdrawn"}
        result = drive(where, action="rollback")
        assert (result["failed"], where.configured) == (True, "a")

    def test_the_reason_is_recorded(self) -> None:
        where = world("b", "a", "b")
        drive(where, action="rollback", reason="orders are lost")
        assert history_of(where).verdicts[release("b").id] == ("withdrawn", "orders are lost")

    def test_row_t_fails_and_s_passed(self) -> None:
        where = world("c", "d", "a", "c", a="bad")
        result: Any = drive(where, action="rollback")

        assert (result["failed"], result["rolled_back"], where.configured) == (True, True, "c")
        assert verdicts(where) == {"d": "verified", "a": "failed", "c": "verified"}
        assert result["msg"].endswith(f"Serving now: {label('c')}. Next candidates: {label('d')}")

    def test_row_t_fails_and_s_failed_already(self) -> None:
        where = world("c", "d", "a", "c", a="bad", c="bad")
        result: Any = drive(where, action="rollback")

        assert (result["failed"], result["rolled_back"], where.configured) == (True, False, "a")
        assert verdicts(where) == {"d": "verified", "a": "failed", "c": "withdrawn"}
        assert history_of(where).verdicts[release("c").id][1] == "rolled back; it failed its probe"
        assert result["msg"].endswith(f"Serving now: {label('a')}. Next candidates: {label('d')}")
        assert result["next"] == {"playbook": "rollback"}
        result = drive(where, action="rollback")
        assert (result["failed"], where.configured) == (False, "d")

    @pytest.mark.parametrize("behaviour", ["good", "bad"])
    def test_the_reason_of_a_person_is_kept_whatever_becomes_of_it(self, behaviour: str) -> None:
        where = world("c", "a", "c", a=behaviour, c="bad")
        drive(where, action="rollback", reason="orders are lost")
        assert history_of(where).verdicts[release("c").id] == ("withdrawn", "orders are lost")

    def test_row_t_fails_and_there_is_no_other(self) -> None:
        where = world("c", "a", "c", a="bad")
        result: Any = drive(where, action="rollback")
        assert result["msg"].endswith("There is no other candidate")

    def test_row_no_t(self) -> None:
        where = world()
        result: Any = drive(where, action="rollback")
        assert (result["failed"], where.mutations) == (True, 0)
        assert result["msg"].endswith(f"Recorded are: {label('a')} verified.")

    def test_row_its_artefact_is_gone(self) -> None:
        where = world("b", "a", "b")
        where.deleted.add("a")
        result: Any = drive(where, action="rollback")
        assert (result["failed"], where.mutations) == (True, 0)
        assert "its artefact no longer exists. Name another" in result["msg"]

    def test_row_a_named_target_whose_artefact_is_gone(self) -> None:
        where = world("c", "a", "b", "c")
        where.deleted.add("a")
        result: Any = drive(where, action="rollback", rollback_to="a")
        assert (result["failed"], where.mutations) == (True, 0)

    def test_row_rollback_from_what_was_rolled_back(self) -> None:
        where = world("b", "a", "b")
        drive(where, action="rollback", rollback_from="b")
        kept = list(where.records)
        result: Any = drive(where, action="rollback", rollback_from="b")
        assert (result["failed"], result["changed"], where.records) == (False, False, kept)

    def test_what_another_tool_put_there_is_adopted_and_withdrawn(self) -> None:
        where = world()
        where.outside("b")
        result: Any = drive(where, action="rollback")
        assert (result["failed"], where.configured) == (False, "a")
        assert (findings(result), verdicts(where)["b"]) == (["outside_change"], "withdrawn")


class TestCheckMode:
    @pytest.mark.parametrize("action", ["deploy", "rollback", "adopt"])
    def test_row_plan_and_diff_and_nothing_else(self, action: str) -> None:
        stage = Stage("b", ("a",))
        result = stage.settle(action, check=True, release="c" if action == "deploy" else "")

        assert {step.state for step in result.steps} == {State.WOULD_DO}
        assert (result.failed, result.entries, stage.world.mutations) == (False, (), 0)
        changes = action != "adopt"
        assert (result.before != result.after) is changes
        assert bool(result.intent) is changes
        assert [finding.id for finding in result.findings] == ["outside_change"]

    def test_the_intent_says_enough_to_settle_it(self) -> None:
        stage = Stage()
        stage.world.outside("a")
        stage.platform.differ = {"memory": ("1 GB", "2 GB"), "cpu": ("1 vCPU", "2 vCPU")}
        result = stage.settle(release="b", check=True)

        assert result.intent == {
            "kind": "intent",
            "runbook": "deploy",
            "components": {
                "api": {
                    "from": release("a").id,
                    "to": release("b").id,
                    "from_release": release("a").as_dict(),
                    "to_release": release("b").as_dict(),
                    "back_release": release("a").as_dict(),
                    "mark": "op-1",
                    "settings": ["cpu", "memory"],
                    "put_back_mark": "",
                    "was_verified": False,
                }
            },
        }
        assert result.after == {
            "serving": label("b"),
            "digest": digest_of("b"),
            "cpu": "2 vCPU",
            "memory": "2 GB",
        }
        assert result.before == {
            "serving": label("a"),
            "digest": digest_of("a"),
            "cpu": "1 vCPU",
            "memory": "1 GB",
        }

    def test_a_refusal_is_a_finding(self) -> None:
        result = Stage(serving="", story=()).settle(release="b", check=True)
        assert result.refused.startswith("There is no way back from this deployment of api: nothing serves yet.")
        assert [(item.id, item.severity.value) for item in result.findings] == [("refused", "critical")]
        assert result.before == {"serving": None, "digest": None}

    def test_an_open_intent_is_shown(self) -> None:
        stage = Stage("b")
        stage.leave_open("b")
        result = stage.settle(release="c", check=True)
        assert result.intent is not None
        assert (result.intent["run"], result.intent_open) == ("r0", True)
        assert [item.id for item in result.findings] == ["unfinished_run"]

    def test_the_plan_is_that_of_the_real_run(self) -> None:
        planned = Stage().settle(release="b", check=True)
        done = Stage().settle(release="b")
        assert planned.plan.hash == done.plan.hash
        assert planned.as_dict().keys() == done.as_dict().keys()
        assert done.duration_seconds >= 60.0


class TestReal:
    def test_a_plan_that_was_not_shown_is_refused(self) -> None:
        stage = Stage()
        object.__setattr__(stage.permit, "approved_plan_hashes", ("sha256:other",))
        with pytest.raises(Refused, match="no longer the one that was shown"):
            stage.settle(release="b")
        assert stage.world.mutations == 0

    def test_a_refusal_stops_the_real_run(self) -> None:
        with pytest.raises(Refused, match="There is no way back"):
            Stage(serving="", story=()).settle(release="b")

    def test_a_lease_that_is_lost_before_the_first_step_touches_nothing(self) -> None:
        stage = Stage()
        stage.lease_until = 0.0
        with pytest.raises(LeaseLost):
            stage.settle(release="b")
        assert stage.world.mutations == 0


class TestReading:
    def test_an_obstacle_ends_the_reading(self) -> None:
        stage = Stage()
        stage.platform.after["observe"] = [lambda _: Observation(obstacle="The service is paused")]
        with pytest.raises(Refused, match="The service is paused"):
            stage.settle("rollback")
        assert stage.prober.asked == []

    def test_what_serves_is_probed_briefly_by_its_own_recorded_probe(self) -> None:
        stage = Stage()
        stage.settle(release="a")
        assert stage.prober.asked == [(release("a").id, True)]

    def test_the_version_of_what_is_not_recorded_is_the_one_it_states(self) -> None:
        stage = Stage("b", ())
        result = stage.settle("adopt")
        assert result.release is not None
        assert result.release.version == "b"

    def test_another_tools_operation_refuses_the_real_run(self) -> None:
        stage = Stage()
        stage.world.begin("c")
        with pytest.raises(Refused, match=r"Operation op-1 \(UPDATE, RUNNING\) is under way"):
            stage.settle(release="b")

    @pytest.mark.parametrize("named", ["a", digest_of("a")])
    def test_adopting_what_cannot_be_known_takes_the_operators_word(self, named: str) -> None:
        stage = Stage("a", ())
        stage.world.behaviour[digest_of("a")] = "good"
        stage.platform.resolve = lambda selector: release("a")  # type: ignore[method-assign]
        stage.platform.after["observe"] = [lambda seen: replace(seen, digest=None, unknown_because="moved")]
        result = stage.settle("adopt", release=named)
        assert (result.failed, [step.kind for step in result.steps]) == (False, ["adopt"])

    def test_deploying_over_what_cannot_be_known_goes_back_to_what_served_last(self) -> None:
        stage = Stage("a", ("a",), b="bad")
        stage.platform.after["observe"] = [lambda seen: replace(seen, digest=None, unknown_because="moved")]
        result = stage.settle(release="b")
        assert (result.failed, result.rolled_back, stage.world.configured) == (True, True, "a")

    def test_adopting_under_another_name_than_what_serves_is_refused(self) -> None:
        with pytest.raises(Refused, match="so nothing is adopted"):
            Stage("a", ()).settle("adopt", release="b")

    def test_a_name_that_fits_two_recorded_releases_is_not_guessed(self) -> None:
        stage = Stage()
        with pytest.raises(NotFound):
            stage.settle(release="zzzz")

    @pytest.mark.parametrize(("action", "more"), [("deploy", {}), ("adopt", {"deploy_action": "adopt"})])
    def test_the_nearest_to_a_name_that_is_not_there_is_what_was_asked_for(
        self, monkeypatch: pytest.MonkeyPatch, action: str, more: dict[str, str]
    ) -> None:
        def resolve(_selector: str) -> Release:
            raise NotFound("No", next=deployment("b"))

        stage = Stage()
        monkeypatch.setattr(stage.platform, "resolve", resolve)
        with pytest.raises(NotFound) as caught:
            stage.settle(action, release="zzzz")
        assert caught.value.next == deployment("b", **more)


good_and_bad = st.fixed_dictionaries({name: st.sampled_from(["good", "bad", "reverts", "fails"]) for name in "bcdef"})
commands = st.lists(
    st.tuples(st.sampled_from(["deploy", "rollback", "adopt", "outside"]), st.sampled_from("abcdef")), max_size=6
)


@given(good_and_bad, commands, st.sampled_from("abcdef"))
def test_whatever_happened_a_repeated_command_changes_nothing(
    behaviour: dict[str, str], story: list[tuple[str, str]], last: str
) -> None:
    where = world(**behaviour)
    for what, name in story:
        if what == "outside":
            where.outside(name)
        else:
            drive(where, action=what, release=name if what == "deploy" else "")
    for options in ({"release": last}, {"action": "adopt"}):
        if drive(where, **options)["failed"]:
            continue
        kept, mutations = list(where.records), where.mutations
        again = drive(where, **options)
        assert (again["failed"], again["changed"]) == (False, False), again["msg"]
        assert (where.records, where.mutations) == (kept, mutations)
    left = release(where.configured).id
    if left in history_of(where).releases and not drive(where, action="rollback", rollback_from=left)["failed"]:
        mutations = where.mutations
        again = drive(where, action="rollback", rollback_from=left)
        assert (again["failed"], again["changed"], where.mutations) == (False, False, mutations), again["msg"]
