"""What a tool is asked for."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._tools.all import TOOLS


def test_without_an_action_a_tool_reads() -> None:
    for tool in TOOLS.values():
        assert tool.actions[tool.choose("", {})] == "read"
        assert f"{tool.name}_action" in tool.variables


def test_an_unknown_action_is_named_with_the_nearest() -> None:
    with pytest.raises(InvalidInput, match=r"lease_action is 'holds'\. Use one of show, hold, lift, break\.") as caught:
        TOOLS["lease"].choose("holds", {"object": "api"})
    told = {"lease_action": "hold", "lease_object": "api"}
    assert caught.value.next == {"playbook": "lease", "variables": told}
    with pytest.raises(InvalidInput) as caught:
        TOOLS["lease"].choose("open sesame", {})
    assert caught.value.next == {"playbook": "lease"}
