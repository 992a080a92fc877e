"""Release directories on a machine behind a real OpenSSH server: archive and commit, sent, switched, rolled back."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.archives import archive_of, files_of, lay_machine
from tests.integration.sshd import PROGRAM, Sshd
from tests.integration.toy import Seen, World
from tools.treehash import ROOT

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="NOT RUN: openssh-server is not installed")
HEALTH = {"status": "ok", "version": "{version}"}
CONTRACT = [{"path": "/health", "role": "health", "body": HEALTH, "bad_body": {"status": "error"}}]


def release(version: str, **more: Any) -> dict[str, Any]:
    return {"version": version, "contract": CONTRACT, **more}


class Machine(World):
    """One component in release directories, its archives on the controller under strange names."""

    def __init__(self, base: Path, short: Path) -> None:
        super().__init__(base)
        self.sshd = Sshd(short / "s")
        self.sshd.start()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.state, self.path = base / "state", base / "opt"
        lay_machine(self.state / "app", self.path, {"host": "127.0.0.1", "port": self.port})
        for name in ("logs", "records"):
            (self.state / name).mkdir()
        self.archives = base / "a b;c"
        self.archives.mkdir()
        self.describe({"archive": f"{self.archives}/app-{{release}}.tar.gz"})
        self.initialise()

    def describe(self, artefact: dict[str, Any]) -> None:
        """Write the component's variables."""
        keep = ["env", "-C", str(ROOT), sys.executable, "-m", "lab.keeper"]
        supervisor = {
            "kind": "command",
            "start": [*keep, "start", str(self.state), "app"],
            "stop": [*keep, "stop", str(self.state), "app"],
            "pid_file": str(self.state / "app" / "pid"),
        }
        pace = {"consecutive": 2, "interval_seconds": 0.1, "deadline_seconds": 10, "stability_seconds": 0.3}
        url = f"http://127.0.0.1:{self.port}/health"
        variables = {
            **yaml.safe_load(self.sshd.variables()),
            "ansible_remote_tmp": f"{self.base}/remote",
            "component_platform": "release_dir",
            "component_options": {
                "path": str(self.path),
                "supervisor": supervisor,
                "artefact": artefact,
                "steady_seconds": 0.5,
                "start_seconds": 20,
            },
            "component_probe": {"url": url, "version": {"json": "version", "equals": "release"}, **pace},
            "component_depends_on": [],
            "component_reach": {"via": "direct"},
            "component_identity": {},
        }
        self.put(self.base / "inventory" / "host_vars" / "api.yml", yaml.safe_dump(variables))

    def pack(self, name: str, content: dict[str, Any]) -> None:
        """Leave an archive of a release where a build server would."""
        (self.archives / f"app-{name}.tar.gz").write_bytes(archive_of(content))

    def runbook(self, name: str, *variables: str) -> Seen:
        """Run one of the collection's playbooks."""
        words = [word for variable in variables for word in ("-e", variable)]
        return self.run(*words, play=ROOT / "playbooks" / f"{name}.yml")

    def answers(self) -> Any:
        """Ask the application itself, as a stranger would."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5) as answer:
            return json.load(answer)["version"]


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    short = Path(tempfile.mkdtemp(prefix="sshd-"))
    made = Machine(tmp_path, short)
    try:
        yield made
    finally:
        made.kill_all()
        made.sshd.stop()
        shutil.rmtree(short, ignore_errors=True)


def test_archives_are_sent_switched_proved_and_left(machine: Machine) -> None:
    for name in ("1.0.0", "2.0.0"):
        machine.pack(name, release(name))
    machine.pack("3.0.0", release("3.0.0", behaviour={"kind": "crash"}))
    first = machine.runbook("deploy", "deploy_release=1.0.0", "deploy_without_way_back=true")
    assert first.code == 0 and machine.answers() == "1.0.0", first
    assert "api | the artefact is sent" in first.text
    second = machine.runbook("deploy", "deploy_release=2.0.0")
    assert second.code == 0 and machine.answers() == "2.0.0", second
    bad = machine.runbook("deploy", "deploy_release=3.0.0")
    assert bad.code == 2 and machine.answers() == "2.0.0", bad
    (machine.archives / "app-1.0.0.tar.gz").unlink()
    back = machine.runbook("rollback")
    assert back.code == 0 and machine.answers() == "1.0.0", back
    again = machine.runbook("deploy", "deploy_release=1.0.0")
    assert again.code == 0 and "Only a release that is on the machine already can be served" in again.text, again
    assert not list((machine.base / "remote").glob("ansible-tmp-*"))


def test_a_tag_is_packed_on_the_controller_and_the_machine_needs_no_git(machine: Machine) -> None:
    repository = machine.base / "repository"
    for name, content in files_of(release("1.0.0")).items():
        machine.put(repository / name, content.decode())

    def git(*words: str) -> None:
        signed = ["-c", "user.name=x", "-c", "user.email=x"]
        subprocess.run(["git", "-C", str(repository), *signed, *words], check=True, capture_output=True)

    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message=x")
    git("tag", "v1.0.0")
    machine.describe({"git": str(repository)})
    done = machine.runbook("deploy", "deploy_release=v1.0.0", "deploy_without_way_back=true")
    assert done.code == 0 and machine.answers() == "1.0.0", done
    refused = machine.runbook("deploy", "deploy_release=master")
    assert refused.code == 2 and machine.answers() == "1.0.0", refused
    assert "is no tag and no commit of" in refused.text
