"""Every fault case of units over the real fake, real processes and the real front end, judged from outside."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab.fakes.apprunner.control import RunningFake
from tests.faults.arena import Driver
from tests.unit_faults import arena, case, rows
from tests.unit_faults.arena import UnitArena
from tests.unit_faults.case import UnitCase, play
from tests.unit_faults.rows import CASES

CRITERION = {
    "count": 49,
    "sample": 8,
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
        "plugins/plugin_utils/_runs/membership.py",
        "plugins/plugin_utils/_runs/recording.py",
        "plugins/plugin_utils/_runs/records.py",
        "plugins/plugin_utils/_runs/shapes.py",
        "plugins/plugin_utils/_runs/units.py",
        "lab/app",
        "lab/fakes/apprunner",
        "tests/faults",
        "tests/unit_faults",
    ],
}


@pytest.fixture
def unit_arena(fake: RunningFake, driver: Driver, tmp_path: Path) -> Iterator[UnitArena]:
    made = UnitArena(fake, driver, tmp_path / "case")
    yield made
    made.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each case: all of them, or the sample."""
    if "row" in metafunc.fixturenames:
        full = metafunc.config.getoption("--full")
        chosen = CASES if full else random.Random(CRITERION["seed"]).sample(CASES, k=int(str(CRITERION["sample"])))
        metafunc.parametrize("row", chosen, ids=lambda row: row.id)


def test_the_unit_ends_as_it_must(
    row: UnitCase,
    unit_arena: UnitArena,
    count_outcome: Callable[[str], None],
    record_property: Callable[[str, object], None],
) -> None:
    complaints = play(row, unit_arena)
    line = f"{row.id}: {row.fault} ({row.point}): {'WRONG' if complaints else row.ends.outcome}"
    record_property("fault case", line)
    count_outcome(line)
    assert not complaints, "\n".join([line, *complaints])


def test_the_table_is_what_it_says() -> None:
    assert len(CASES) == CRITERION["count"] >= 25
    assert len({row.id for row in CASES}) == len(CASES)
    assert len({(row.fault, row.point) for row in CASES}) == len(CASES)


def test_who_judges_shares_no_code_with_the_collection() -> None:
    for module in (arena, case, rows):
        for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.startswith(("ansible", "tests.unit_faults.run"))], module
