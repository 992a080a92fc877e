"""Whose a task is."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._runs.tasks import has_sentences, is_guard, is_ours, speaks
from tools.treehash import ROOT


def task(action: str = "ansible.builtin.fail", path: Path | str = "/x/play.yml", role: str | None = None) -> Any:
    of = SimpleNamespace(_role_collection=role) if role is not None else None
    return SimpleNamespace(action=action, resolved_action=None, _role=of, get_path=lambda: f"{path}:7")


@pytest.mark.parametrize(
    ("which", "ours"),
    [
        (task(role="steady.ops"), True),
        (task(role=""), False),
        (task(role="acme.toy", path=ROOT / "playbooks" / "deploy.yml"), False),
        (task(path=ROOT / "playbooks" / "deploy.yml"), True),
        (task(path=ROOT / ".ansible/collections/ansible_collections/steady/ops/playbooks/deploy.yml"), True),
        (task(path=ROOT / "molecule" / "default" / "converge.yml"), False),
        (task(path=""), False),
    ],
)
def test_ours_stands_in_a_role_or_playbook_of_the_collection(which: Any, ours: bool) -> None:
    assert is_ours(which) is ours


@pytest.mark.parametrize(
    ("action", "shown", "has"),
    [
        ("ansible.builtin.command", {"msg": "non-zero return code", "stderr": "why"}, False),
        ("acme.toy.toy_deploy", {"msg": "No.", "error_kind": "Refused"}, True),
        ("acme.toy.toy_deploy", {"msg": "No.", "plan": []}, True),
        ("steady.ops.pg_ping", {"msg": "No."}, True),
        ("steady.ops.pg_ping", {"msg": " "}, False),
        ("steady.ops.pg_ping", {"rc": 1}, False),
    ],
)
def test_a_failure_of_others_is_shown_whole(action: str, shown: dict[str, object], has: bool) -> None:
    assert has_sentences(task(action), shown) is has


def test_guard_and_modules_with_the_front_end() -> None:
    assert is_guard(task("steady.ops.guard")) and not is_guard(task("acme.toy.guard"))
    assert speaks(task("steady.ops.apprunner_deploy")) and not speaks(task("steady.ops.pg_ping"))
    assert not speaks(task("acme.toy.toy_deploy"))
