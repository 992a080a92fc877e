"""Whom to tell what, as stories of one channel."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._told.channels import Channel
from ansible_collections.steady.ops.plugins.plugin_utils._told.deciding import (
    Course,
    Message,
    State,
    decide,
    standing,
    state_after,
)
from ansible_collections.steady.ops.plugins.plugin_utils._told.events import RECOVERY, Event
from tests.unit.plugins.plugin_utils._told.told_world import HOUR, NOW, channel, event


class Story:
    """A channel that gets everything that it is sent, and what it was told so far."""

    def __init__(self, *channels: Channel) -> None:
        self.channels = channels
        self.states: list[State] = []

    def tells(self, *events: Event, at: datetime = NOW, arrives: bool = True) -> list[Message]:
        course = decide(self.channels, events, self.states, at)
        self.states = self.after(course, at, arrives)
        return list(course.messages)

    def after(self, course: Course, at: datetime, arrives: bool) -> list[State]:
        arrived = course.messages if arrives else ()
        kept = [*course.kept, *(state for message in arrived if (state := state_after(message, at)))]
        gone = {*course.over, *(state.place for message in arrived for state in message.ends)}
        states = {state.place: state for state in [*self.states, *kept]}
        return [state for place, state in states.items() if place not in gone]


RECOVERED = event(RECOVERY, summary="deploy ended well")


def test_the_same_state_stays_silent_and_its_recovery_is_told_once() -> None:
    story = Story(channel())
    (first,) = story.tells(event())
    assert (first.repeat, first.since, first.thread) == (0, "", "")
    assert story.tells(event(run="01B"), at=NOW + HOUR) == []
    (over,) = story.tells(RECOVERED, at=NOW + 2 * HOUR)
    assert [(state.rule, state.count) for state in over.ends] == [("failed", 2)]
    assert (over.since, over.thread) == ("2026-11-21T03:00:00Z", "01A")
    assert story.tells(RECOVERED, at=NOW + 3 * HOUR) == [] and story.states == []
    assert len(story.tells(event(), at=NOW + 3 * HOUR)) == 1, "a failure after a recovery is a new one"


def test_a_state_that_goes_on_is_told_again_after_its_quiet_hours() -> None:
    story = Story(channel())
    story.tells(event())
    assert story.tells(event(), at=NOW + 3 * HOUR) == []
    (again,) = story.tells(event(run="01C"), at=NOW + 4 * HOUR)
    assert (again.repeat, again.since, again.thread) == (2, "2026-11-21T03:00:00Z", "01A")
    assert story.tells(event(), at=NOW + 5 * HOUR) == []


@pytest.mark.parametrize(
    "other", [{"state": "another cause"}, {"source": "backup.create"}, {"object": "toy/production/web"}]
)
def test_another_cause_runbook_or_object_is_another_state(other: dict[str, str]) -> None:
    story = Story(channel())
    story.tells(event())
    assert len(story.tells(event(**other))) == 1


def test_a_rule_that_changes_is_told_and_one_recovery_ends_both() -> None:
    story = Story(channel())
    story.tells(event())
    assert len(story.tells(event("rolled_back"))) == 1
    (over,) = story.tells(RECOVERED)
    assert {state.rule for state in over.ends} == {"failed", "rolled_back"}


@pytest.mark.parametrize("kind", ["webhook", "pagerduty"])
def test_what_can_be_edited_is_sent_again_with_its_number(kind: str) -> None:
    story = Story(channel(kind))
    assert [message.repeat for _n in range(3) for message in story.tells(event())] == [0, 1, 2]


def test_what_did_not_arrive_is_told_the_next_time() -> None:
    story = Story(channel())
    story.tells(event(), arrives=False)
    assert len(story.tells(event())) == 1
    story.tells(RECOVERED, arrives=False)
    assert len(story.tells(RECOVERED)) == 1


def test_a_success_of_another_runbook_is_no_recovery() -> None:
    story = Story(channel())
    story.tells(event(source="backup.create"))
    assert story.tells(RECOVERED) == [] and len(story.states) == 1


def test_only_who_was_told_of_the_failure_is_told_of_the_recovery() -> None:
    quiet, loud = channel(on=["critical", "recovery"]), channel("webhook", name="hook")
    story = Story(quiet, loud)
    assert [message.channel.name for message in story.tells(event())] == ["hook"]
    assert [message.channel.name for message in story.tells(RECOVERED)] == ["hook"]


def test_a_channel_that_hears_of_no_recovery_hears_of_the_next_failure() -> None:
    story = Story(channel(on=["failed"]))
    story.tells(event())
    assert story.tells(RECOVERED) == [] and story.states == []
    assert len(story.tells(event())) == 1


def test_a_failure_of_several_is_over_when_each_has_recovered() -> None:
    both = ("toy/production/api", "toy/production/web")
    story = Story(channel())
    story.tells(event(object="toy/production", members=both))
    assert story.tells(RECOVERED) == [] and story.states[0].members == both[1:]
    assert story.tells(event(RECOVERY, object="toy/production/db")) == []
    (over,) = story.tells(event(RECOVERY, object=both[1]))
    assert over.ends[0].object == "toy/production"


def test_a_repeated_failure_of_more_objects_waits_for_all_of_them() -> None:
    story = Story(channel())
    story.tells(event(object="toy/production", members=("a",)))
    assert story.tells(event(object="toy/production", members=("b",))) == []
    assert story.states[0].members == ("a", "b")


def test_a_recovery_may_end_some_rules_only() -> None:
    story = Story(channel())
    story.tells(event("critical"))
    assert story.tells(event(RECOVERY, recovers=("failed",))) == []
    assert len(story.tells(event(RECOVERY, recovers=("critical",)))) == 1


def test_a_failure_and_its_finding_are_one_message() -> None:
    story = Story(channel())
    assert [message.event.rule for message in story.tells(event(), event("critical"), event("override"))] == [
        "failed",
        "override",
    ]
    only_findings = Story(channel(on=["critical"]))
    assert [message.event.rule for message in only_findings.tells(event(), event("critical"))] == ["critical"]


def test_every_override_and_every_test_is_told() -> None:
    story = Story(channel(on=["override"]))
    assert [len(story.tells(event(rule))) for rule in ("override", "override", "test", "test")] == [1, 1, 1, 1]
    assert story.states == []


def test_a_lab_tells_only_who_says_so() -> None:
    assert Story(channel()).tells(event(lab=True)) == []
    assert len(Story(channel(lab=True)).tells(event(lab=True))) == 1
    assert len(Story(channel(lab=True)).tells(event())) == 1


def test_without_a_ledger_everything_is_told_but_recoveries() -> None:
    course = decide([channel()], [event(), RECOVERED], None, NOW)
    assert [message.event.rule for message in course.messages] == ["failed"]


def test_states_are_kept_as_records_and_forgotten_after_90_days() -> None:
    story = Story(channel())
    story.tells(event())
    (state,) = story.states
    assert State.from_dict(state.as_dict()) == state
    assert standing([state], NOW + timedelta(days=89)) == [state] and standing([state], NOW + timedelta(days=90)) == []
    with pytest.raises(ValueError):
        State.from_dict({**state.as_dict(), "members": "x"})
