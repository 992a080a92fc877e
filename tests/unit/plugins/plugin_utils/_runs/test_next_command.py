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
        (
            ["-iprod.yml", "-lapi", "playbooks/deploy.yml", "--check", "-e", "x=1", "--vault-id=a@b"],
            {"playbook": "rollback"},
            "ansible-playbook playbooks/rollback.yml -iprod.yml -lapi --vault-id=a@b",
        ),
        (
            ["-i", "one.yml", "-i", "two.yml", "deploy.yml", "--inventory-file", "three.yml"],
            {"playbook": "rollback", "variables": {"rollback_to": 2, "rollback_reason": ""}},
            "ansible-playbook steady.ops.rollback -i one.yml -i two.yml --inventory-file three.yml"
            " -e rollback_to=2 -e rollback_reason=",
        ),
        (["playbooks/deploy.yml"], {}, ""),
        (["playbooks/deploy.yml"], {"playbook": None, "variables": {"x": 1}}, ""),
        (["playbooks/deploy.yaml"], {"playbook": "x", "variables": "y"}, "ansible-playbook playbooks/x.yml"),
    ],
)
def test_the_command_is_copied_as_it_stands(argv: list[str], wanted: dict[str, object], expected: str) -> None:
    assert next_command(argv, wanted) == expected
