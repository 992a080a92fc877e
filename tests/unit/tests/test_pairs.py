from __future__ import annotations

import pytest

from tests.benchmarks.pairs import Comparison, Cost, compare


def costs(*walls: float) -> tuple[Cost, ...]:
    return tuple(Cost(wall, 0.0) for wall in walls)


def test_order_alternates_pair_by_pair() -> None:
    calls: list[str] = []
    compare(lambda: calls.append("a"), lambda: calls.append("b"))
    assert "".join(calls) == "abbaabbaabbaab"


def test_fewer_than_seven_pairs_are_refused() -> None:
    with pytest.raises(ValueError, match="6 pairs prove nothing: at least 7"):
        compare(lambda: None, lambda: None, pairs=6)


@pytest.mark.parametrize(
    ("walls", "limit", "holds"),
    [
        ((1.0, 1.0, 1.2), 1.0, True),
        ((1.0, 1.1, 1.1), 1.0, False),
        ((1.0, 1.0, 1.3), 1.0, False),
    ],
)
def test_median_meets_the_limit_and_the_worst_pair_stays_near(
    walls: tuple[float, ...], limit: float, holds: bool
) -> None:
    assert Comparison(costs(*walls), costs(1.0, 1.0, 1.0)).holds(limit) is holds
