"""Results of counted criteria in tests/soak/results: one JSON file per criterion, kept in the repository."""

from __future__ import annotations

import datetime
import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.treehash import ROOT, is_stale, tree_hash

RESULTS = ROOT / "tests" / "soak" / "results"


def write_result(
    criterion: str,
    *,
    seed: int,
    count: int,
    outcomes: Mapping[str, int],
    covers: Sequence[str],
    seconds: float,
    directory: Path = RESULTS,
    root: Path = ROOT,
) -> Path:
    """Write one criterion's result: ``count`` cases from ``seed``, how many ended how, and the hash of what it covers.

    ``covers`` are paths relative to the root. Returns the file's path.
    """
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=False)
    result = {
        "criterion": criterion,
        "commit": commit.stdout.strip() or "unknown",
        "tree": tree_hash(covers, root),
        "covers": sorted(covers),
        "seed": seed,
        "count": count,
        "outcomes": dict(sorted(outcomes.items())),
        "seconds": round(seconds, 1),
        "recorded_at": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    directory.mkdir(parents=True, exist_ok=True)
    page = directory / f"{criterion}.json"
    beside = page.with_suffix(".json.new")
    beside.write_text(json.dumps(result, indent=2) + "\n")
    beside.replace(page)
    return page


def read_results(directory: Path = RESULTS) -> Iterator[dict[str, Any]]:
    """Yield the recorded results in the order of their names."""
    for page in sorted(directory.glob("*.json")):
        yield json.loads(page.read_text())


def stale_results(directory: Path = RESULTS, root: Path = ROOT) -> list[str]:
    """Return one line for each result whose covered files changed since it was recorded."""
    return [
        f"STALE {result['criterion']}: recorded {result['recorded_at']} at {result['commit'][:12]}, "
        f"{', '.join(result['covers'])} changed since (make soak ARGS={result['criterion']})"
        for result in read_results(directory)
        if is_stale(result["tree"], result["covers"], root)
    ]
