"""`make test`: pytest over all layers, Molecule's default scenario, and which soak results are stale.

Arguments, when there are some, go to pytest and only that part runs. Exit code 0 only when everything passed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.soak.results import stale_results
from tools.outcome import NotRun
from tools.pm2 import pm2
from tools.scratch import scratch
from tools.treehash import ROOT

LAYERS = ("unit", "contract", "integration", "faults", "soak")
COVERED = ("plugins/module_utils", "plugins/plugin_utils")
# code that decides: every branch of it is taken by a test; what only wires drivers and processes is not listed
DECIDES = (
    "plugins/module_utils/_*.py",
    *(f"plugins/module_utils/{name}/*" for name in ("_aws", "_health", "_http", "_inventory", "_platform", "_release")),
    "plugins/plugin_utils/_gates/*",
    "plugins/plugin_utils/_journal/*",
    *(
        f"plugins/plugin_utils/_runs/{name}.py"
        for name in ("artifacts", "ending", "lines", "progress", "screen", "tasks")
    ),
    "plugins/plugin_utils/_approvals/*",
    "plugins/plugin_utils/_calendar/*",
    "plugins/plugin_utils/_told/*",
    "plugins/plugin_utils/_incidents/*",
    *(
        f"plugins/plugin_utils/_schedules/{name}.py"
        for name in ("cron", "declared", "files", "missed", "places", "register", "rule", "starting", "systemd")
    ),
    *(f"plugins/plugin_utils/_status/{name}.py" for name in ("judging", "reading", "screen", "system", "textfile")),
)


def layers_with_tests() -> list[str]:
    """Return the test directories of `make test` that exist in this checkout."""
    return [f"tests/{layer}" for layer in LAYERS if (ROOT / "tests" / layer).is_dir()]


def run_pytest(arguments: Sequence[str]) -> bool:
    """Run pytest; tests share the lab that is up."""
    coverage = [*(f"--cov={place}" for place in COVERED), "--cov-branch", "--cov-report="]
    # tests wait for real processes more than they compute: one more than there are cores
    workers = ["-n", str((os.cpu_count() or 1) + 1), "--dist", "worksteal"]
    chosen = list(arguments) or [*layers_with_tests(), *workers, *coverage, "-q", "-rs", "--durations=10"]
    command = [sys.executable, "-m", "pytest", *chosen]
    with scratch() as directory:
        environment = {**os.environ, "TMPDIR": str(directory)}
        done = subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False)
    return done.returncode == 0


def every_branch_taken() -> bool:
    """Tell whether the tests took every branch of the code that decides, and print what they left out."""
    command = [sys.executable, "-m", "coverage", "report", "--fail-under=100", f"--include={','.join(DECIDES)}"]
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode == 0


def run_molecule() -> bool:
    """Run the scenario that needs no container."""
    command = [sys.executable, "-m", "molecule", "test", "--scenario-name", "default"]
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode == 0


@contextmanager
def lab_up() -> Iterator[None]:
    """Have the lab up for all who ask it, on whichever core; one that ran before goes on, another is stopped again."""
    ran_before = lab("status", "--json") == 0
    try:
        if not ran_before and lab("up") != 0:
            raise SystemExit("make test: the lab does not start: run `make lab` and read what it says")
        yield
    finally:
        if not ran_before:
            lab("down")


def lab(*arguments: str) -> int:
    """Run a command of the lab and return its exit code."""
    command = [sys.executable, "-m", "lab", *arguments]
    return subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False
    ).returncode


def stand_alone_environment() -> None:
    """Make the run independent of how it was started: `make` sets the same for everything that it starts."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    os.environ["ANSIBLE_HOME"] = str(ROOT / ".ansible")
    os.environ["ANSIBLE_CONFIG"] = str(ROOT / "ansible.cfg")


def real_pm2() -> str:
    """Have the real pm2 for its tests, and return why it cannot be had; empty when it is there."""
    if os.environ.get("STEADY_PM2"):
        return ""
    try:
        os.environ["STEADY_PM2"] = str(pm2())
    except NotRun as reason:
        return str(reason)
    return ""


def main(arguments: Sequence[str]) -> int:
    started = time.monotonic()
    stand_alone_environment()
    lacking = real_pm2()
    if arguments:
        outcomes = {"pytest": run_pytest(arguments)}
    else:
        with lab_up():
            outcomes = {"pytest": run_pytest(arguments)}
            outcomes["branches of code that decides"] = every_branch_taken()
            outcomes["molecule default"] = run_molecule()
        for line in stale_results():
            print(line)
    verdicts = [f"{name} {'passed' if passed else 'FAILED'}" for name, passed in outcomes.items()]
    if lacking:
        print(f"make test: NOT RUN: the tests of the real pm2: {lacking}", file=sys.stderr, flush=True)
        verdicts.append("the real pm2 NOT RUN")
    print(f"make test: {', '.join(verdicts)} ({time.monotonic() - started:.0f} s)", flush=True)
    return 0 if all(outcomes.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
