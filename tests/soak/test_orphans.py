"""Runs that are ended at random moments leave nothing that works on: seen in /proc, by a stranger.

Cancelled and timed out by ansible-runner as AWX does it, ended with SIGTERM and with SIGKILL, at place controller and
at place machine (a real sshd). 35 s later no process of the run is there and nothing is written any more; the next run
of the same command adopts what is recorded and does exactly what was missing.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import ansible_runner
import pytest

from tests.integration.sshd import PROGRAM
from tests.integration.test_machine_front_end import HOME, a_machine
from tests.integration.toy import SWITCH, World
from tests.soak.plugin import Criterion

CRITERION = {
    "count": 50,
    "sample": 3,
    "seed": 20261121,
    "covers": [
        "plugins/action/run_module.py",
        "plugins/module_utils/_permit.py",
        "plugins/module_utils/_plan.py",
        "plugins/plugin_utils/_ledger",
        "plugins/plugin_utils/_runs/conduct.py",
        "plugins/plugin_utils/_runs/handover.py",
        "plugins/plugin_utils/_runs/machine.py",
        "plugins/plugin_utils/_runs/machine_attendant.py",
        "plugins/plugin_utils/_runs/machine_errands.py",
        "plugins/plugin_utils/_runs/machine_lease.py",
        "plugins/plugin_utils/_runs/machine_line.py",
        "plugins/plugin_utils/_runs/machine_options.py",
        "plugins/plugin_utils/_runs/progress.py",
        "plugins/plugin_utils/_runs/signals.py",
        "tests/integration/sshd.py",
        "tests/integration/test_machine_front_end.py",
        "tests/integration/toy.py",
    ],
}
HOWS = ("cancelled", "timed out", "SIGTERM", "SIGKILL")
PLACES = ("controller", "machine")
STEPS = 12
LEFT_AFTER_SECONDS = 35.0
# after a run that ended well: its keeper looks once a second
ENDED_WITHIN_SECONDS = 10.0
# from before the guard to the middle of the change, where a run of this length spends most of its time
EARLIEST, LATEST = 0.5, 16.0


@dataclass(frozen=True)
class End:
    """How a run ends.

    :param moment: seconds after its start; whole ones for a time-out.
    :param late: counted from the first word that is written instead: how long a start takes is up to the machine.
    """

    number: int
    how: str
    place: str
    moment: float
    late: bool = False

    def __str__(self) -> str:
        since = " of the change" if self.late else ""
        return f"{self.number}: {self.how} at the {self.place} after {self.moment:.1f} s{since}"

    def is_due(self, world: World) -> Callable[[], bool]:
        """Return what tells whether the moment has come; it is asked again and again from the start on."""
        begun = [] if self.late else [time.monotonic()]

        def due() -> bool:
            if not begun and world.words():
                begun.append(time.monotonic())
            return bool(begun) and time.monotonic() >= begun[0] + self.moment

        return due


def ends(seed: int, count: int) -> list[End]:
    """Return so many ends: each way at each place in turn, the moments at random."""
    chance = random.Random(seed)
    ways = [(how, place) for how in HOWS for place in PLACES]
    chance.shuffle(ways)
    found = []
    for number in range(count):
        how, place = ways[number % len(ways)]
        # two of three in the change; ansible-runner counts a time-out from its own start
        late = how != "timed out" and number % 3 != 0
        moment = chance.uniform(0, STEPS - 3) if late else chance.uniform(EARLIEST, LATEST)
        found.append(End(number, how, place, moment, late))
    return found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    seed, count, sample = (int(str(CRITERION[key])) for key in ("seed", "count", "sample"))
    full = metafunc.config.getoption("--full")
    metafunc.parametrize("end", ends(seed, count if full else sample), ids=str)


@contextmanager
def a_world(end: End, base: Path) -> Iterator[World]:
    """Give a world at the place; on a machine it must be left as it was found."""
    if end.place == "machine":
        with a_machine(base) as machine:
            yield machine
        return
    world = World(base)
    world.initialise()
    yield world
    world.kill_all()


def test_nothing_of_an_ended_run_works_on(
    end: End, tmp_path: Path, criterion: Criterion, count_outcome: Callable[[str], None]
) -> None:
    if end.place == "machine" and PROGRAM is None:
        pytest.skip("NOT RUN: openssh-server is not installed")
    with a_world(end, tmp_path) as world:
        was_on = run_and_end(end, world)
        assert gone(world, LEFT_AFTER_SECONDS) == [], f"{end}: {LEFT_AFTER_SECONDS:g} s later"
        done = world.words()
        time.sleep(1.5)
        assert world.words() == done, f"{end}: something writes on"

        seen = world.run(*SWITCH, "-e", f"steps={STEPS}")
        assert seen.code == 0, f"{end}: {seen}"
        assert world.words() == ["one"] * STEPS, f"{end}: {len(done)} of {STEPS} were done, then {world.words()}"
        intents = [record["state"] for record in world.records("releases") if record["kind"] == "intent"]
        assert intents[-1] == "settled", f"{end}: {intents}"
        assert json.loads((world.ledger / "leases").read_text())["leases"] == [], f"{end}: a lease is held"
        assert gone(world, ENDED_WITHIN_SECONDS) == [], f"{end}: after the next run"
    reached = "before it changed anything" if not done else "in the change" if len(done) < STEPS else "after the change"
    count_outcome(f"{end.place}: {end.how} {reached if was_on else 'after its end'}, nothing left, adopted")


def run_and_end(end: End, world: World) -> bool:
    """Run the switch and end it so; return whether it was under way."""
    slowly = ("seconds=1", f"steps={STEPS}")
    if end.how.startswith("SIG"):
        begun = world.start(*SWITCH, *(word for each in slowly for word in ("-e", each)))
        due = end.is_due(world)
        while begun.poll() is None and not due():
            time.sleep(0.05)
        was_on = begun.poll() is None
        if was_on:
            os.kill(begun.pid, signal.Signals[end.how])
        begun.wait(60)
        return was_on
    home = world.base / "job data"
    home.mkdir()
    settings = {"pexpect_timeout": 1, "job_timeout": max(1, round(end.moment)) if end.how == "timed out" else 0}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    run = ansible_runner.interface.init_runner(
        private_data_dir=str(home),
        playbook=str(world.play),
        inventory=str(world.inventory),
        extravars={"switch_action": "switch", "seconds": 1, "steps": STEPS},
        envvars=world.variables(PATH=path),
        settings=settings,
        quiet=True,
    )
    if end.how == "cancelled":
        run.cancel_callback = end.is_due(world)
    run.run()
    return str(run.status) in ("canceled", "timeout")


def gone(world: World, seconds: float) -> list[str]:
    """Wait so long at most until nothing runs; return what is left."""
    limit = time.monotonic() + seconds
    while (left := orphans(world)) and time.monotonic() < limit:
        time.sleep(0.25)
    return left


def orphans(world: World) -> list[str]:
    """Return what runs of this world: Ansible, workers, keeper, module, and what follows a module on the machine.

    A connection that ssh keeps open for the next command does nothing by itself, and ends after a minute.
    """
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes()
            around = (entry / "environ").read_bytes()
        except OSError:
            continue
        ours = str(world.base).encode() in line + around or any(
            str(directory).encode() in line for directory in directories(world)
        )
        if ours and line and not line.startswith(b"ssh: "):
            found.append(f"{entry.name}: {line.replace(bytes(1), b' ').decode(errors='replace')[:200]}")
    return found


def directories(world: World) -> list[Path]:
    """Return the directories of this world's runs on the machine."""
    left: Callable[[], list[Path]] | None = getattr(world, "left", None)
    return left() if left and HOME.exists() and (world.ledger / "identity").exists() else []
