"""The run of a tool."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._clock import SystemClock
from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._gates.identity import Caller
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Policy, Request
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger, initialise
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.processes import Process
from ansible_collections.steady.ops.plugins.plugin_utils._runs.door import Door, TurnedAway
from ansible_collections.steady.ops.plugins.plugin_utils._runs.next_command import Commands
from ansible_collections.steady.ops.plugins.plugin_utils._runs.tooling import carry_out
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.missed import Registered
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.register import Register
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.rule import rule_of
from ansible_collections.steady.ops.plugins.plugin_utils._tools.tool import Outcome, Tool
from tests.unit.plugins.plugin_utils._tools.tool_world import around


@dataclass
class Stage:
    """A toy tool that looks, on a ledger of its own."""

    ledger: Ledger
    base: Path
    said: list[str] = field(default_factory=list)

    def run(
        self, operate: Callable[..., Outcome], *, action: str = "look", schedule: str = "", **given: object
    ) -> dict[str, Any]:
        process = Process.of(os.getpid())
        assert process is not None
        door = Door(
            run="01A",
            process=process,
            runs=self.base / "runs",
            who={"user": "ann", "schedule": schedule},
            extra_names=[],
            ask_aws=lambda _connection: Caller("1", "r"),
            ask_machines=lambda _hosts: {},
            say=self.said.append,
            clock=SystemClock(),
            environment={},
        )
        policy = Policy("toy", "lab", self.ledger.url)
        commands = Commands(["ansible-playbook", "toy.yml"], exists=lambda path: False)
        request = Request("toy", action, "read", policy, (), tool=True, commands=commands)
        tool = Tool("toy", {"look": "read", "touch": "change"}, ("word",), operate)
        return carry_out(tool, request, given, around(policy), door)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(initialise(f"file://{tmp_path}/ledger", "toy", "lab")[0], tmp_path)


def test_what_a_tool_did_is_said_and_journalled(stage: Stage) -> None:
    result = stage.run(lambda *_asked: Outcome(True, ("done",), stage.ledger, {"reason": "why"}))
    assert (result["changed"], result["lines"], result["tool"], result["objects"]) == (
        True,
        ["done"],
        True,
        ["toy/lab"],
    )
    assert stage.said == [stage.said[0], "  done"] and stage.said[0].startswith("toy/lab | toy: look | run 01A | ")
    (event,) = stage.ledger.journal.events("01A")
    assert (event["event"], event["runbook"], event["reason"], event["lines"]) == ("opened", "toy", "why", ["done"])


def test_without_a_ledger_nothing_is_journalled_and_a_broken_journal_stops_no_tool(stage: Stage) -> None:
    stage.run(lambda *_asked: Outcome(False, (), None))
    assert stage.ledger.journal.events("01A") == []
    (stage.base / "ledger" / "journal" / "head").unlink()
    assert stage.run(lambda *_asked: Outcome(True, ("done",), stage.ledger))["changed"]
    assert stage.said[-1].startswith("  not journalled: The chain journal of the ledger ")


def test_a_tool_that_a_schedule_started_is_noted_although_it_fails(stage: Stage) -> None:
    register = Register(stage.ledger.store)
    rule = rule_of({"zone": "UTC", "days": ["daily"], "at": "00:00"}, "ops_schedules hourly")
    register.expect([Registered("hourly", rule, 0, 60, stage.ledger.store.now() - timedelta(days=3))])
    stage.run(lambda *_asked: Outcome(False, (), None))
    assert [each.seen for each in register.all()] == [None], "a person started it"
    with pytest.raises(TurnedAway):
        stage.run(lambda *_asked: Outcome(False, (), None, red="bad"), schedule="hourly")
    assert all(each.seen for each in register.all())
    (stage.base / "ledger" / "schedules").write_text("torn")
    stage.run(lambda *_asked: Outcome(False, (), None), schedule="hourly")
    assert "could not be noted" in stage.said[-1]
    shutil.rmtree(stage.base / "ledger")
    stage.run(lambda *_asked: Outcome(False, (), None), schedule="hourly")
    assert "could not be noted" not in stage.said[-1], "the tool says what is wrong with its ledger"


def test_a_refusal_carries_what_the_last_line_is_made_of(stage: Stage) -> None:
    def refuse(*_asked: object) -> Outcome:
        raise InvalidInput("No", remedy="Do", next={"playbook": "ledger"})

    with pytest.raises(TurnedAway) as caught:
        stage.run(refuse)
    assert str(caught.value) == "No. Do. Next: ansible-playbook steady.ops.ledger"
    result = caught.value.result
    assert (result["error_kind"], result["guard"], result["run"]) == ("InvalidInput", "refused", "01A")
    with pytest.raises(TurnedAway, match=r"toy_action is 'tuoch'.* Next: .* -e toy_action=touch -e toy_word=w"):
        stage.run(refuse, action="tuoch", word="w")


def test_a_tool_that_found_something_bad_ends_red_and_is_journalled(stage: Stage) -> None:
    with pytest.raises(TurnedAway, match="entry 3 is bad"):
        stage.run(lambda *_asked: replace(Outcome(False, ("looked",), stage.ledger), red="entry 3 is bad"))
    assert len(stage.ledger.journal.events("01A")) == 1 and stage.said[-1] == "  looked"
