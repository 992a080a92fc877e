"""The fault cases notice planted mistakes of the engine, and find nothing in the engine as it is."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.fakes.apprunner.control import RunningFake
from tests.faults.arena import Arena, Driver
from tests.faults.case import play
from tests.faults.mutants import MUTANTS, Mutant, plant
from tests.faults.table import BY_ID

CRITERION = {
    "count": 16,
    "sample": 4,
    "seed": 20261121,
    "covers": [
        "plugins/module_utils/_deploy.py",
        "plugins/module_utils/_hooks.py",
        "plugins/module_utils/_http",
        "plugins/module_utils/_own_command.py",
        "plugins/module_utils/_permit.py",
        "plugins/module_utils/_plan.py",
        "plugins/module_utils/_platform/apprunner",
        "plugins/module_utils/_release",
        "plugins/modules/apprunner_deploy.py",
        "plugins/plugin_utils/_ledger",
        "plugins/plugin_utils/_runs/conduct.py",
        "plugins/plugin_utils/_runs/conductor.py",
        "plugins/plugin_utils/_runs/recording.py",
        "plugins/plugin_utils/_runs/records.py",
        "lab/app",
        "lab/fakes/apprunner",
        "tests/faults",
    ],
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each mutant: all of them, or the sample."""
    if "mutant" in metafunc.fixturenames:
        full = metafunc.config.getoption("--full")
        chosen = MUTANTS if full else random.Random(CRITERION["seed"]).sample(MUTANTS, k=int(str(CRITERION["sample"])))
        metafunc.parametrize("mutant", chosen, ids=lambda mutant: mutant.id)


def test_the_mutant_is_caught(
    mutant: Mutant, fake: RunningFake, tmp_path: Path, count_outcome: Callable[[str], None]
) -> None:
    complaints = played(plant(mutant, tmp_path / "mutant"), mutant.cases, fake, tmp_path, until_caught=True)
    caught = [name for name, found in complaints.items() if found]
    assert caught, f"{mutant.id} was not noticed by {', '.join(mutant.cases)}"
    count_outcome(f"{mutant.id}: caught by {', '.join(caught)}")


def test_a_copy_without_a_mistake_passes(fake: RunningFake, tmp_path: Path, criterion: object) -> None:
    cases = [mutant.cases[0] for mutant in MUTANTS]
    chosen = cases if getattr(criterion, "cases", 0) == CRITERION["count"] else cases[:2]
    complaints = played(plant(None, tmp_path / "copy"), tuple(dict.fromkeys(chosen)), fake, tmp_path)
    assert not {name: found for name, found in complaints.items() if found}


@pytest.mark.parametrize("planted", [pytest.param(mutant, id=mutant.id) for mutant in MUTANTS])
def test_every_mutant_still_fits_the_source(planted: Mutant, tmp_path: Path) -> None:
    plant(planted, tmp_path / "mutant")


def test_the_criterion_counts_the_mutants() -> None:
    assert CRITERION["count"] == len(MUTANTS) >= 10


def played(
    collections: Path, names: tuple[str, ...], fake: RunningFake, tmp_path: Path, *, until_caught: bool = False
) -> dict[str, list[str]]:
    """Play cases on that copy of the collection, all or up to the first that complains; return their complaints."""
    driver = Driver(fake.endpoint, collections)
    found = {}
    try:
        for name in names:
            arena = Arena(fake, driver, tmp_path / name)
            try:
                found[name] = play(BY_ID[name], arena)
            finally:
                arena.close()
            if found[name] and until_caught:
                break
    finally:
        driver.close()
    return found
