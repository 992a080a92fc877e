"""Changing modules on a machine behind a real OpenSSH server: to the end, killed, cut off, and as another user."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.sshd import PROGRAM, Sshd
from tests.integration.toy import SWITCH, World, kill, wait_for

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="NOT RUN: openssh-server is not installed")
WORKING = "AnsiballZ_toy_deploy"
HOME = Path(f"/var/tmp/steady.ops-{os.geteuid()}")


class Machine(World):
    """The world of the toy, its component on a machine behind ssh."""

    def __init__(self, base: Path, short: Path) -> None:
        super().__init__(base)
        self.sshd = Sshd(short / "s")
        self.sshd.start()
        # a process that works there has the name of this world on its command line
        self.variables_of_host = f"{self.sshd.variables()}ansible_remote_tmp: {base}/remote\n"
        self.put(base / "inventory" / "host_vars" / "api.yml", self.variables_of_host)
        self.initialise()

    def again(self, *args: str) -> str:
        """Run the switch to its end, which must be green, and return what a person saw."""
        seen = self.run(*SWITCH, *args)
        assert seen.code == 0, seen
        return seen.text

    def lose_controller(self, begun: subprocess.Popen[str]) -> None:
        """Kill all that works for the run on the controller, as a power cut does."""
        # a worker or the keeper alone would tell the machine to stop
        for word in ("ansible-playbook", "steady.ops keeper"):
            for pid in self.processes(word):
                kill(pid)
        begun.wait()

    def left(self) -> list[Path]:
        """Return the directories of this ledger's runs on the machine."""
        ledger = json.loads((self.ledger / "identity").read_text())["id"]
        key = hashlib.sha256(f"{ledger} toy/lab/api".encode()).hexdigest()[:16]
        return list(HOME.glob(f"{key}-*"))

    def intents(self) -> list[str]:
        """Return the states of the recorded intents."""
        return [record["state"] for record in self.records("releases") if record["kind"] == "intent"]


@contextmanager
def a_machine(tmp_path: Path) -> Iterator[Machine]:
    """Give a machine that must be left as it was found."""
    short = Path(tempfile.mkdtemp(prefix="sshd-"))
    made = Machine(tmp_path, short)
    try:
        yield made
        assert made.left() == [], "a run left something on the machine"
        assert not list((tmp_path / "remote").glob("ansible-tmp-*")), "Ansible left something there"
    finally:
        made.kill_all()
        made.sshd.stop()
        shutil.rmtree(short, ignore_errors=True)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with a_machine(tmp_path) as made:
        yield made


def test_a_change_runs_to_its_end_and_says_what_it_does(machine: Machine) -> None:
    text = machine.again("-e", "seconds=2")
    assert "api | plan: Write one" in text and "api | writing, ******** (50%)" in text
    assert machine.words() == ["one"] and machine.intents() == ["open", "settled"]
    assert machine.again("-e", "seconds=2").count("plan:") == 0
    assert machine.words() == ["one"]


def test_a_killed_controller_stops_the_module_and_the_next_run_goes_on(machine: Machine) -> None:
    begun = machine.start(*SWITCH, "-e", "seconds=4", "-e", "steps=20")
    wait_for(lambda: len(machine.words()) >= 1)
    machine.lose_controller(begun)
    time.sleep(5)
    assert 2 <= len(machine.words()) < 5 and machine.processes(WORKING), "the module goes on by itself"
    text = machine.again("-e", "seconds=0", "-e", "steps=20")
    assert "an earlier run's module still works on the machine" in text
    assert machine.words() == ["one"] * 20 and machine.intents()[-1] == "settled"


def test_a_worker_that_outlives_its_killed_run_stops_the_module(machine: Machine) -> None:
    begun = machine.start(*SWITCH, "-e", "seconds=1", "-e", "steps=100")
    wait_for(lambda: len(machine.words()) >= 1)
    kill(begun.pid)
    begun.wait()
    wait_for(lambda: not machine.processes(WORKING) and not machine.processes("ansible-playbook"), 40)
    assert len(machine.words()) < 20 and machine.intents() == ["open"]


def test_a_controller_that_is_gone_and_a_machine_that_stays_away_end_the_module_with_the_lease(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    slowly = (*SWITCH, "-e", "seconds=1", "-e", "steps=100")
    # both at once, because both take as long as a lease lasts
    with a_machine(tmp_path / "a") as orphaned, a_machine(tmp_path / "b") as severed:
        lost, cut = orphaned.start(*slowly), severed.start(*slowly)
        wait_for(lambda: len(orphaned.words()) >= 1 and len(severed.words()) >= 1, 60)
        orphaned.lose_controller(lost)
        severed.sshd.stop()
        wait_for(lambda: not orphaned.processes(WORKING) and not severed.processes(WORKING), 75)
        assert cut.wait(30) != 0
        text = (severed.base / "started.log").read_text()
        assert "gave no answer for" in text and "unreachable=0" in text and "UNREACHABLE" not in text
        severed.sshd.start()
        for machine in (orphaned, severed):
            done = len(machine.words())
            assert 10 < done < 75 and machine.intents() == ["open"]
            machine.again("-e", f"steps={done + 1}")
            assert len(machine.words()) == done + 1 and machine.intents()[-1] == "settled"


@pytest.mark.parametrize("how", ["refuses", "hangs"])
def test_a_machine_that_comes_back_in_time_is_followed_on(machine: Machine, how: str) -> None:
    steps, seconds = (14, 6) if how == "refuses" else (30, 18)
    begun = machine.start(*SWITCH, "-e", "seconds=1", "-e", f"steps={steps}")
    wait_for(lambda: len(machine.words()) >= 2)
    with machine.sshd.frozen() if how == "hangs" else machine.sshd.gone():
        time.sleep(seconds)
    assert begun.wait(60) == 0, (machine.base / "started.log").read_text()
    text = (machine.base / "started.log").read_text()
    assert "no answer from the machine for" in text and machine.words() == ["one"] * steps
    assert machine.intents() == ["open", "settled"]


def test_a_machine_that_is_not_there_is_a_failure_and_not_unreachable(machine: Machine) -> None:
    machine.sshd.stop()
    seen = machine.run(*SWITCH)
    assert seen.code == 2 and "The host cannot be reached" in seen.text, seen
    assert machine.words() == [] and machine.records("releases")[1:] == []


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("setfacl") is None, reason="NOT RUN: takes root and setfacl")
def test_another_user_runs_the_module(machine: Machine, tmp_path: Path) -> None:
    place = Path(tempfile.mkdtemp(prefix="nobody-"))
    shutil.chown(place, "nobody")
    become = "ansible_become: true\nansible_become_user: nobody\n"
    machine.put(tmp_path / "inventory" / "host_vars" / "api.yml", machine.variables_of_host + become)
    try:
        machine.again("-e", f"out={place}/out", "-e", "seconds=2")
        assert (place / "out").read_text() == "one\n" and (place / "out").owner() == "nobody"
        # where the login's own directory is closed to the other user, Ansible works there
        assert not list(Path("/var/tmp").glob(f"ansible-tmp-*/{WORKING}.py"))
    finally:
        shutil.rmtree(place)
