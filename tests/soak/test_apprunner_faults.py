"""Every fault case of App Runner over the real fake, real processes and the real front end, judged from outside."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from tests.faults.arena import Arena
from tests.faults.case import Case, play
from tests.faults.table import CASES

CRITERION = {
    "count": 132,
    "sample": 22,
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
    """One test for each case: all of them, or the sample."""
    if "case" in metafunc.fixturenames:
        full = metafunc.config.getoption("--full")
        chosen = CASES if full else random.Random(CRITERION["seed"]).sample(CASES, k=int(str(CRITERION["sample"])))
        metafunc.parametrize("case", chosen, ids=lambda case: case.id)


def test_the_case_ends_as_it_must(
    case: Case, arena: Arena, count_outcome: Callable[[str], None], record_property: Callable[[str, object], None]
) -> None:
    complaints = play(case, arena)
    verdict = "WRONG" if complaints else case.expect.outcome
    row = f"{case.id}: {case.fault} ({case.point}): {verdict}, {case.expect.serves or 'nothing sure'} serves"
    record_property("fault case", row)
    count_outcome(row)
    assert not complaints, "\n".join([row, *complaints])


def test_the_criterion_counts_the_table() -> None:
    assert CRITERION["count"] == len(CASES)
