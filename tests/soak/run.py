"""`make soak`: every counted criterion in full, from its fixed seed, with the result recorded.

What a criterion is stands in tests/soak/plugin.py.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.soak.results import write_result
from tools.treehash import ROOT

HERE = ROOT / "tests" / "soak"


def criterion_of(module: Path) -> dict[str, Any]:
    """Return the module's CRITERION without importing it; a criterion without one is an error of the module."""
    for node in ast.parse(module.read_text()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "CRITERION":
            return dict(ast.literal_eval(node.value))
    raise SystemExit(f"{module.name} states no CRITERION: add count, sample, seed and covers")


def run_criterion(module: Path) -> bool:
    """Run one module in full and write its result; only a run in which all passed is recorded."""
    criterion = criterion_of(module)
    name = module.stem.removeprefix("test_")
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        tally = Path(scratch) / "outcomes.json"
        command = [sys.executable, "-m", "pytest", str(module), "-q", "--full", "-n", "2", f"--soak-tally={tally}"]
        passed = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode == 0
        outcomes = json.loads(tally.read_text()) if tally.exists() else {}
    seconds = time.monotonic() - started
    print(f"soak {name}: {'passed' if passed else 'FAILED'}, {outcomes}, {seconds:.0f} s", flush=True)
    if passed:
        write_result(
            name,
            seed=criterion["seed"],
            count=criterion["count"],
            outcomes=outcomes,
            covers=[*criterion["covers"], module.relative_to(ROOT).as_posix()],
            seconds=seconds,
        )
    return passed


def main(names: Sequence[str]) -> int:
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    modules = {module.stem.removeprefix("test_"): module for module in sorted(HERE.glob("test_*.py"))}
    unknown = sorted(set(names) - set(modules))
    if unknown:
        raise SystemExit(f"no such criterion: {', '.join(unknown)}; there are: {', '.join(modules) or 'none yet'}")
    verdicts = [run_criterion(modules[name]) for name in names or modules]
    print(f"make soak: {sum(verdicts)} passed, {len(verdicts) - sum(verdicts)} failed")
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
