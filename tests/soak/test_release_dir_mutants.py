"""The fault cases of release directories notice planted mistakes of the platform, and find nothing in it as it is."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults_release_dir.arena import Driver, Machine
from tests.faults_release_dir.case import play
from tests.faults_release_dir.mutants import MUTANTS, Mutant, plant
from tests.faults_release_dir.table import BY_ID

CRITERION = {
    "count": 15,
    "sample": 3,
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
        "lab/app",
        "tests/faults/arena.py",
        "tests/faults/case.py",
        "tests/faults/driver.py",
        "tests/faults/mutants.py",
        "tests/faults/observer.py",
        "tests/faults_release_dir",
    ],
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each mutant: all of them, or the sample."""
    if "mutant" in metafunc.fixturenames:
        full = metafunc.config.getoption("--full")
        chosen = MUTANTS if full else random.Random(CRITERION["seed"]).sample(MUTANTS, k=int(str(CRITERION["sample"])))
        metafunc.parametrize("mutant", chosen, ids=lambda mutant: mutant.id)


def test_the_mutant_is_caught(mutant: Mutant, tmp_path: Path, count_outcome: Callable[[str], None]) -> None:
    complaints = played(plant(mutant, tmp_path / "mutant"), mutant.cases, until_caught=True)
    caught = [name for name, found in complaints.items() if found]
    assert caught, f"{mutant.id} was not noticed by {', '.join(mutant.cases)}"
    count_outcome(f"{mutant.id}: caught by {', '.join(caught)}")


def test_a_copy_without_a_mistake_passes(tmp_path: Path, criterion: object) -> None:
    cases = [mutant.cases[0] for mutant in MUTANTS]
    chosen = cases if getattr(criterion, "cases", 0) == CRITERION["count"] else cases[:2]
    complaints = played(plant(None, tmp_path / "copy"), tuple(dict.fromkeys(chosen)))
    assert not {name: found for name, found in complaints.items() if found}


@pytest.mark.parametrize("planted", [pytest.param(mutant, id=mutant.id) for mutant in MUTANTS])
def test_every_mutant_still_fits_the_source(planted: Mutant, tmp_path: Path) -> None:
    plant(planted, tmp_path / "mutant")


def test_the_criterion_counts_the_mutants() -> None:
    assert CRITERION["count"] == len(MUTANTS) >= 8


def played(collections: Path, names: tuple[str, ...], *, until_caught: bool = False) -> dict[str, list[str]]:
    """Play cases on that copy of the collection, all or up to the first that complains; return their complaints."""
    driver = Driver(collections)
    found = {}
    try:
        for name in names:
            machine = Machine.make(driver)
            try:
                found[name] = play(BY_ID[name], machine)
            except (AssertionError, RuntimeError) as error:
                found[name] = [f"the case came to no end: {error}"]
            finally:
                machine.close()
            if found[name] and until_caught:
                break
    finally:
        driver.close()
    return found
