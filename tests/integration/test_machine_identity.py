"""Which machine a component of production lives on, asked behind a real OpenSSH server before anything is touched."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.sshd import PROGRAM
from tests.integration.test_machine_releases import Machine, release
from tests.integration.toy import Seen

OWN = Path("/etc/machine-id")
pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="NOT RUN: openssh-server is not installed"),
    pytest.mark.skipif(not OWN.exists(), reason="NOT RUN: this machine has no /etc/machine-id"),
]


class Pinned(Machine):
    """The same machine in an inventory of production."""

    def __init__(self, base: Path, short: Path) -> None:
        super().__init__(base, short)
        self.id = OWN.read_text().strip()
        self.page = base / "inventory" / "host_vars" / "api.yml"
        # the tests may run in a container themselves
        self.inventory = self.environment("production", "ops_ledger_persistent: true\n")
        self.initialise("production")
        self.pack("1.0.0", release("1.0.0"))
        self.pin(self.id)
        self.before = self.there()

    def pin(self, id: str, **variables: object) -> None:
        """State which machine is meant."""
        said = {**yaml.safe_load(self.page.read_text()), **variables, "component_identity": {"machine_id": id}}
        self.put(self.page, yaml.safe_dump(said))

    def there(self) -> set[str]:
        """What lies on the machine: releases, Ansible's own directories, runs."""
        places = (self.path, self.base / "remote")
        return {str(path) for place in places if place.exists() for path in place.rglob("*")}

    def deploy(self) -> Seen:
        return self.runbook("deploy", "deploy_release=1.0.0", "deploy_without_way_back=true")

    def journal(self) -> list[dict[str, Any]]:
        """The journal of production, as a stranger reads it."""
        pages = sorted((self.base / "ledger-production" / "journal" / "entries").iterdir())
        return [record for page in pages for record in json.loads(page.read_text())["records"]][1:]

    def refused(self, seen: Seen, sentence: str) -> None:
        """The run said why, touched nothing there, and is journalled as refused."""
        assert seen.code == 2 and sentence in " ".join(seen.text.split()), seen
        assert self.there() == self.before
        assert [event.get("result") for event in self.journal() if event["event"] == "closed"] == ["REFUSED"]


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Pinned]:
    short = Path(tempfile.mkdtemp(prefix="sshd-"))
    made = Pinned(tmp_path, short)
    try:
        yield made
    finally:
        made.kill_all()
        made.sshd.stop()
        shutil.rmtree(short, ignore_errors=True)


def test_production_is_deployed_to_on_the_machine_that_is_pinned(machine: Pinned) -> None:
    # as an inventory may say it: an address by reference, and digits of the other case
    machine.pin(machine.id.upper(), ansible_host="{{ machine_address }}", machine_address="127.0.0.1")
    done = machine.deploy()
    assert done.code == 0 and machine.answers() == "1.0.0", done
    assert f"| target machine {machine.id[:8]}\n" in done.text


def test_another_machine_is_refused_also_for_a_look_and_nothing_is_touched(machine: Pinned) -> None:
    machine.pin("0" * 32)
    sentence = f"api is pinned to machine_id {'0' * 32}, and the machine that answers is {machine.id}."
    machine.refused(machine.deploy(), sentence)
    look = machine.run("--check", "-e", "deploy_release=1.0.0", play="steady.ops.deploy")
    assert look.code == 2 and sentence in look.text, look
    assert machine.there() == machine.before


def test_a_machine_that_is_gone_is_refused_for_a_change_and_unknown_to_a_reader(machine: Pinned) -> None:
    machine.sshd.stop()
    gone = machine.deploy()
    machine.refused(gone, "Which machine api lives on cannot be told: The host cannot be reached: Failed to connect")
    assert "Check the network and how Ansible reaches api" in gone.text
    assert f"| target machine {machine.id[:8]} (pinned; it did not answer)" in gone.text
    look = machine.runbook("health_check")
    assert f"| target machine {machine.id[:8]} (pinned; it did not answer)" in look.text
    assert "Refused" not in look.text, look


def test_a_machine_that_does_not_answer_is_not_waited_for_longer_than_10_seconds(machine: Pinned) -> None:
    with machine.sshd.frozen():
        begun = time.monotonic()
        seen = machine.deploy()
        taken = time.monotonic() - begun
    machine.refused(seen, "Which machine api lives on cannot be told: ")
    assert taken < 60, seen
