"""The list of tools."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.plugin_utils._tools.all import TOOLS


def test_each_tool_is_loaded_under_its_own_name() -> None:
    assert [TOOLS[name].name for name in TOOLS] == [*TOOLS] and len(TOOLS) == len([*TOOLS])
    assert TOOLS.get("none") is None
