"""The filter dependency_order: the walk's order over hostvars, its errors as the engine shows them."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.steady.ops.plugins.filter.dependency_order import FilterModule, dependency_order

HOSTS: dict[str, dict[str, object]] = {"api": {"component_depends_on": ["database"]}, "database": {}}


def test_leaves_come_first() -> None:
    assert dependency_order(HOSTS, ["api", "database"]) == ["database", "api"]
    assert dependency_order(HOSTS, ["api"]) == ["api"]


def test_what_is_impossible_is_one_sentence() -> None:
    wrong = {"api": {"component_depends_on": ["databas"]}, "database": {}}
    with pytest.raises(AnsibleFilterError, match="names databas, which is no component"):
        dependency_order(wrong, ["api"])


def test_the_filter_has_its_name() -> None:
    assert FilterModule().filters() == {"dependency_order": dependency_order}
