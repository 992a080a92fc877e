"""Where a ledger may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._gates import (
    place,
)
from tests.unit.plugins.plugin_utils._gates.gate_world import LAB, LIVE


@pytest.mark.parametrize(
    ("environment", "marks", "found"),
    [
        ({}, (), ""),
        ({"AWX_HOST": "x"}, (), "AWX"),
        ({"AWX_ISOLATED_DATA_DIR": "x"}, (), "AWX"),
        ({"AWX_HOST": "x", "container": "podman"}, (), "AWX"),
        ({"container": "podman"}, (), "a container"),
        ({"KUBERNETES_SERVICE_HOST": "x"}, (), "a container"),
        ({}, ("/.dockerenv",), "a container"),
        ({}, ("/run/.containerenv",), "a container"),
        ({"container": "", "AWX_HOST": ""}, ("/etc",), ""),
    ],
)
def test_where_a_ledger_passes_away(environment: Mapping[str, str], marks: tuple[str, ...], found: str) -> None:
    assert place.is_passing(environment, marks.__contains__) == found
    assert bool(place.judge(LIVE, found)) is bool(found)
    assert place.judge(LAB, found) == [] == place.judge(replace(LIVE, ledger_persistent=True), found)
    assert place.judge(replace(LIVE, ledger="s3://bucket"), found) == []
