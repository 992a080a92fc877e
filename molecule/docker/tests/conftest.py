"""The runs that this scenario starts beside its converge, as a person at a terminal would, and what they leave."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from testinfra.host import Host

pytest.register_assert_rewrite("machine")

PROJECT = Path(os.environ["MOLECULE_PROJECT_DIRECTORY"])
INVENTORIES = (PROJECT / "molecule/base/inventory/machines.yml", PROJECT / "molecule/docker/inventory/component.yml")
# a run on a busy machine; one that hangs fails
MOST_SECONDS = 300


@dataclass
class Runbooks:
    """The collection's playbooks, each run a process of its own."""

    begun: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, playbook: str, *arguments: str, **variables: object) -> subprocess.Popen[str]:
        """Start a run that goes on; both its streams are one."""
        command = ["ansible-playbook", f"steady.ops.{playbook}"]
        command += [f"--inventory={page}" for page in INVENTORIES]
        command += [f"--extra-vars={name}={value}" for name, value in variables.items()]
        home = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "controller"
        # what is read here has no colours, though Molecule wants some
        own = {"ANSIBLE_CONFIG": str(PROJECT / "ansible.cfg"), "ANSIBLE_HOME": str(home), "ANSIBLE_FORCE_COLOR": "0"}
        environment = {**os.environ, **own}
        run = subprocess.Popen(
            [*command, *arguments],
            cwd=PROJECT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.begun.append(run)
        return run

    def run(self, playbook: str, *arguments: str, **variables: object) -> tuple[int, str]:
        """Run to the end; return the exit code and what a person read, on one line."""
        run = self.start(playbook, *arguments, **variables)
        said = run.communicate(timeout=MOST_SECONDS)[0]
        print(said)
        return run.returncode, " ".join(said.split())

    def green(self, playbook: str, *arguments: str, **variables: object) -> str:
        """Run to the end, which must be green."""
        code, said = self.run(playbook, *arguments, **variables)
        assert code == 0
        return said

    def red(self, playbook: str, *arguments: str, **variables: object) -> str:
        """Run to the end, which must be red."""
        code, said = self.run(playbook, *arguments, **variables)
        assert code != 0
        return said


def changes(said: str) -> int:
    """Return how many tasks of a run changed something."""
    return sum(int(count) for count in re.findall(r"machine1 +: ok=\d+ +changed=(\d+)", said))


@pytest.fixture
def runbooks() -> Iterator[Runbooks]:
    made = Runbooks()
    yield made
    for run in made.begun:
        run.kill()
        run.wait()


@pytest.fixture
def nothing_left(host: Host) -> Iterator[None]:
    """Nothing of a run lies on the machine when the test has ended, but the releases."""
    yield
    places = "/home/deploy/.ansible /home/guest /root /tmp /var/tmp"
    assert host.check_output(f"find {places} -name '*ansible-tmp*' -o -path '*/steady.ops-*/*'") == ""
    # what is brought is unpacked beside its final name
    kept = {"current", "releases", "shared", ".steady-intent.json", ".steady-lock", ".steady-reserve"}
    assert set(host.check_output("ls -A /srv/app").split()) <= kept
    assert all(re.fullmatch("[0-9a-f]{12}", name) for name in host.check_output("ls -A /srv/app/releases").split())
