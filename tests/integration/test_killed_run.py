"""ansible-playbook is killed with SIGKILL in the middle of a deployment; the next run finishes and tidies up."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.fakes.apprunner.control import start
from tests.integration.stage import ROOT, SERVICE, Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with start(tmp_path / "fake", 600) as fake:
        opened = Stage(tmp_path, fake.control, fake.endpoint).open()
        assert opened.play("deploy", deploy_action="adopt").rc == 0
        yield opened


def begin(stage: Stage, temporary: Path, playbook: str, *variables: str) -> subprocess.Popen[bytes]:
    """Start a playbook in a session of its own."""
    command = [
        str(Path(sys.executable).with_name("ansible-playbook")),
        f"playbooks/{playbook}.yml",
        "-i",
        str(stage.home / "inventory" / "hosts.yml"),
        *(word for variable in variables for word in ("-e", variable)),
    ]
    environment = {**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_REMOTE_TMP": str(temporary)}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
    )


def until_accepted(stage: Stage, count: int) -> None:
    """Wait until the platform has accepted so many mutations."""
    limit = time.monotonic() + 60
    while len(stage.mutations()) < count:
        assert time.monotonic() < limit, "the run never got to its switch"
        time.sleep(0.05)


def kill_all(process: subprocess.Popen[bytes], temporary: Path) -> None:
    """Kill the run with everything that belongs to it: workers, module, keeper."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if str(temporary).encode() in line:
            os.kill(int(entry.name), signal.SIGKILL)


@pytest.mark.parametrize("phase", ["pull", "end"])
def test_the_next_run_finishes_what_a_killed_one_began(stage: Stage, tmp_path: Path, phase: str) -> None:
    temporary = tmp_path / "ansible temporary"
    stage.control.hold(SERVICE, phase)
    process = begin(stage, temporary, "deploy", "deploy_release=2.0.0")
    until_accepted(stage, 1)
    kill_all(process, temporary)
    left = list(temporary.glob("ansible-tmp-*"))
    assert left, "a killed run leaves the module with its parameters behind"
    stage.control.release(SERVICE)

    second = begin(stage, temporary, "deploy", "deploy_release=2.0.0")
    assert second.wait(timeout=120) == 0
    assert stage.answers()["version"] == "2.0.0"
    assert len(stage.mutations()) == 1, "the platform was asked once for one intended change"
    assert not [directory for directory in left if directory.exists()]
    records = [
        record
        for page in sorted((stage.home / "ledger" / "releases" / "entries").iterdir())
        for record in json.loads(page.read_text())["records"]
    ]
    states = [record["state"] for record in records if record["kind"] == "intent"]
    assert states[-1] == "settled"
    assert stage.play("deploy", deploy_release="2.0.0").result("apprunner_deploy")["changed"] is False
