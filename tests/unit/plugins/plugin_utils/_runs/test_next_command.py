"""The next command names the same inventory and another playbook."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._runs.next_command import next_command


@pytest.mark.parametrize(
    ("argv", "wanted", "expected"),
    [
        (["playbooks/deploy.yml"], {"playbook": "rollback"}, "ansible-playbook playbooks/rollback.yml"),
        (
            ["-i", "my inventory", "playbooks/deploy.yml", "-e", "deploy_release=2"],
            {"playbook": "rollback"},
            "ansible-playbook playbooks/rollback.yml -i 'my inventory'",
        ),
        (
            ["steady.ops.deploy", "--inventory=prod.yml", "--limit", "api"],
            {"playbook": "releases"},
            "ansible-playbook steady.ops.releases --inventory=prod.yml --limit api",
        ),
        (
            ["-i", "inventories/prod.yml", "steady.ops.deploy"],
            {"playbook": "rollback", "variables": {"rollback_to": "a; b"}},
            "ansible-playbook steady.ops.rollback -i inventories/prod.yml -e 'rollback_to=a; b'",
        ),
        (["playbooks/deploy.yml"], {}, ""),
    ],
)
def test_the_command_is_copied_as_it_stands(argv: list[str], wanted: dict[str, object], expected: str) -> None:
    assert next_command(argv, wanted) == expected
