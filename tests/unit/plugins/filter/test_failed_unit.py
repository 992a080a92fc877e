"""What a failed run over components says."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.filter.failed_unit import FilterModule, failed_unit


@pytest.mark.parametrize(
    ("failed", "undone", "says"),
    [
        (
            {"msg": "api did not pass. Next: x"},
            {"unit_told": "web was undone."},
            "web was undone. api did not pass. Next: x",
        ),
        ({"msg": "api did not pass"}, {}, "api did not pass"),
        ({"msg": "api did not pass"}, {"msg": "an earlier result"}, "api did not pass"),
        ({}, {}, "The run failed without a word"),
    ],
)
def test_components_come_before_the_reason(failed: dict[str, object], undone: dict[str, object], says: str) -> None:
    assert failed_unit(failed, undone) == says


def test_it_is_registered() -> None:
    assert FilterModule().filters() == {"failed_unit": failed_unit}
