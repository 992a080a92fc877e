"""Two components as one unit, on their real playbooks: served together, put back together, finished after a kill."""

from __future__ import annotations

import contextlib
import json
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.fakes.apprunner.control import start
from tests.integration.stage import HEALTH, REGISTRY, Stage
from tests.integration.test_killed_run import begin, kill_all

MEMBERS = ("web", "api")


@dataclass
class TwoServices(Stage):
    """A system of two services; C(web) stands before C(api) in the inventory."""

    urls: dict[str, str] = field(default_factory=dict)

    def open_both(self) -> TwoServices:
        """Make images, services and the ledger: api's 3.0.0 does not pass, web's does."""
        for member in MEMBERS:
            for version in ("1.0.0", "2.0.0", "3.0.0"):
                bad = {"kind": "wrong_body", "body": "grafana"} if (member, version) == ("api", "3.0.0") else "ok"
                self.control.put_image(f"shop/{member}", version, version, bad)
            truth = self.control.create_service(f"shop-{member}", f"shop/{member}:1.0.0", health_check={"path": HEALTH})
            self.urls[member] = str(truth["url"])
        self.url = self.urls["api"]
        self._write_both()
        assert self.play("ledger", ledger_action="initialise").rc == 0
        adopted = self.play("deploy", deploy_action="adopt")
        assert adopted.rc == 0, adopted.output
        return self

    def _write_both(self) -> None:
        self.write_inventory({})
        path = self.home / "inventory" / "hosts.yml"
        tree = yaml.safe_load(path.read_text())
        one = tree["all"]["children"]["services"]["hosts"]["api"]
        hosts: dict[str, Any] = {}
        for member in MEMBERS:
            options = {**one["component_options"], "service": f"shop-{member}"}
            options["image_repository"] = f"{REGISTRY}/shop/{member}"
            probe = {**one["component_probe"], "url": f"{self.urls[member]}{HEALTH}"}
            hosts[member] = {**one, "component_options": options, "component_probe": probe}
        tree["all"]["children"]["services"]["hosts"] = hosts
        tree["all"]["children"]["lab"]["hosts"] = {member: {} for member in MEMBERS}
        path.write_text(yaml.safe_dump(tree, sort_keys=False))

    def hook(self, member: str, moment: str, argv: list[str], **options: float) -> None:
        """Give a component a command of its own around its switch."""
        path = self.home / "inventory" / "hosts.yml"
        tree = yaml.safe_load(path.read_text())
        host = tree["all"]["children"]["services"]["hosts"][member]
        host["component_hooks"] = {moment: [{"argv": argv, **options}]}
        path.write_text(yaml.safe_dump(tree, sort_keys=False))

    def serving(self) -> dict[str, str]:
        """Return the version that each service answers."""
        found = {}
        for member in MEMBERS:
            with urllib.request.urlopen(f"{self.urls[member]}{HEALTH}", timeout=5) as answer:
                found[member] = str(json.load(answer)["version"])
        return found

    def units(self) -> list[tuple[object, object]]:
        """Return action and state of each unit record in the ledger."""
        records = [
            record
            for path in sorted((self.home / "ledger" / "releases" / "entries").iterdir())
            for record in json.loads(path.read_text())["records"]
        ]
        return [(record["action"], record["state"]) for record in records if record["kind"] == "unit"]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[TwoServices]:
    with start(tmp_path / "fake", 600) as fake:
        # 20 s on this clock: on a busy machine a good release is slow to come up
        fake.control.settings(durations={"startup": 12_000.0})
        yield TwoServices(tmp_path, fake.control, fake.endpoint).open_both()
        assert fake.control.broken() == []


def test_they_are_served_together_and_put_back_together(stage: TwoServices) -> None:
    planned = stage.play("deploy", check=True, deploy_release="2.0.0")
    assert planned.rc == 0, planned.output
    assert stage.mutations() == []

    done = stage.play("deploy", deploy_release="2.0.0")
    assert done.rc == 0, done.output
    assert stage.serving() == {"web": "2.0.0", "api": "2.0.0"}
    assert stage.units() == [("deploy", "open"), ("deploy", "settled")]
    plans = [line for line in done.output.splitlines() if "| plan: Serve 2.0.0" in line]
    first_switch = done.output.index("| switching to")
    assert all(done.output.index(line) < first_switch for line in plans[:2]), "planned before the first is touched"
    began = len(stage.mutations())
    again = stage.play("deploy", deploy_release="2.0.0")
    assert (again.rc, len(stage.mutations())) == (0, began)

    failed = stage.play("deploy", deploy_release="3.0.0")
    assert failed.rc != 0
    assert stage.serving() == {"web": "2.0.0", "api": "2.0.0"}
    assert "The deploy of web, api was undone: web serves 2.0.0" in failed.output, failed.output
    assert stage.units()[-2:] == [("deploy", "open"), ("deploy", "settled")]

    back = stage.play("rollback")
    assert back.rc == 0, back.output
    assert stage.serving() == {"web": "1.0.0", "api": "1.0.0"}, "web's 3.0.0 went with its unit and is no way back"


def test_what_one_lacks_leaves_both_as_they_are(stage: TwoServices) -> None:
    stage.control.put_image("shop/web", "4.0.0", "4.0.0", "ok")
    refused = stage.play("deploy", deploy_release="4.0.0")
    assert refused.rc != 0
    assert stage.mutations() == []
    assert stage.units() == []


def until_accepted(stage: TwoServices, count: int) -> None:
    """Wait until the platform has accepted so many mutations: all of a unit's steps before that one are done."""
    limit = time.monotonic() + 180
    while len(stage.mutations()) < count:
        assert time.monotonic() < limit, f"the run came to {len(stage.mutations())} switches"
        time.sleep(0.05)


def hanging_once(mark: Path) -> list[str]:
    """A command that leaves a mark and hangs, and passes when the mark is there."""
    code = (
        "import pathlib, sys, time; mark = pathlib.Path(sys.argv[1]); mark.exists() or mark.touch() or time.sleep(300)"
    )
    return [sys.executable, "-c", code, str(mark)]


def lives(mark: Path) -> bool:
    """Whether a command with that mark still runs."""
    lines = [entry / "cmdline" for entry in Path("/proc").glob("[0-9]*")]
    for line in lines:
        with contextlib.suppress(OSError):
            if str(mark).encode() in line.read_bytes():
                return True
    return False


def test_a_run_killed_in_a_hanging_command_is_finished_and_one_that_hangs_too_long_puts_both_back(
    stage: TwoServices, tmp_path: Path
) -> None:
    temporary = tmp_path / "ansible temporary"
    temporary.mkdir()
    mark = temporary / "hangs"
    stage.hook("api", "before_switch", hanging_once(mark))
    run = begin(stage, temporary, "deploy", "deploy_release=2.0.0")
    limit = time.monotonic() + 180
    while not mark.exists():
        assert time.monotonic() < limit and run.poll() is None, "the run never came to api's command"
        time.sleep(0.05)
    kill_all(run, temporary)
    while lives(mark):
        assert time.monotonic() < limit, "the command outlived its SIGKILL"
        time.sleep(0.05)
    assert stage.serving() == {"web": "2.0.0", "api": "1.0.0"}
    assert stage.units() == [("deploy", "open")]

    same = stage.play("deploy", deploy_release="2.0.0")
    assert same.rc == 0, same.output
    assert stage.serving() == {"web": "2.0.0", "api": "2.0.0"}
    assert [row["target"] for row in stage.mutations()] == ["shop-web", "shop-api"], "web is not switched again"
    assert stage.units() == [("deploy", "open"), ("deploy", "settled")]

    for member in MEMBERS:
        stage.control.put_image(f"shop/{member}", "4.0.0", "4.0.0", "ok")
    mark.unlink()
    stage.hook("api", "after_switch", hanging_once(mark), timeout_seconds=1.0)
    failed = stage.play("deploy", deploy_release="4.0.0")
    assert failed.rc != 0
    assert "did not run to its end" in failed.output, failed.output
    assert "The deploy of web, api was undone: web serves 2.0.0" in failed.output, failed.output
    assert not lives(mark), "a command that hangs is ended with the switch"
    assert stage.serving() == {"web": "2.0.0", "api": "2.0.0"}
    assert [row["target"] for row in stage.mutations()[2:]] == ["shop-web", "shop-api", "shop-api", "shop-web"]
    assert stage.units()[2:] == [("deploy", "open"), ("deploy", "settled")]


def test_a_run_killed_at_the_second_is_put_back_by_a_rollback_over_both(stage: TwoServices, tmp_path: Path) -> None:
    stage.control.hold("shop-api", "pull")
    run = begin(stage, tmp_path / "ansible temporary", "deploy", "deploy_release=2.0.0")
    until_accepted(stage, 2)
    kill_all(run, tmp_path / "ansible temporary")
    stage.control.release("shop-api")
    stage.control.wait("shop-api")

    part = stage.play("deploy", limit="web", deploy_release="1.0.0")
    assert part.rc != 0
    assert "this run leaves out api" in part.output, part.output
    assert len(stage.mutations()) == 2

    back = stage.play("rollback")
    assert back.rc == 0, back.output
    assert stage.serving() == {"web": "1.0.0", "api": "1.0.0"}
    assert (len(stage.mutations()), stage.units()[-1]) == (4, ("deploy", "settled"))


def test_a_run_killed_in_its_undo_is_settled_before_the_next_deploy(stage: TwoServices, tmp_path: Path) -> None:
    run = begin(stage, tmp_path / "ansible temporary", "deploy", "deploy_release=3.0.0")
    until_accepted(stage, 3)
    stage.control.hold("shop-web", "pull")
    until_accepted(stage, 4)
    kill_all(run, tmp_path / "ansible temporary")
    stage.control.release("shop-web")
    stage.control.wait("shop-web")

    other = stage.play("deploy", deploy_release="2.0.0")
    assert other.rc == 0, other.output
    assert stage.serving() == {"web": "2.0.0", "api": "2.0.0"}
    assert len(stage.mutations()) == 6, "web's undo is finished, not begun again"
    assert stage.units()[-3:] == [("deploy", "settled"), ("deploy", "open"), ("deploy", "settled")]
