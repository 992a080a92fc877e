"""The gate platforms."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.plugin_utils._gates import (
    platforms,
)
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import (
    Component,
)
from tests.unit.plugins.plugin_utils._gates.gate_world import asks, text


def test_platforms() -> None:
    components = (
        Component("api", platform="apprunner"),
        Component("web", platform="compose"),
        Component("etl", platform="nomad", platform_role="acme.nomad.deploy"),
        Component("bare"),
    )
    verdicts = platforms.judge(asks(platforms=("apprunner",), components=components))
    assert text(verdicts) == [
        "refuse: web runs on compose, and deploy works on apprunner so far",
        "refuse: bare runs on no platform at all (component_platform is not set), and deploy works on apprunner so far",
    ]
    assert "component_platform_role, or leave it out with --limit '!web'" in verdicts[0].remedy
    # run again it would be refused again
    assert [verdict.next for verdict in verdicts] == ["ansible-playbook steady.ops.inventory_check"] * 2
    assert platforms.judge(asks(components=components)) == []
