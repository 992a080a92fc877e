"""What the front end's wiring itself decides; all else runs in tests/integration/test_guard.py."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.action.run_module import ActionModule, _said, _told

PERMIT = {"objects": [{"object": "toy/lab/api", "token": 1, "lease_deadline_path": "/run/lease-1.json"}]}


def made(own: str, delegated: str | None = None) -> Any:
    action = object.__new__(ActionModule)
    action._vars = {"inventory_hostname": own}
    action._task = SimpleNamespace(delegate_to=delegated, _uuid="u")
    return action


@pytest.mark.parametrize(
    ("own", "delegated", "host"),
    [
        ("web", "api", "api"),
        ("api", None, "api"),
        # delegated to a machine that is no object of the run: the task is about its own host
        ("api", "localhost", "api"),
        ("web", "localhost", "localhost"),
    ],
)
def test_a_task_is_about_the_component_it_is_delegated_to(own: str, delegated: str | None, host: str) -> None:
    assert made(own, delegated)._host(PERMIT) == host


def test_progress_goes_beside_the_deadline() -> None:
    assert made("api")._progress_path(PERMIT, "toy/lab/api") == "/run/progress-lease-1-u.jsonl"
    assert made("api")._progress_path(PERMIT, "toy/lab/web") == "" == made("api")._progress_path({}, "toy/lab/api")


@pytest.mark.parametrize(
    ("result", "told"),
    [
        ({}, {"failed": True, "msg": "The module ended without a result"}),
        ({"changed": False, "invocation": {"module_args": {"secret": 1}}}, {"changed": False}),
        ({"unreachable": True, "msg": "x"}, {"failed": True, "msg": "x"}),
    ],
)
def test_everything_that_is_no_answer_is_a_failure(result: dict[str, Any], told: dict[str, Any]) -> None:
    assert _told(result) == told


def test_errors_are_one_redacted_line() -> None:
    assert _said(ValueError("a\n  password=hunter2")) == "a password=********"
