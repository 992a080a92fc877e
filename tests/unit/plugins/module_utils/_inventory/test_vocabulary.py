"""What a component has to state, by kind, platform and environment."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.module_utils._inventory.vocabulary import required_paths


def test_a_component_that_only_a_command_can_ask_states_it() -> None:
    assert "component_probe.command" in required_paths("command", None, "lab")
    assert "component_probe.url" not in required_paths("command", None, "lab")


@pytest.mark.parametrize(
    ("kind", "platform", "environment", "identity"),
    [
        ("http", "apprunner", "lab", set()),
        ("http", "apprunner", "production", {"component_identity.aws_account", "component_identity.region"}),
        (
            "postgres",
            None,
            "production",
            {"component_identity.postgres_system_identifier", "component_identity.database"},
        ),
        ("job", "acme_nomad", "production", set()),
        ("command", None, "lab", set()),
        (None, None, None, set()),
    ],
)
def test_production_pins_who_it_is(
    kind: str | None, platform: str | None, environment: str | None, identity: set[str]
) -> None:
    paths = required_paths(kind, platform, environment)
    assert {path for path in paths if path.startswith("component_identity")} == identity
    assert {"ops_system", "ops_environment", "ops_ledger", "component_kind"} <= set(paths)
