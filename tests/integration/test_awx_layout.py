"""Deploy from AWX's private data directory, with the collection installed as AWX installs it; cancelled and timed out.

AWX ends a job by killing the process group of ansible-playbook: no rescue and no always runs, and the module goes on.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ansible_runner
import pytest
import yaml

from lab.fakes.apprunner.control import start
from tests.integration.stage import ROOT, SERVICE, Stage

INSTALLED = ("plugins", "roles", "playbooks", "meta")
FREED_WITHIN_SECONDS = 90.0
# what AWX itself adds to the extra variables, each under two names
META = {
    "job_id": 4711,
    "job_launch_type": "scheduled",
    "user_id": 7,
    "user_name": "kim",
    "user_email": "kim@example.com",
    "user_first_name": "",
    "user_last_name": "",
    "schedule_id": 3,
    "schedule_name": "nightly",
    "workflow_job_id": 4700,
    "workflow_job_name": "release train",
}
KEPT = ("awx_job_id", "awx_job_launch_type", "awx_user_name", "awx_schedule_name", "awx_workflow_job_id")
# a survey that was left as it was, and what an earlier node of a workflow hands down
SURVEY = {
    "deploy_action": "",
    "deploy_reason": "",
    "deploy_batch": "",
    "deploy_schema_revision": "",
    "deploy_without_way_back": "false",
    "ops_override": [],
    "ops_confirm": "",
    "ops_incident": "",
    "ops_reason": "",
    "steady_run": {"run": "01M7", "outcome": "ok"},
}
PROJECT_SETTINGS = """\
[defaults]
callbacks_enabled = steady.ops.journal
"""


@dataclass
class Awx:
    """A private data directory below C(home), and jobs that run from it."""

    stage: Stage
    home: Path

    def prepare(self) -> Awx:
        """Write what does not change from job to job: project, collection, inventory, environment."""
        collection = self.home / "project" / "collections" / "ansible_collections" / "steady" / "ops"
        for name in INSTALLED:
            shutil.copytree(ROOT / name, collection / name, ignore=shutil.ignore_patterns("__pycache__"))
        (self.home / "project" / "ansible.cfg").write_text(PROJECT_SETTINGS)
        for name in ("deploy", "rollback", "ledger"):
            play = [{"name": f"Run {name}", "ansible.builtin.import_playbook": f"steady.ops.{name}"}]
            (self.home / "project" / f"{name}.yml").write_text(yaml.safe_dump(play))
        (self.home / "env").mkdir()
        shutil.copytree(self.stage.home / "inventory", self.home / "inventory")
        return self

    def job(
        self,
        number: int,
        *,
        timeout_seconds: int = 0,
        cancel: Callable[[], bool] | None = None,
        check: bool = False,
        playbook: str = "deploy",
        **variables: object,
    ) -> ansible_runner.Runner:
        """Run a playbook as job C(number) and return what ansible-runner says of it."""
        settings = {"job_timeout": timeout_seconds, "suppress_ansible_output": True}
        environment = {
            "ANSIBLE_COLLECTIONS_PATH": str(self.home / "project" / "collections"),
            "ANSIBLE_HOME": str(self.home / "ansible home"),
            "AWX_PRIVATE_DATA_DIR": str(self.home),
            "AWX_HOST": "https://awx.example.com",
            "JOB_ID": str(number),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        extra = {**_meta("awx", number), **_meta("tower", number), **variables}
        pages = {"settings": settings, "envvars": environment, "extravars": extra}
        for name, content in pages.items():
            (self.home / "env" / name).write_text(json.dumps(content))
        # ansible-runner keeps what a run was given and gives it to the next
        (self.home / "env" / "cmdline").unlink(missing_ok=True)
        run = ansible_runner.interface.init_runner(
            private_data_dir=str(self.home),
            playbook=f"{playbook}.yml",
            ident=str(number),
            quiet=True,
            cmdline="--check --diff" if check else None,
        )
        run.cancel_callback = cancel
        run.run()
        return run

    def artifact(self, number: int) -> dict[str, Any]:
        """Return what AWX would keep as the job's artifacts: that of the statistics' event."""
        for page in (self.home / "artifacts" / str(number) / "job_events").glob("*.json"):
            event = json.loads(page.read_text())
            if event["event"] == "playbook_on_stats":
                return dict(event["event_data"]["artifact_data"]["steady_run"])
        raise AssertionError(f"job {number} came to no statistics:\n{self.output(number)}")

    def output(self, number: int) -> str:
        """Return what the job's page shows."""
        return (self.home / "artifacts" / str(number) / "stdout").read_text()

    def leases(self) -> list[Any]:
        """Return the leases that are held, read from the ledger's file."""
        return list(json.loads((self.stage.home / "ledger" / "leases").read_text())["leases"])

    def wait_until_free(self) -> None:
        """Wait until nobody holds a lease."""
        limit = time.monotonic() + FREED_WITHIN_SECONDS
        while self.leases():
            assert time.monotonic() < limit, f"still held: {self.leases()}"
            time.sleep(0.2)

    def intents(self) -> list[dict[str, Any]]:
        """Return the records of intended changes, read from the ledger's files."""
        pages = sorted((self.stage.home / "ledger" / "releases" / "entries").iterdir())
        records = [record for page in pages for record in json.loads(page.read_text())["records"]]
        return [record for record in records if record["kind"] == "intent"]


def _meta(prefix: str, number: object) -> dict[str, object]:
    return {f"{prefix}_{name}": value for name, value in {**META, "job_id": number}.items()}


@pytest.fixture
def awx(tmp_path: Path) -> Iterator[Awx]:
    with start(tmp_path / "fake", 600) as fake:
        stage = Stage(tmp_path, fake.control, fake.endpoint).open()
        assert stage.play("deploy", deploy_action="adopt").rc == 0
        yield Awx(stage, tmp_path / "job data").prepare()


def test_a_job_deploys_and_is_journalled_with_its_number(awx: Awx) -> None:
    done = awx.job(41, deploy_release="2.0.0")
    assert (done.status, done.rc) == ("successful", 0), awx.output(41)
    assert awx.stage.answers()["version"] == "2.0.0"
    assert awx.leases() == []
    (job,) = {json.dumps(found["who"]["awx"]) for found in awx.stage.journal() if "awx" in found.get("who", {})}
    assert json.loads(job) == {name: str(value) for name, value in _meta("awx", 41).items() if name in KEPT}
    assert "\x1b[K\x1b[K" not in awx.output(41) and "waiting: UPDATE_SERVICE in progress" in awx.output(41)


def test_every_job_leaves_what_it_came_to(awx: Awx) -> None:
    planned = awx.job(51, check=True, deploy_release="2.0.0", **SURVEY)
    assert planned.rc == 0, awx.output(51)
    left = awx.artifact(51)
    assert (left["outcome"], left["mode"], left["changed"]) == ("ok", "check", True)
    assert left["serving"]["api"]["version"] == "1.0.0"

    done = awx.job(52, deploy_release="2.0.0", **SURVEY)
    assert done.rc == 0, awx.output(52)
    left = awx.artifact(52)
    assert (left["outcome"], left["mode"], left["rolled_back"]) == ("ok", "real", False)
    assert left["serving"]["api"]["version"] == "2.0.0" and left["msg"] == ""

    bad = awx.job(53, deploy_release="9.0.0", **SURVEY)
    assert bad.rc != 0
    left = awx.artifact(53)
    assert (left["outcome"], left["rolled_back"], left["changed"]) == ("failed", True, True)
    assert left["serving"]["api"]["version"] == "2.0.0" and "went back to 2.0.0" in left["msg"]

    refused = awx.job(54, deploy_release="", **SURVEY)
    assert refused.rc != 0
    left = awx.artifact(54)
    assert (left["outcome"], left["serving"]) == ("refused", {}) and "deploy_release is empty" in left["msg"]

    tool = awx.job(55, playbook="ledger", **{name: value for name, value in SURVEY.items() if "deploy" not in name})
    left = awx.artifact(55)
    assert (left["outcome"], left["system"]) == ("ok" if tool.rc == 0 else "refused", "shop")


def test_a_cancelled_job_frees_its_lease_and_the_next_finishes_it(awx: Awx) -> None:
    awx.stage.control.hold(SERVICE, "pull")
    stopped = awx.job(42, cancel=lambda: bool(awx.stage.mutations()), deploy_release="2.0.0")
    assert stopped.status == "canceled", awx.output(42)
    assert awx.leases(), "the module of a killed run may still work: the lease outlives ansible-playbook"
    awx.stage.control.release(SERVICE)
    awx.wait_until_free()
    assert awx.intents()[-1]["state"] != "settled", "nobody was left to settle it"

    again = awx.job(43, deploy_release="2.0.0")
    assert (again.status, again.rc) == ("successful", 0), awx.output(43)
    assert awx.stage.answers()["version"] == "2.0.0"
    assert len(awx.stage.mutations()) == 1, "the platform was asked once for one intended change"
    assert awx.intents()[-1]["state"] == "settled"
    assert awx.leases() == []


def test_a_job_that_timed_out_is_settled_before_another_release_goes_out(awx: Awx) -> None:
    awx.stage.control.hold(SERVICE, "end")
    stopped = awx.job(44, timeout_seconds=20, deploy_release="2.0.0")
    assert stopped.status == "timeout", awx.output(44)
    assert len(awx.stage.mutations()) == 1
    awx.stage.control.release(SERVICE)

    # no waiting here: the next job itself waits for the lease
    other = awx.job(45, deploy_release="3.0.0")
    assert (other.status, other.rc) == ("successful", 0), awx.output(45)
    assert awx.stage.answers()["version"] == "3.0.0"
    assert {record["state"] for record in awx.intents()[-1:]} == {"settled"}
    assert awx.leases() == []
