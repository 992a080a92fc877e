"""A system of the test's own on the App Runner fake, and playbooks run on it as AWX runs them."""

from __future__ import annotations

import json
import os
import shutil
import sys
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ansible_runner
import yaml

from lab.fakes.apprunner.control import Control

ROOT = Path(__file__).parents[2]
SYSTEM, SERVICE, REPOSITORY = "shop", "shop-api", "shop/api"
HEALTH = "/api/health/healthz"
REGISTRY = "000000000000.dkr.ecr.us-east-1.amazonaws.com"
PROBE = {
    "status": 200,
    "json": {"status": "Healthy"},
    "version": {"json": "version", "equals": "release"},
    "consecutive": 2,
    "interval_seconds": 0.05,
    "deadline_seconds": 5,
    "stability_seconds": 0.3,
    "timeout_seconds": 2,
}


@dataclass(frozen=True)
class Played:
    """What one run of a playbook came to."""

    rc: int
    output: str
    events: list[dict[str, Any]] = field(repr=False)

    def result(self, action: str) -> dict[str, Any]:
        """Return the last result of a task by the end of its action's name."""
        found = [
            event["event_data"]["res"]
            for event in self.events
            if event["event"] in ("runner_on_ok", "runner_on_failed")
            and str(event["event_data"].get("resolved_action", "")).endswith(action)
        ]
        assert found, f"no task of {action} ran:\n{self.output}"
        return dict(found[-1])


@dataclass
class Stage:
    """The system: one service C(api), its ledger, its inventory.

    :param home: a directory of the test's own.
    """

    home: Path
    control: Control
    endpoint: str
    url: str = ""

    def open(self, *, first: str = "1.0.0", environment: Mapping[str, str] | None = None) -> Stage:
        """Make images and a running service that the ledger does not know, and initialise the ledger."""
        for version in ("1.0.0", "2.0.0", "3.0.0"):
            self.control.put_image(REPOSITORY, version, version, {"kind": "ok"})
        self.control.put_image(REPOSITORY, "9.0.0", "9.0.0", {"kind": "wrong_body", "body": "grafana"})
        options: dict[str, Any] = {"health_check": {"path": HEALTH}}
        if environment:
            options["environment"] = dict(environment)
        truth = self.control.create_service(SERVICE, f"{REPOSITORY}:{first}", **options)
        self.url = str(truth["url"])
        self.write_inventory({})
        assert self.play("ledger", ledger_action="initialise").rc == 0
        return self

    def write_inventory(self, changes: Mapping[str, Any]) -> None:
        """Write the inventory, with some variables of the component changed; C(None) leaves one out."""
        options = {
            "service": SERVICE,
            "image_repository": f"{REGISTRY}/{REPOSITORY}",
            "poll_seconds": 0.1,
            "settle_seconds": 2.0,
            "switch_timeout_seconds": 30.0,
        }
        variables: dict[str, Any] = {
            "ops_system": SYSTEM,
            "ops_environment": "lab",
            "ops_ledger": f"file://{self.home}/ledger",
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "component_kind": "http",
            "component_platform": "apprunner",
            "component_options": {**options, **changes.get("component_options", {})},
            "component_probe": {"url": f"{self.url}{HEALTH}", **PROBE, **changes.get("component_probe", {})},
            "component_depends_on": [],
            "component_reach": {"via": "direct"},
            "component_identity": {"aws_account": "000000000000", "region": "us-east-1"},
            "aws_connection": {
                "region": "us-east-1",
                "endpoint_url": self.endpoint,
                "access_key": "AKIATESTTESTTESTTEST",
                "secret_key": "a-secret-key-of-the-test",
            },
        }
        nested = ("component_options", "component_probe")
        variables |= {key: value for key, value in changes.items() if key not in nested}
        host = {key: value for key, value in variables.items() if value is not None}
        groups = {name: {} for name in ("postgres", "redis", "storage", "ingress", "monitoring")}
        lab = {"hosts": {"api": {}}, "vars": {"ansible_group_priority": 10}}
        tree = {"all": {"children": {"services": {"hosts": {"api": host}}, **groups, "lab": lab}}}
        (self.home / "inventory").mkdir(exist_ok=True)
        (self.home / "inventory" / "hosts.yml").write_text(yaml.safe_dump(tree))

    def play(
        self, playbook: str, *, check: bool = False, verbosity: int = 0, limit: str = "", **variables: object
    ) -> Played:
        """Run a playbook through ansible-runner and return what it came to."""
        # ansible-runner keeps what a run was given and gives it to the next
        shutil.rmtree(self.home / "env", ignore_errors=True)
        options: dict[str, Any] = {"verbosity": verbosity} if verbosity else {}
        options |= {"limit": limit} if limit else {}
        run = ansible_runner.run(
            private_data_dir=str(self.home),
            project_dir=str(ROOT),
            playbook=f"playbooks/{playbook}.yml",
            inventory=str(self.home / "inventory" / "hosts.yml"),
            extravars=variables,
            cmdline="--check --diff" if check else None,
            envvars={
                "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
                "ANSIBLE_HOME": str(ROOT / ".ansible"),
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            },
            quiet=True,
            **options,
        )
        return Played(int(run.rc), run.stdout.read(), [dict(event) for event in run.events])

    def answers(self) -> dict[str, Any]:
        """Ask the service itself, as a stranger would."""
        with urllib.request.urlopen(f"{self.url}{HEALTH}", timeout=5) as answer:
            return dict(json.load(answer))

    def mutations(self) -> list[dict[str, Any]]:
        """Return the mutating requests that the fake has accepted."""
        return [row for row in self.control.requests(mutating=True) if row["accepted"]]

    def journal(self) -> list[dict[str, Any]]:
        """Return the journal's records, read from its files."""
        files = sorted((self.home / "ledger" / "journal" / "entries").iterdir())
        entries = [json.loads(page.read_text()) for page in files]
        return [record for entry in entries for record in entry["records"]]
