"""Every gate at every door: the same verdict, in the same sentence; and no way around any of them.

One world for each gate and each of pass, refuse and override; in it the same play is started from a command line, by
ansible-runner as AWX does, by a timer, by Molecule, imported into a foreign play and with a choice of tags. The
command line's verdict is what the others are compared with, and what the world says it must be. Where nothing may
happen whatever the gates say (guard left out, started behind it, a whole inventory directory, a limit of nothing),
nothing does. What was really done is read from the file that the play's module appends to.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.gate_matrix.doors import DOORS, WAYS_AROUND, cli
from tests.gate_matrix.worlds import CELLS, GateWorld

CRITERION = {
    "count": 35,
    "sample": 2,
    "seed": 20261121,
    "covers": [
        "plugins/action/guard.py",
        "plugins/callback/journal.py",
        "plugins/plugin_utils/_gates",
        "plugins/plugin_utils/_runs/passage.py",
        "plugins/plugin_utils/_runs/asking.py",
        "plugins/plugin_utils/_runs/closing.py",
        "plugins/plugin_utils/_incidents",
        "plugins/plugin_utils/_calendar",
        "plugins/plugin_utils/_approvals",
        "tests/gate_matrix",
        "tests/integration/toy.py",
    ],
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Play every cell in full, and in a sample cells that lie far from each other."""
    cases = CRITERION["count" if metafunc.config.getoption("--full") else "sample"]
    numbers = range(0, len(CELLS), len(CELLS) // min(int(str(cases)), len(CELLS)))
    metafunc.parametrize("number", numbers, ids=[CELLS[number].name for number in numbers])


def test_a_gate_says_the_same_at_every_door(number: int, tmp_path: Path, count_outcome: Callable[[str], None]) -> None:
    cell = CELLS[number]
    world = GateWorld(tmp_path)
    try:
        variables = cell.prepare(world)
        told = cli(world, variables)
        assert cell.fits(told.refusals), f"{cell.name}: {told.text}"
        assert (told.code == 0) == cell.passes, f"{cell.name}: {told.text}"
        assert bool(world.words()) == cell.passes, told.text
        count_outcome(f"command line {cell.column}")
        for name, door in {**DOORS, **cell.doors}.items():
            world.out.unlink(missing_ok=True)
            seen = door(world, variables)
            assert seen.refusals == told.refusals, f"{cell.name} at {name}: {seen.text}"
            assert (seen.code == 0, bool(world.words())) == (cell.passes, cell.passes), f"{name}: {seen.text}"
            count_outcome(f"{name} {cell.column}")
        for name, way in WAYS_AROUND.items():
            world.out.unlink(missing_ok=True)
            seen = way(world, variables)
            assert seen.code != 0 and not world.words(), f"{cell.name}, {name}: {seen.text}"
            count_outcome(f"{name} changes nothing")
    finally:
        world.kill_all()
        shutil.rmtree(tmp_path, ignore_errors=True)
