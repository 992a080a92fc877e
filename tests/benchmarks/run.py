"""`make bench`: every benchmark beside its null benchmark, with what a reader needs to judge the numbers.

A benchmark is a module tests/benchmarks/bench_<name>.py with two functions, ``side_a()`` and ``side_b()``, and
``LIMIT``, the largest median of a's time over b's that its criterion allows; or, where the criterion is absolute, with
one function ``measure()`` that returns its figures and ``holds``. Results are kept in tests/benchmarks/results/.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.pairs import circumstances, compare

HERE = Path(__file__).resolve().parent


def run_benchmark(name: str) -> bool:
    """Run one benchmark and its null benchmark, print both as one JSON line, say whether the criterion holds."""
    module: Any = importlib.import_module(f"tests.benchmarks.bench_{name}")
    before = circumstances()
    if hasattr(module, "measure"):
        report = {"benchmark": name, **module.measure(), "before": before, "load_after": os.getloadavg()}
        record(name, report)
        return bool(report["holds"])
    measured = compare(module.side_a, module.side_b)
    null = compare(module.side_b, module.side_b)
    holds = measured.holds(module.LIMIT)
    report = {
        "benchmark": name,
        "limit": module.LIMIT,
        "holds": holds,
        "measured": measured.as_dict(),
        "null": null.as_dict(),
        "before": before,
        "load_after": os.getloadavg(),
    }
    record(name, report)
    return holds


def record(name: str, report: dict[str, Any]) -> None:
    """Print the figures and keep them beside the benchmarks."""
    text = json.dumps({"commit": revision(), **report}, indent=1)
    print(text, flush=True)
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / f"{name}.json").write_text(f"{text}\n")


def revision() -> str:
    """Return the commit that was measured."""
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=HERE, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def main(names: Sequence[str]) -> int:
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    # as in the tests: some measure the plugins themselves
    sys.path.insert(0, str(HERE.parents[1] / ".ansible" / "collections"))
    known = [module.stem.removeprefix("bench_") for module in sorted(HERE.glob("bench_*.py"))]
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise SystemExit(f"no such benchmark: {', '.join(unknown)}; there are: {', '.join(known) or 'none yet'}")
    if not known:
        print("make bench: NOT RUN, there is no tests/benchmarks/bench_<name>.py yet")
    verdicts = [run_benchmark(name) for name in names or known]
    print(f"make bench: {sum(verdicts)} hold, {len(verdicts) - sum(verdicts)} do not")
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
