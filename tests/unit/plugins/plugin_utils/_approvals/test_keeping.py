"""Keeping the plan of a check run."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._clock import SystemClock
from ansible_collections.steady.ops.plugins.module_utils._redact import Redactor
from ansible_collections.steady.ops.plugins.plugin_utils._approvals.keeping import again, kept
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger
from ansible_collections.steady.ops.plugins.plugin_utils._runs.conductor import Conductor
from ansible_collections.steady.ops.plugins.plugin_utils._runs.next_command import Commands
from tests.unit.plugins.plugin_utils._approvals.approval_world import API, World

PERMIT = {"run": "01C", "mode": "check", "keep_plan": True}
RESULT: dict[str, object] = {"plan_hash": "h", "plan": [{"state": "would do", "sentence": "Write hunter22"}]}


def conductor(ledger: Ledger | None, said: list[str], module: str = "a.b.toy_deploy") -> Conductor:
    return Conductor(module, API, lambda options, check: {}, ledger, said.append, SystemClock(), Redactor(["hunter22"]))


def test_a_plan_is_journalled_without_its_secrets(tmp_path: Path) -> None:
    ledger = World(tmp_path).ledger
    assert kept(conductor(ledger, []), PERMIT, RESULT) is RESULT
    (event,) = ledger.journal.events("01C")
    assert event["event"] == "planned" and event["steps"] == ["Write ********"] and event["plan_hash"] == "h"


@pytest.mark.parametrize(
    ("permit", "result", "module"),
    [
        ({**PERMIT, "mode": "real"}, RESULT, "a.b.toy_deploy"),
        ({**PERMIT, "keep_plan": False}, RESULT, "a.b.toy_deploy"),
        (None, RESULT, "a.b.toy_deploy"),
        (PERMIT, {**RESULT, "failed": True}, "a.b.toy_deploy"),
        (PERMIT, RESULT, "a.b.toy_info"),
    ],
)
def test_nothing_else_is(tmp_path: Path, permit: object, result: dict[str, object], module: str) -> None:
    ledger = World(tmp_path).ledger
    kept(conductor(ledger, [], module), permit, result)
    assert ledger.journal.events() == []


def test_a_plan_that_cannot_be_journalled_is_said_to_be_none_to_approve() -> None:
    said: list[str] = []
    assert kept(conductor(None, said), PERMIT, RESULT) is RESULT
    assert said[0].startswith("  this plan cannot be approved, because it is not journalled: The ledger of toy/")


def test_another_plan_is_looked_at_first() -> None:
    commands = Commands(["ansible-playbook", "x.yml"])
    other = {"error_kind": "Refused", "details": {"plan_hash": "h"}}
    assert again(commands, other) == "ansible-playbook x.yml --check"
    for result in ({**other, "error_kind": "LeaseLost"}, {**other, "details": {}}, {"error_kind": "Refused"}):
        assert again(commands, result) == "ansible-playbook x.yml"
