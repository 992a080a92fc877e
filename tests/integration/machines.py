"""The lab inventory of a system, copied, with applications of the test's own in release directories on this machine."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from lab import archives, keeper
from lab.fakes.apprunner.control import Control
from lab.processes import read_record, start, stop
from tests.integration.stage import ROOT, Played, Stage

PACE = {
    "consecutive": 2,
    "interval_seconds": 0.05,
    "timeout_seconds": 2,
    "deadline_seconds": 2,
    "stability_seconds": 0.3,
}
SWITCH_PACE = {"steady_seconds": 0.4, "start_seconds": 6, "timeout_seconds": 30}
HEALTH = {"status": "ok", "version": "{version}"}
API = [{"path": "/health", "role": "health", "body": HEALTH, "bad_body": {**HEALTH, "status": "error"}}]
PAGE = "<!doctype html><html><body><h1>Sanvi Machinery</h1></body></html>"
FRONTEND = [{"path": "/", "role": "health", "body": PAGE}, {"path": "/favicon.ico", "role": "asset", "body": "icon"}]


@dataclass
class Application:
    """One component: its directory, its archives, the process out of C(current).

    :param state: where lab/keeper.py keeps what it knows.
    """

    name: str
    state: Path
    contract: list[dict[str, Any]]

    def __post_init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        archives.lay_machine(self.home, self.path, {"host": "127.0.0.1", "port": self.port})

    @property
    def home(self) -> Path:
        return self.state / self.name

    @property
    def path(self) -> Path:
        return self.home / "srv"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def linked(self) -> str:
        """The name of the directory that C(current) leads to."""
        return Path(os.readlink(self.path / "current")).name

    def pack(self, version: str, behaviour: object = "ok") -> None:
        """Put the archive of a release where CI would leave it."""
        release = {"version": version, "behaviour": behaviour, "contract": self.contract}
        archives.lay_archive(self.home / "artefacts" / f"{version}.tar.gz", release)

    def run_first(self, version: str) -> None:
        """Start a release that somebody put there by hand."""
        archives.lay_first(self.path, {"version": version, "contract": self.contract})
        start(keeper.launch_of(self.state, self.name), self.state)
        keeper.note_pid(self.state, self.name)
        self.wait()

    def wait(self) -> None:
        """Wait until it answers."""
        until = time.monotonic() + 10
        while self.asked("/version")[0] == 0:
            assert time.monotonic() < until, f"{self.name} does not answer"
            time.sleep(0.02)

    def asked(self, path: str) -> tuple[int, str]:
        """Status and body of an answer, as a stranger sees it; 0 when there is none."""
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=5) as answer:
                return int(answer.status), answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def serves(self) -> tuple[str, str]:
        """The version that it answers, and the directory that its process really runs in."""
        said = json.loads(self.asked("/version")[1])
        return str(said["version"]), Path(os.readlink(f"/proc/{said['instance']}/cwd")).name

    @property
    def process(self) -> str:
        """The id of the process that answers."""
        return str(json.loads(self.asked("/version")[1])["instance"])

    def variables(self) -> dict[str, Any]:
        """What the environment's inventory says of it, under its name."""
        keep = ["env", "-C", str(ROOT), sys.executable, "-m", "lab.keeper"]
        supervisor = {
            "kind": "command",
            "start": [*keep, "start", str(self.state), self.name],
            "stop": [*keep, "stop", str(self.state), self.name],
            "pid_file": str(keeper.pid_file(self.state, self.name)),
            "log_file": str(keeper.log_file(self.state, self.name)),
        }
        return {
            f"{self.name}_url": self.url,
            f"{self.name}_path": str(self.path),
            f"{self.name}_supervisor": supervisor,
            f"{self.name}_artefact": {"archive": f"{self.home}/artefacts/{{release}}.tar.gz"},
        }

    def close(self) -> None:
        stop(read_record(self.state / "records" / f"{self.name}.json"))


@dataclass
class System:
    """A system's lab inventory, copied, with values and a ledger of the test's own."""

    system: str
    home: Path
    control: Control = field(default_factory=lambda: Control("http://127.0.0.1:9"))
    endpoint: str = ""
    applications: dict[str, Application] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._stage = Stage(self.home, self.control, self.endpoint)
        shutil.copytree(ROOT / "inventories" / self.system, self.home / "inventory")
        (self.home / "inventory" / "lab.yml").rename(self.home / "inventory" / "hosts.yml")
        for name in ("records", "logs"):
            (self.home / "state" / name).mkdir(parents=True)
        self.change(ops_ledger=f"file://{self.home}/ledger", probe_pace=PACE)
        if self.system == "sanvi":
            self.change(switch_pace=SWITCH_PACE)

    def change(self, **values: object) -> None:
        """Set variables of the environment."""
        page = self.home / "inventory" / "group_vars" / "lab.yml"
        page.write_text(yaml.safe_dump({**yaml.safe_load(page.read_text()), **values}))

    def component(self, name: str, variables: Mapping[str, object]) -> None:
        """Say anew what a component is."""
        (self.home / "inventory" / "host_vars" / f"{name}.yml").write_text(yaml.safe_dump(dict(variables)))

    def add(self, name: str, contract: list[dict[str, Any]]) -> Application:
        """Have an application of the test's own for a component."""
        made = self.applications[name] = Application(name, self.home / "state", contract)
        self.change(**made.variables())
        return made

    def initialise(self) -> None:
        assert self.play("ledger", ledger_action="initialise").rc == 0

    def play(self, playbook: str, *, check: bool = False, limit: str = "", **variables: object) -> Played:
        """Run a playbook as AWX does."""
        return self._stage.play(playbook, check=check, limit=limit, **variables)

    def green(self, playbook: str, **more: Any) -> Played:
        """Run a playbook, which must end green."""
        done = self.play(playbook, **more)
        assert done.rc == 0, done.output
        return done

    def red(self, playbook: str, **more: Any) -> Played:
        """Run a playbook, which must end red."""
        done = self.play(playbook, **more)
        assert done.rc != 0, done.output
        return done

    def journal(self) -> list[dict[str, Any]]:
        return self._stage.journal()

    def records(self, kind: str) -> list[dict[str, Any]]:
        """The ledger's records of one kind, read without our code."""
        pages = sorted((self.home / "ledger" / "releases" / "entries").iterdir())
        return [
            record for page in pages for record in json.loads(page.read_text())["records"] if record["kind"] == kind
        ]

    def close(self) -> None:
        for each in self.applications.values():
            each.close()


def results(played: Played, action: str) -> list[dict[str, Any]]:
    """The results of all tasks of an action, in order; `of` is the component that the task's name ends with."""
    return [
        {**event["event_data"]["res"], "of": str(event["event_data"]["task"]).split()[-1]}
        for event in played.events
        if event["event"] in ("runner_on_ok", "runner_on_failed")
        and str(event["event_data"].get("resolved_action", "")).endswith(action)
    ]


def curl(*words: str) -> tuple[int, str]:
    """The runbook's own look: curl's exit code and what it printed."""
    done = subprocess.run(["curl", "-s", *words], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout
