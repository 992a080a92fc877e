"""steady.ops beside what else is done: community.general.deploy_helper with tasks, and copying and restarting.

Two things in one run: what becomes of the same 12 bad releases in each way, judged from outside, and how long a good
release takes, in interleaved pairs. Limit: at most half the wall time of the form out of tasks. All three ways use the
same supervisor, archives and windows; ours takes lease, ledger, journal and plan beside, which the others do not have.
"""

from __future__ import annotations

from typing import Any

from tests.benchmarks.pairs import LEAST_PAIRS, compare
from tests.benchmarks.release_dir_sides import BAD, COPY, OURS, TASKS, Side

LIMIT = 0.5


def measure() -> dict[str, Any]:
    """Deploy good and bad releases in all ways; return outcomes, ratios and whether the limits hold."""
    sides = {way: Side(way) for way in (OURS, TASKS, COPY)}
    try:
        outcomes = _outcomes(sides)
        first, versions = {}, {way: iter(range(100, 1000)) for way in sides}

        def deploy(way: str) -> None:
            version = f"{next(versions[way])}.0.0"
            sides[way].push(version)
            sides[way].good(version)
            first.setdefault(way, version)

        for way in (OURS, TASKS):
            deploy(way)
        measured = compare(lambda: deploy(OURS), lambda: deploy(TASKS), LEAST_PAIRS)
        null = compare(lambda: deploy(OURS), lambda: deploy(OURS), LEAST_PAIRS)
    finally:
        for side in sides.values():
            side.close()
    ours = [outcomes[name][OURS] for name in BAD]
    return {
        "holds": measured.holds(LIMIT) and all(word == "red, what served is back" for word in ours),
        "limit": LIMIT,
        "measured": {**measured.as_dict(), "seconds": _seconds(measured)},
        "null": {**null.as_dict(), "seconds": _seconds(null)},
        "outcomes": outcomes,
        "sums": {way: _sum([outcomes[name][way] for name in BAD]) for way in sides},
    }


def _outcomes(sides: dict[str, Side]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {name: {} for name in BAD}
    for way, side in sides.items():
        side.push("1.0.0")
        side.good("1.0.0")
        before = "1.0.0"
        for number, (name, behaviour) in enumerate(BAD.items(), start=1):
            if side.observer.look().version != before:
                # the way left the bad one; the next case begins with a good one again
                before = f"1.{number}.0"
                side.push(before)
                side.good(before)
            bad = f"2.{number}.0"
            side.push(bad, behaviour)
            found[name][way] = side.outcome(bad, before, side.deploy(bad))
    return found


def _seconds(measured: Any) -> dict[str, list[float]]:
    return {name: [round(cost.wall, 1) for cost in getattr(measured, name)] for name in "ab"}


def _sum(words: list[str]) -> dict[str, int]:
    return {word: words.count(word) for word in sorted(set(words))}
