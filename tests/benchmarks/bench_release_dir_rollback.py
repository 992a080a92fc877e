"""How long a rollback of a release directory takes inside the module, its probe included; beside it the same run again
and a run that changes nothing.

Limit: 2 s in the median. The windows in which an application must run steadily and pass its probe are settings of the
component; here they are short, stand in the result, and are part of the figures.
"""

from __future__ import annotations

import statistics
from typing import Any

from tests.faults_release_dir.arena import Driver, Machine

PAIRS = 7
LIMIT = 2.0
WINDOWS = {"steady_seconds": 0.5, "consecutive": 2, "interval_seconds": 0.05, "stability_seconds": 0.3}


def measure() -> dict[str, Any]:
    """Roll back PAIRS times on either side; return the figures and whether the limit holds."""
    driver = Driver()
    machine = Machine.make(driver)
    machine.options = {"steady_seconds": WINDOWS["steady_seconds"]}
    machine.probe_changes = {name: WINDOWS[name] for name in WINDOWS if name != "steady_seconds"}
    try:
        machine.deployed()
        sides: tuple[list[float], list[float]] = ([], [])
        idle: list[float] = []
        for number in range(PAIRS):
            for side in (0, 1) if number % 2 == 0 else (1, 0):
                sides[side].append(_rollback(machine, f"{number}.{side + 2}.0"))
            idle.append(_took(machine.conduct(release="1.0.0")))
    finally:
        machine.close()
        driver.close()
    median = statistics.median(sides[0])
    return {
        "holds": median <= LIMIT and max(sides[0]) <= LIMIT * 1.25,
        "limit_seconds": LIMIT,
        "windows": WINDOWS,
        "rollback_seconds": _summary(sides[0]),
        "null_seconds": _summary(sides[1]),
        "null_ratio": round(median / statistics.median(sides[1]), 3),
        "nothing_to_do_seconds": _summary(idle),
    }


def _rollback(machine: Machine, version: str) -> float:
    machine.push(version)
    _took(machine.conduct(release=version))
    took = _took(machine.conduct(state="rolled_back"))
    seen = machine.observer.look()
    if (seen.version, seen.good) != ("1.0.0", True):
        raise RuntimeError(f"1.0.0 does not serve: {seen}")
    return took


def _took(result: dict[str, Any]) -> float:
    if result.get("failed"):
        raise RuntimeError(str(result.get("msg")))
    return float(result["duration_seconds"])


def _summary(values: list[float]) -> dict[str, float]:
    found = {"median": statistics.median(values), "min": min(values), "max": max(values)}
    return {name: round(value, 2) for name, value in found.items()}
