"""Every fault case of release directories: real directories, real processes, the real front end, judged from outside.

Full and read-only disks are real ones (small tmpfs, filled or remounted exactly at a step of the run), so this needs
root and the right to mount. systemd alone is imitated, in the rows whose names begin with C(unit_).
"""

from __future__ import annotations

import ast
import os
import random
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import pytest

from tests.faults_release_dir import case as cases
from tests.faults_release_dir import observer
from tests.faults_release_dir.arena import Driver, Machine
from tests.faults_release_dir.case import MachineCase, play
from tests.faults_release_dir.rows import disks
from tests.faults_release_dir.table import BY_ID, CASES

CRITERION = {
    "count": 120,
    "sample": 12,
    "seed": 20261121,
    "covers": [
        "plugins/module_utils/_deploy.py",
        "plugins/module_utils/_hooks.py",
        "plugins/module_utils/_http",
        "plugins/module_utils/_own_command.py",
        "plugins/module_utils/_permit.py",
        "plugins/module_utils/_plan.py",
        "plugins/module_utils/_platform/release_dir",
        "plugins/module_utils/_release",
        "plugins/modules/release_dir_deploy.py",
        "plugins/plugin_utils/_ledger",
        "plugins/plugin_utils/_runs/conduct.py",
        "plugins/plugin_utils/_runs/conductor.py",
        "plugins/plugin_utils/_runs/recording.py",
        "plugins/plugin_utils/_runs/records.py",
        "lab/app",
        "tests/faults/arena.py",
        "tests/faults/case.py",
        "tests/faults/driver.py",
        "tests/faults/observer.py",
        "tests/faults_release_dir/arena.py",
        "tests/faults_release_dir/case.py",
        "tests/faults_release_dir/driver.py",
        "tests/faults_release_dir/observer.py",
        "tests/faults_release_dir/rows",
        "tests/faults_release_dir/supervise.py",
        "tests/faults_release_dir/table.py",
    ],
}
HERE = Path(cases.__file__).parent
NEEDS_ROOT = {row.id for row in disks.CASES} | {"prune_refused"}


def full(config: pytest.Config) -> bool:
    """Tell whether the criterion is counted, and not a sample of it."""
    return bool(config.getoption("--full"))


@lru_cache
def may_mount() -> bool:
    """Tell whether this user may mount here: root in a container may not, as a rule."""
    tried = subprocess.run(["unshare", "--mount", "true"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return os.geteuid() == 0 and tried.returncode == 0


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each case: all of them, or the sample."""
    if "case" in metafunc.fixturenames:
        chosen = (
            CASES
            if full(metafunc.config)
            else random.Random(CRITERION["seed"]).sample(CASES, k=int(str(CRITERION["sample"])))
        )
        metafunc.parametrize("case", chosen, ids=lambda case: case.id)


@pytest.fixture(scope="session")
def machines() -> Iterator[Driver]:
    running = Driver()
    yield running
    running.close()


@pytest.fixture
def machine(machines: Driver) -> Iterator[Machine]:
    made = Machine.make(machines)
    yield made
    made.close()


def test_the_case_ends_as_it_must(
    case: MachineCase,
    machine: Machine,
    count_outcome: Callable[[str], None],
    record_property: Callable[[str, object], None],
    request: pytest.FixtureRequest,
) -> None:
    if NEEDS_ROOT & {case.id} and not may_mount():
        assert not full(request.config), "the criterion needs root and the right to mount"
        pytest.skip("NOT RUN: this case mounts a disk or changes its user, which takes root")
    complaints = play(case, machine)
    verdict = "WRONG" if complaints else case.expect.outcome
    row = f"{case.id}: {case.fault} ({case.point}): {verdict}, {case.expect.serves or 'nothing sure'} serves"
    record_property("fault case", row)
    count_outcome(row)
    assert not complaints, "\n".join([row, *complaints])


def test_the_criterion_counts_the_table() -> None:
    assert CRITERION["count"] == len(CASES) == len(BY_ID) >= 40


def test_no_two_cases_agree_in_fault_and_injection_point() -> None:
    pairs = Counter((row.fault, row.point) for row in CASES)
    assert [pair for pair, count in pairs.items() if count > 1] == []


def test_the_observer_shares_no_code_with_the_collection() -> None:
    for page in (Path(observer.__file__), Path(cases.__file__), *(HERE / "rows").glob("*.py"), HERE / "supervise.py"):
        for node in ast.walk(ast.parse(page.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.startswith("ansible") or name.endswith("driver")], page.name


def test_every_kind_of_ending_is_in_the_table() -> None:
    kinds = {row.expect.outcome for row in CASES}
    assert kinds == {cases.OK, cases.UNCHANGED, cases.UNDONE, cases.RED, cases.REFUSED}
