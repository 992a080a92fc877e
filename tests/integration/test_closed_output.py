"""Nobody reads the output any more, as after `| grep -m1`: the deployment goes on and gives its lease back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import open_ledger
from lab.fakes.apprunner.control import start
from tests.integration.stage import ROOT, SERVICE, SYSTEM, Stage
from tests.integration.test_killed_run import until_accepted


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with start(tmp_path / "fake", 600) as fake:
        opened = Stage(tmp_path, fake.control, fake.endpoint).open()
        assert opened.play("deploy", deploy_action="adopt").rc == 0
        yield opened


def begin(stage: Stage, release: str, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a deployment whose output goes into a pipe."""
    inventory = str(stage.home / "inventory" / "hosts.yml")
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    return subprocess.Popen(
        [program, "playbooks/deploy.yml", "-i", inventory, "-e", f"deploy_release={release}"],
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def ended(process: subprocess.Popen[bytes]) -> int:
    """Wait for the end; what hangs is killed, and the test fails."""
    try:
        return process.wait(timeout=90)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise


@pytest.mark.parametrize(
    ("release", "serves", "code", "environment"),
    [
        ("2.0.0", "2.0.0", 0, {"PYTHONUNBUFFERED": "1"}),
        ("9.0.0", "1.0.0", 2, {"PYTHONUNBUFFERED": "1", "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default"}),
    ],
)
def test_a_run_that_nobody_reads_ends_as_any_other(
    stage: Stage, release: str, serves: str, code: int, environment: Mapping[str, str]
) -> None:
    stage.control.hold(SERVICE, "pull")
    process = begin(stage, release, environment)
    assert process.stdout and process.stderr
    until_accepted(stage, 1)
    process.stdout.close()
    stage.control.release(SERVICE)

    assert ended(process) == code
    assert stage.answers()["version"] == serves
    closed = [record for record in stage.journal() if record.get("event") == "closed"]
    assert closed[-1]["result"] == ("ok" if code == 0 else "FAILED")
    ledger = open_ledger(f"file://{stage.home}/ledger", SYSTEM, "lab")
    assert ledger.leases.all() == []
    assert process.stderr.read().decode().count("the run goes on to its end") == 1
