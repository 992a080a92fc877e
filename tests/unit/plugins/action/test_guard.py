"""What the guard's wiring itself decides; all else runs in tests/integration/test_guard.py."""

from __future__ import annotations

import os

import pytest
from ansible import context
from ansible.module_utils.common.collections import ImmutableDict

from ansible_collections.steady.ops.plugins.action import guard


@pytest.mark.parametrize(
    ("sources", "shown"),
    [
        ([f"{os.getcwd()}/inventories/lab.yml"], "inventories/lab.yml"),
        (["/a b/c.yml", "/d.yml"], "'/a b/c.yml' -i /d.yml"),
    ],
)
def test_commands_name_the_inventory_shortly(monkeypatch: pytest.MonkeyPatch, sources: list[str], shown: str) -> None:
    monkeypatch.setattr(context, "CLIARGS", ImmutableDict(inventory=sources))
    assert guard._inventory() == shown
