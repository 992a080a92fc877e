"""The deploy module in process, on real directories, with the sample application under the supervisor ``command``."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.steady.ops.plugins.modules import release_dir_deploy
from tests.contract.results import check_result
from tests.unit.plugins.module_utils._platform.release_dir.machine import archive, digest_of
from tools.treehash import ROOT

OBJECT = "sanvi/lab/backend"
START = """
import os, subprocess, sys
log = open("{log}", "ab")
child = subprocess.Popen(
    [sys.executable, "-m", "lab.app", "--settings", "settings.json"], cwd=os.environ["STEADY_CURRENT"],
    env={{**os.environ, "PYTHONPATH": "{root}"}}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
    start_new_session=True,
)
open("{pid}", "w").write(str(child.pid))
"""
STOP = """
import os, signal, time
try:
    pid = int(open("{pid}").read())
    os.kill(pid, signal.SIGKILL)
    while os.path.exists(f"/proc/{{pid}}") and open(f"/proc/{{pid}}/stat").read().rpartition(")")[2].split()[0] != "Z":
        time.sleep(0.005)
except (OSError, ValueError):
    pass
"""


class Machine:
    """A component with its ledger, deployed to as the front end does."""

    def __init__(self, base: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.base, self.capsys = base, capsys
        self.path = base / "srv/backend"
        self.path.parent.mkdir()
        self.records: list[dict[str, Any]] = []
        self.digests: dict[str, str] = {}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        lease = base / "lease"
        lease.write_text('{"deadline": 1e12, "stop": false}')
        objects = [{"object": OBJECT, "token": 1, "lease_deadline_path": str(lease)}]
        self.permit = {"run": "r", "runbook": "deploy", "action": "deploy", "mode": "real", "objects": objects}

    @property
    def options(self) -> dict[str, Any]:
        paths = {"pid": self.base / "pid", "log": self.base / "log", "root": ROOT}
        return {
            "path": str(self.path),
            "supervisor": {
                "kind": "command",
                "start": [sys.executable, "-c", START.format(**paths)],
                "stop": [sys.executable, "-c", STOP.format(**paths)],
                "pid_file": str(paths["pid"]),
                "log_file": str(paths["log"]),
            },
        }

    def pack(self, version: str, behaviour: str = "ok") -> str:
        settings = {"version": version, "port": self.port, "behaviour": behaviour, "contract": "generic"}
        data = archive({"settings.json": json.dumps(settings)})
        (self.base / version).write_bytes(data)
        self.digests[version] = digest_of(data)
        return self.digests[version]

    def module(self, *, check: bool = False, **given: Any) -> dict[str, Any]:
        """Run the module once."""
        probe = {
            "url": f"http://127.0.0.1:{self.port}/health",
            "json": {"status": "ok"},
            "version": {"json": "version", "equals": "release"},
            "consecutive": 2,
            "interval_seconds": 0.05,
            "deadline_seconds": 3,
            "stability_seconds": 0.1,
        }
        quick = {"poll_seconds": 0.05, "settle_seconds": 0.2, "steady_seconds": 0.2, "start_seconds": 5.0}
        options = {**self.options, "probe": probe, "history": self.records, **quick, **given}
        if "release" in given and given["release"] in self.digests:
            version = given["release"]
            options |= {"artefact_path": str(self.base / version), "artefact_version": version}
            options["artefact_digest"] = self.digests[version]
        options["_ansible_check_mode"] = check
        with patch_module_args(options), pytest.raises(SystemExit):
            release_dir_deploy.main()
        result: dict[str, Any] = json.loads(self.capsys.readouterr().out)
        check_result("release_dir_deploy", result)
        return result

    def run(self, **given: Any) -> dict[str, Any]:
        """Plan, announce, run, record."""
        planned = self.module(check=True, permit=self.permit, **given)
        if planned.get("failed"):
            return planned
        result = self.module(permit=self.permit, **given)
        self.records += result.get("entries", [])
        return result

    @property
    def releases(self) -> set[str]:
        return set(os.listdir(self.path / "releases"))

    def id(self, version: str) -> str:
        return self.digests[version][7:19]


@pytest.fixture
def machine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Machine]:
    made = Machine(tmp_path, capsys)
    yield made
    subprocess.run(made.options["supervisor"]["stop"], check=True)


def test_a_life(machine: Machine) -> None:
    for version in ("1.0.0", "1.1.0"):
        machine.pack(version)
    machine.pack("1.2.0", "errors")
    first = machine.run(release="1.0.0", deploy_without_way_back=True)
    assert (first["changed"], first.get("failed"), first["serving"]["version"]) == (True, False, "1.0.0"), first["msg"]
    second = machine.run(release="1.1.0")
    assert (second["changed"], second["previous"]["version"]) == (True, "1.0.0"), second["msg"]
    again = machine.run(release="1.1.0")
    assert (again["changed"], again["plan"]) == (False, [])
    bad = machine.run(release="1.2.0")
    assert (bad["failed"], bad["rolled_back"], bad["serving"]["version"]) == (True, True, "1.1.0"), bad["msg"]
    assert "answered 500" in bad["msg"]
    assert bad["explanation"][-1] == "error: GET /health -> 500"
    back = machine.run(state="rolled_back")
    assert (back["changed"], back["serving"]["version"]) == (True, "1.0.0"), back["msg"]
    assert back["duration_seconds"] <= 2
    assert (machine.path / "current/settings.json").read_text().count("1.0.0") == 1
    assert machine.releases == {machine.id(version) for version in ("1.0.0", "1.1.0", "1.2.0")}


def test_a_plan_touches_nothing(machine: Machine) -> None:
    machine.pack("1.0.0")
    planned = machine.module(check=True, release="1.0.0", deploy_without_way_back=True)
    assert [step["state"] for step in planned["plan"]] == ["would do"]
    assert planned["intent"]["components"]
    assert not machine.path.exists()
    # in a plan the archive need not have been sent
    unsent = {"artefact_digest": machine.digests.pop("1.0.0"), "deploy_without_way_back": True}
    assert machine.module(check=True, release="1.0.0", **unsent)["plan_hash"] == planned["plan_hash"]
    real = machine.module(release="1.0.0", permit=machine.permit, **unsent)
    assert real["failed"]
    assert "cannot be served from" in real["msg"]


def test_no_permit(machine: Machine) -> None:
    machine.pack("1.0.0")
    refused = machine.module(release="1.0.0")
    assert refused["failed"]
    assert "the option permit is empty" in refused["msg"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"path": "/"}, "is no absolute path of a component"),
        ({"keep_releases": 1}, "Keep at least 2"),
        ({"supervisor": {"kind": "systemd"}}, "supervisor.unit is empty"),
    ],
)
def test_options_that_are_wrong(machine: Machine, given: dict[str, Any], said: str) -> None:
    machine.pack("1.0.0")
    result = machine.module(check=True, release="1.0.0", **given)
    assert (result["failed"], result["rolled_back"], said in result["msg"]) == (True, False, True)


def test_old_releases_leave_the_disk(machine: Machine) -> None:
    for number in range(4):
        machine.pack(f"1.{number}.0")
        result = machine.run(release=f"1.{number}.0", deploy_without_way_back=True, keep_releases=2)
        assert not result.get("failed"), result["msg"]
    assert machine.releases == {machine.id("1.2.0"), machine.id("1.3.0")}
    assert [step["kind"] for step in result["plan"]] == ["switch", "prune"]
    assert result["plan"][1]["state"] == "done"
    machine.pack("1.4.0")
    planned = machine.module(check=True, release="1.4.0", keep_releases=2)
    assert [(step["kind"], step["state"]) for step in planned["plan"]] == [
        ("switch", "would do"),
        ("prune", "would do"),
    ]
    assert machine.id("1.2.0") in planned["plan"][1]["sentence"]
    assert machine.id("1.2.0") in machine.releases


def test_a_run_that_was_killed_is_finished(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.pack("1.0.0")
    machine.pack("1.1.0")
    machine.run(release="1.0.0", deploy_without_way_back=True)
    planned = machine.module(check=True, release="1.1.0", permit=machine.permit)
    real = os.replace

    def killed(source: Any, target: Any) -> None:
        real(source, target)
        if str(target).endswith("/current"):
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            machine.module(release="1.1.0", permit=machine.permit)
    machine.records.append({**planned["intent"], "state": "open", "run": "r"})
    result = machine.run(release="1.1.0")
    assert (result.get("failed"), result["intent_open"], result["serving"]["version"]) == (False, False, "1.1.0")


def test_a_token_is_masked_and_a_version_is_not(machine: Machine) -> None:
    machine.pack("1.0.0")
    probe = {"url": f"https://127.0.0.1:{machine.port}/health", "bearer_token": "canary-token"}
    result = machine.module(check=True, release="1.0.0", probe=probe, deploy_without_way_back=True)
    assert "canary-token" not in json.dumps(result), result["msg"]
    assert not result.get("failed"), result["msg"]
    assert result["release"]["version"] == "1.0.0"
