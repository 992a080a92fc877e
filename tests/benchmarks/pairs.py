"""Two ways of doing the same thing, measured so that the machine's mood cannot decide.

Both sides run in pairs, the order within a pair alternates; the verdict is the median of the ratios within the pairs.
A null benchmark, one side against itself, runs beside it and shows how large a difference means nothing here.
"""

from __future__ import annotations

import os
import platform
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

LEAST_PAIRS = 7
WORST_OVER_LIMIT = 1.25  # the worst pair may exceed the limit by this factor (DESIGN section 10)

Side = Callable[[], object]


@dataclass(frozen=True)
class Cost:
    """What one run of one side took: wall seconds and CPU seconds of this process and its finished children."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Comparison:
    """Costs of side ``a`` and side ``b``, pair by pair."""

    a: tuple[Cost, ...]
    b: tuple[Cost, ...]

    def ratios(self) -> list[float]:
        """Return a's wall time over b's, for each pair."""
        return [left.wall / right.wall for left, right in zip(self.a, self.b, strict=True)]

    def holds(self, limit: float) -> bool:
        """Say whether the median ratio meets ``limit`` and the worst pair stays within 1.25 times of it."""
        ratios = self.ratios()
        return statistics.median(ratios) <= limit and max(ratios) <= limit * WORST_OVER_LIMIT

    def as_dict(self) -> dict[str, Any]:
        """Return median, least and greatest ratio, and the median CPU seconds of each side."""
        ratios = self.ratios()
        return {
            "pairs": len(ratios),
            "ratio": {"median": statistics.median(ratios), "min": min(ratios), "max": max(ratios)},
            "cpu_seconds": {
                "a": statistics.median(cost.cpu for cost in self.a),
                "b": statistics.median(cost.cpu for cost in self.b),
            },
        }


def compare(a: Side, b: Side, pairs: int = LEAST_PAIRS, measure: Callable[[Side], Cost] | None = None) -> Comparison:
    """Run ``a`` and ``b`` in ``pairs`` pairs, each order in turn."""
    if pairs < LEAST_PAIRS:
        raise ValueError(f"{pairs} pairs prove nothing: at least {LEAST_PAIRS}")
    cost_of = measure or cost
    costs: tuple[list[Cost], list[Cost]] = ([], [])
    for number in range(pairs):
        for side in (0, 1) if number % 2 == 0 else (1, 0):
            costs[side].append(cost_of((a, b)[side]))
    return Comparison(tuple(costs[0]), tuple(costs[1]))


def cost(side: Side) -> Cost:
    """Run ``side`` once and return what it took."""
    cpu, wall = _cpu_seconds(), time.perf_counter()
    side()
    return Cost(time.perf_counter() - wall, _cpu_seconds() - cpu)


def circumstances() -> dict[str, Any]:
    """Return what a reader needs to judge the numbers: load, cores, versions."""
    return {
        "load": os.getloadavg(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "kernel": platform.release(),
    }


def _cpu_seconds() -> float:
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in usage)
