"""The listing as every release_info module returns it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._release.ways import ADOPT
from ansible_collections.steady.ops.plugins.module_utils._release_info import Unseen, list_out
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


@pytest.mark.parametrize(
    ("story", "history_unknown", "ids"),
    [
        (("a", "b"), "", ["unrecorded", "no_way_back"]),
        ((), "", ["unrecorded"]),
        (("a", "b"), "The ledger is gone.", ["history", "serving"]),
    ],
)
def test_what_is_listed_of_a_platform_that_gave_no_answer(
    story: tuple[str, ...], history_unknown: str, ids: list[str]
) -> None:
    history = [{"component": "api", **record} for record in records(*story)]
    options = {"history": history, "history_unknown": history_unknown}
    told = list_out(Unseen("AWS gives no answer."), options, "api")
    assert [(finding["id"], finding["severity"]) for finding in told["findings"]] == [(id, "unknown") for id in ids]
    assert any("What api serves is not known: AWS gives no answer" in line for line in told["lines"])
    shown = [] if history_unknown else [*reversed(story)]
    assert [(item["version"], item["serving"], item["artefact"]) for item in told["releases"]] == [
        (name, None, "unknown") for name in shown
    ]
