"""One switch on virtual time: begun once, waited for, compared, probed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import (
    AccessDenied,
    AnswerLost,
    InvalidInput,
    LeaseLost,
    NotFound,
    RequestRefused,
    Throttled,
    Unreachable,
)
from ansible_collections.steady.ops.plugins.module_utils._release.attempt import (
    Attempt,
    End,
    attempt,
    follow,
    judge,
    wait,
)
from ansible_collections.steady.ops.plugins.module_utils._release.values import Ending, Observation
from tests.release_world import digest_of
from tests.unit.plugins.module_utils._release.stories import Stage, label, release


def outcome(stage: Stage, name: str = "b", **more: Any) -> Attempt:
    return attempt(stage.crew(**more), release(name))


def test_what_is_settled() -> None:
    assert {end for end in End if not Attempt(end).settled} == {End.STUCK, End.UNSEEN}


class TestBegin:
    def test_one_call_and_a_verdict(self) -> None:
        stage = Stage()
        like = Observation(ref="as it was")
        done = attempt(stage.crew(), release("b"), like=like)

        assert (done.end, done.why, done.explanation) == (End.VERIFIED, "", ())
        assert done.operation is not None
        assert done.proof is not None
        assert (done.operation.id, done.proof.passed) == ("op-1", True)
        assert (stage.world.mutations, stage.platform.likes) == (1, [like])
        assert stage.prober.asked == [(release("b").id, False)]
        assert stage.said[0] == f"switching to {label('b')}"
        assert stage.said[-1] == f"probing {label('b')}"

    @pytest.mark.parametrize(
        "error", [RequestRefused, AccessDenied, NotFound, AnswerLost], ids=lambda error: error.__name__
    )
    def test_what_certainly_began_nothing(self, error: type[Exception]) -> None:
        stage = Stage()
        stage.platform.before["switch"] = [error("The platform said no")]

        done = outcome(stage)

        assert (done.end, done.why, done.operation) == (End.NOT_BEGUN, "The platform said no.", None)
        assert len(stage.platform.likes) == 1, "a call whose answer is lost is never sent again"

    def test_an_answer_that_nobody_can_look_for_leaves_it_open(self) -> None:
        stage = Stage()
        stage.platform.after["switch"] = [Unreachable("Whether it was carried out cannot be seen")]

        done = outcome(stage)

        assert (done.end, done.why) == (End.UNSEEN, "Whether it was carried out cannot be seen.")
        assert len(stage.platform.likes) == 1

    def test_only_what_was_throttled_is_sent_again_after_pauses(self) -> None:
        stage = Stage()
        stage.platform.before["switch"] = [Throttled("Too many calls")] * 4

        done = outcome(stage)

        assert done.end is End.VERIFIED
        assert len(stage.platform.likes) == 5
        assert stage.said[1:5] == ["Too many calls."] * 4
        assert 37.0 + 60.0 <= stage.world.clock.seconds < 37.0 + 60.0 + 16.0

    def test_throttling_without_an_end_begins_nothing(self) -> None:
        stage = Stage()
        stage.platform.before["switch"] = [Throttled("Too many calls")] * 8

        assert outcome(stage) == Attempt(End.NOT_BEGUN, "Too many calls.")
        assert (stage.world.mutations, stage.world.clock.seconds) == (0, 127.0)

    @pytest.mark.parametrize(("until", "calls"), [(0.0, 0), (6.0, 2), (36.9, 4)])
    def test_no_call_begins_after_the_lease_is_lost(self, until: float, calls: int) -> None:
        stage = Stage()
        stage.lease_until = until
        stage.platform.before["switch"] = [Throttled("Too many calls")] * 4

        with pytest.raises(LeaseLost):
            outcome(stage)

        assert (len(stage.platform.likes), stage.world.mutations) == (calls, 0)


class TestWait:
    def waiting(self, **behaviour: str) -> Stage:
        stage = Stage(**behaviour)
        stage.world.begin("b")
        return stage

    def test_the_pauses_grow_to_fifteen_seconds(self) -> None:
        stage = self.waiting()
        stage.world.operations[0]["until"] = 200.0
        times: list[float] = []
        stage.platform.after["progress"] = [
            lambda found: (times.append(stage.world.clock.seconds), found)[1] for _number in range(99)
        ]

        assert wait(stage.crew(), stage.operation()).end is End.VERIFIED
        pauses = [round(later - sooner, 2) for sooner, later in zip([0.0, *times], times, strict=False)]
        assert pauses[:3] == [5.0, 6.25, 7.81]
        assert pauses[-1] == max(pauses) == 15.0

    def test_a_long_poll_is_kept(self) -> None:
        stage = self.waiting()
        wait(stage.crew(poll_seconds=30.0), stage.operation())
        assert stage.world.clock.seconds == 60.0

    def test_it_says_how_long_it_waits(self) -> None:
        stage = self.waiting()
        wait(stage.crew(), stage.operation())
        assert stage.said[0] == "waiting: UPDATE running, 5.0 s"
        assert stage.said[-1].startswith("waiting: UPDATE succeeded, 1 min ")

    def test_it_says_since_when_there_is_no_answer(self) -> None:
        stage = self.waiting()
        stage.platform.before["progress"] = [None, Unreachable("No network"), Unreachable("No network"), None]
        wait(stage.crew(), stage.operation())
        assert stage.said[:4] == [
            "waiting: UPDATE running, 5.0 s",
            "waiting: no answer about UPDATE since 2026-01-01T00:00:05Z: No network",
            "waiting: no answer about UPDATE since 2026-01-01T00:00:05Z: No network",
            "waiting: UPDATE running, 29 s",
        ]

    @pytest.mark.parametrize(
        ("behaviour", "end", "status"),
        [("good", End.VERIFIED, ""), ("reverts", End.REVERTED, "REVERTED"), ("fails", End.FAILED, "FAILED")],
    )
    def test_how_it_ends(self, behaviour: str, end: End, status: str) -> None:
        stage = self.waiting(b=behaviour)
        crew = stage.crew()

        done = wait(crew, stage.operation())

        assert done.end is end
        assert done.why == (f"the platform ended it with {status}" if status else "")
        assert done.explanation == (("last words of op-1",) if status else ())
        assert [known.id for known in crew.operations] == ["op-1"]

    def test_one_that_has_ended_is_not_asked_again(self) -> None:
        stage = self.waiting()
        stage.world.clock.sleep(60.0)
        stage.world.advance()
        assert wait(stage.crew(), stage.operation()).end is End.VERIFIED
        assert stage.said == []

    def test_one_without_an_end_is_stuck(self) -> None:
        stage = self.waiting()
        stage.world.operations[0]["until"] = 9999.0
        crew = stage.crew(switch_seconds=100.0)

        done = wait(crew, stage.operation())

        assert (done.end, done.settled) == (End.STUCK, False)
        assert done.why == "operation op-1 is still RUNNING after 1 min 40 s"
        assert done.explanation == ("last words of op-1",)
        assert stage.world.clock.seconds == 100.0
        assert [known.status for known in crew.operations] == ["RUNNING"]

    def test_one_that_cannot_be_seen_is_not_called_stuck(self) -> None:
        stage = self.waiting()
        stage.platform.before["progress"] = [Unreachable("No network")] * 999

        done = wait(stage.crew(switch_seconds=100.0), stage.operation())

        assert done.end is End.UNSEEN
        assert done.why == "there is no answer about operation op-1 since 2026-01-01T00:00:00Z: No network."
        assert done.explanation == ()

    def test_errors_on_the_way_are_waited_out(self) -> None:
        stage = self.waiting()
        stage.platform.before["progress"] = [Unreachable("x"), Throttled("x"), NotFound("x"), InvalidInput("x")]
        assert wait(stage.crew(), stage.operation()).end is End.VERIFIED

    def test_credentials_that_ran_out_end_the_wait(self) -> None:
        stage = self.waiting()
        stage.platform.before["progress"] = [AccessDenied("The credentials expired")]
        crew = stage.crew()

        done = wait(crew, stage.operation())

        assert (done.end, done.why) == (End.UNSEEN, "The credentials expired.")
        assert [known.id for known in crew.operations] == ["op-1"]

    def test_the_lease_is_proved_at_each_look(self) -> None:
        stage = self.waiting()
        stage.lease_until = 20.0
        with pytest.raises(LeaseLost):
            wait(stage.crew(), stage.operation())
        assert stage.world.clock.seconds < 30.0

    def test_an_explanation_that_fails_is_told_and_loses_nothing(self) -> None:
        stage = self.waiting(b="fails")
        stage.platform.before["explain"] = [Unreachable("The log is gone")]
        done = wait(stage.crew(), stage.operation())
        assert (done.end, done.explanation) == (End.FAILED, ("No explanation could be read: The log is gone.",))


class TestJudge:
    def ended(self, **behaviour: str) -> Stage:
        stage = Stage(**behaviour)
        stage.world.outside("b")
        return stage

    def judged(self, stage: Stage, **more: Any) -> Attempt:
        return judge(stage.crew(**more), release("b"), stage.operation())

    def test_the_right_one_that_passes(self) -> None:
        assert self.judged(self.ended()).end is End.VERIFIED

    def test_the_right_one_that_fails(self) -> None:
        done = self.judged(self.ended(b="bad"))
        assert (done.end, done.why) == (End.REJECTED, "b answers 500")
        assert done.explanation == ("last words of op-1",)

    def test_what_passed_and_does_not_stay_is_rejected(self) -> None:
        stage = self.ended()
        restarting = Observation(unknown_because="it restarts again and again", last_operation="op-1")
        stage.platform.after["observe"] = [None, lambda _: restarting]
        done = self.judged(stage)
        assert (done.end, done.why) == (End.REJECTED, "it did not stay: it restarts again and again")

    def test_what_is_configured_otherwise_in_the_end_is_rejected(self) -> None:
        stage = self.ended()
        stage.platform.after["observe"] = [None, *[lambda seen: replace(seen, digest=digest_of("a"))] * 99]
        done = self.judged(stage)
        assert (done.end, done.why) == (End.REJECTED, f"it did not stay: {release('a').id} is configured now")

    def test_a_stale_answer_after_the_probe_is_waited_out_too(self) -> None:
        stage = self.ended()
        stage.platform.after["observe"] = [None, *[lambda seen: replace(seen, digest=digest_of("a"))] * 2]
        assert self.judged(stage).end is End.VERIFIED

    def test_a_stale_answer_is_waited_out(self) -> None:
        stage = self.ended()
        old = stage.platform.observe()
        stage.platform.after["observe"] = [lambda _: replace(old, digest=digest_of("a"))] * 3
        began = stage.world.clock.seconds

        assert self.judged(stage).end is End.VERIFIED
        assert stage.world.clock.seconds - began == 15.0

    @pytest.mark.parametrize(
        ("seen", "serves"),
        [
            (Observation(digest=digest_of("a"), last_operation="op-1"), release("a").id),
            (Observation(unknown_because="the tag x was pushed again"), "the tag x was pushed again"),
            (Observation(), "something else"),
        ],
    )
    def test_a_success_that_serves_another_is_none(self, seen: Observation, serves: str) -> None:
        stage = self.ended()
        stage.platform.after["observe"] = [lambda _: seen] * 99

        done = self.judged(stage)

        assert done.end is End.REJECTED
        assert done.why == f"the platform reported SUCCEEDED but is configured for {serves}"
        assert stage.prober.asked == [], "what is not configured is not probed"
        assert stage.world.clock.seconds == 120.0

    def test_the_lease_is_proved_while_a_stale_answer_is_waited_out(self) -> None:
        stage = self.ended()
        stage.platform.after["observe"] = [lambda _: Observation()] * 99
        stage.lease_until = 70.0
        with pytest.raises(LeaseLost):
            self.judged(stage)

    def test_another_change_before_the_probe(self) -> None:
        stage = self.ended()
        operation = stage.operation()
        stage.world.begin("c")

        done = judge(stage.crew(), release("b"), operation)

        assert (done.end, done.why) == (End.OUTSIDE, "another change was begun in the middle")
        assert stage.prober.asked == []

    @pytest.mark.parametrize("behaviour", ["good", "bad"])
    def test_another_change_during_the_probe(self, behaviour: str) -> None:
        stage = self.ended(b=behaviour)
        stage.prober.then = [lambda: stage.world.begin("c")]

        done = self.judged(stage)

        assert done.end is End.OUTSIDE
        assert done.proof is not None

    def test_operations_of_ours_and_from_before_are_no_other_change(self) -> None:
        stage = self.ended()
        crew = stage.crew()
        before = replace(stage.operation(), id="op-0")
        assert not crew.moved_on(Observation(last_operation=""), before)
        assert not replace(crew, mark="op-1").moved_on(Observation(last_operation="op-1"), before)
        assert crew.moved_on(Observation(last_operation="op-1"), before)
        crew.operations.append(stage.operation())
        assert not crew.moved_on(Observation(last_operation="op-1"), before)


class TestFollow:
    @pytest.mark.parametrize("error", [Unreachable("No network"), AccessDenied("The credentials expired")])
    @pytest.mark.parametrize("looks", [0, 1])
    def test_what_cannot_be_compared_is_unseen(self, error: Exception, looks: int) -> None:
        stage = Stage()
        stage.world.begin("b")
        stage.platform.before["observe"] = [*[None] * looks, error]

        done = follow(stage.crew(), release("b"), stage.operation())

        assert (done.end, done.why) == (End.UNSEEN, str(error))
        assert done.operation is not None
        assert done.operation.ending is Ending.SUCCEEDED

    def test_what_did_not_succeed_is_not_probed(self) -> None:
        stage = Stage(b="reverts")
        stage.world.begin("b")
        assert follow(stage.crew(), release("b"), stage.operation()).end is End.REVERTED
        assert stage.prober.asked == []
