"""The gate wish."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.plugin_utils._gates import wish
from tests.unit.plugins.plugin_utils._gates.gate_world import asks, text


def test_what_a_runbook_requires_is_said_by_the_run() -> None:
    assert wish.judge(asks()) == []
    (verdict,) = wish.judge(asks(lacks=("deploy_release",)))
    assert text([verdict]) == ["refuse: deploy_release is empty"] and verdict.firm
    assert verdict.next == "ansible-playbook x.yml -e deploy_release=NAME-OF-THE-RELEASE"
