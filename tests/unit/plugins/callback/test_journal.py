"""Which playbooks the journal records; how it ends them runs in tests/integration/test_guard.py."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.callback.journal import CallbackModule, _guarded


def task(action: str) -> Any:
    return SimpleNamespace(action=action, resolved_action=action)


def block(*tasks: Any, rescue: tuple[Any, ...] = (), always: tuple[Any, ...] = ()) -> Any:
    return SimpleNamespace(block=list(tasks), rescue=list(rescue), always=list(always))


@pytest.mark.parametrize(
    ("tasks", "ours"),
    [
        ([], False),
        ([task("ansible.builtin.debug")], False),
        ([block(task("ansible.builtin.debug"), block(task("steady.ops.guard")))], True),
        ([block(task("x"), always=(task("steady.ops.guard"),))], True),
    ],
)
def test_a_playbook_that_calls_the_guard_is_ours(tasks: list[Any], ours: bool) -> None:
    assert _guarded(tasks) is ours


def test_a_foreign_playbook_leaves_no_trace() -> None:
    callback = CallbackModule()
    playbook = SimpleNamespace(get_plays=lambda: [SimpleNamespace(tasks=[task("x")])], _file_name="/x.yml")
    callback.v2_playbook_on_start(playbook)
    callback.v2_runner_on_ok(SimpleNamespace())
    callback.v2_playbook_on_stats(SimpleNamespace())
    assert callback._record is None
