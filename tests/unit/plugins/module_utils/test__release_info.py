"""The listing as every release_info module returns it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._release.ways import ADOPT
from ansible_collections.steady.ops.plugins.module_utils._release_info import list_out
from tests.release_world import MemoryPlatform, World
from tests.unit.plugins.module_utils._release.stories import records, release


@pytest.mark.parametrize(
    ("story", "why", "ids", "following"),
    [
        (("a", "b"), "", [release("b").id, release("a").id], {}),
        ((), "", [], ADOPT),
        (("a",), "the ledger is gone", [], {}),
    ],
)
def test_what_is_listed(story: tuple[str, ...], why: str, ids: list[str], following: dict[str, Any]) -> None:
    platform = MemoryPlatform(World(configured="b", behaviour={"a": "good", "b": "good"}))
    options = {"history": [{"component": "api", **record} for record in records(*story)], "history_unknown": why}
    told = list_out(platform, options, "shop-api")
    assert ([item["id"] for item in told["releases"]], told["next"], told["changed"]) == (ids, following, False)
    assert bool(told["findings"]) is (not ids)
    assert ("No release is recorded; adopting what serves begins." in told["lines"]) is (following == ADOPT)
