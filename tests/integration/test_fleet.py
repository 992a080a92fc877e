"""Three hosts of one component on their real playbooks: share by share, stopped by the first failure, and back."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import initialise
from lab.fakes.apprunner.control import Control
from tests.integration.machines import API, PACE, Application, results
from tests.integration.stage import Played, Stage
from tests.integration.test_killed_run import begin, kill_all

DEPLOY = "release_dir_deploy"
HOSTS = ("api-1", "api-2", "api-3")
PACKED = {"1.0.0": "ok", "2.0.0": "ok", "2.1.0": "ok", "3.0.0": "crash"}


class Fleet(Stage):
    """Applications on this machine, each a host of the fleet C(api)."""

    applications: dict[str, Application]

    def open_fleet(self) -> Fleet:
        """Start 1.0.0 on each host; the ledger does not know it yet."""
        for name in ("records", "logs"):
            (self.home / "state" / name).mkdir(parents=True)
        self.applications = {name: Application(name, self.home / "state", API) for name in HOSTS}
        for application in self.applications.values():
            for version, behaviour in PACKED.items():
                application.pack(version, behaviour)
            application.run_first("1.0.0")
        self.describe()
        initialise(f"file://{self.home}/ledger", "shop", "lab")
        return self

    def describe(self, fleet: str = "api", **hooks: object) -> None:
        """Write the inventory.

        :param hooks: C(component_hooks) of a host, under its name with an underscore.
        """
        everywhere = {
            "ops_system": "shop",
            "ops_environment": "lab",
            "ops_ledger": f"file://{self.home}/ledger",
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "component_kind": "http",
            "component_platform": "release_dir",
            "component_depends_on": [],
            "component_reach": {"via": "direct"},
        }
        hosts = {}
        for name, application in self.applications.items():
            told = application.variables()
            options = {key: told[f"{name}_{key}"] for key in ("path", "supervisor", "artefact")}
            options |= {"steady_seconds": 0.4, "start_seconds": 6, "switch_timeout_seconds": 30}
            probe = {"url": f"{application.url}/health", "version": {"json": "version", "equals": "release"}, **PACE}
            hosts[name] = {"component_options": options, "component_probe": probe}
            if name.replace("-", "_") in hooks:
                hosts[name]["component_hooks"] = hooks[name.replace("-", "_")]
        api: dict[str, Any] = {"hosts": {name: {} for name in HOSTS}}
        if fleet:
            api["vars"] = {"component_fleet": fleet}
        groups = {name: {} for name in ("postgres", "redis", "storage", "ingress", "monitoring")}
        lab = {"hosts": {name: {} for name in HOSTS}, "vars": {"ansible_group_priority": 10, **everywhere}}
        tree = {"all": {"children": {"services": {"hosts": hosts, "children": {"api": api}}, **groups, "lab": lab}}}
        (self.home / "inventory").mkdir(exist_ok=True)
        (self.home / "inventory" / "hosts.yml").write_text(yaml.safe_dump(tree, sort_keys=False))

    def green(self, playbook: str, **more: Any) -> Played:
        done = self.play(playbook, **more)
        assert done.rc == 0, done.output
        return done

    def red(self, playbook: str, **more: Any) -> Played:
        done = self.play(playbook, **more)
        assert done.rc != 0, done.output
        return done

    def serving(self) -> list[str]:
        """The version that each host answers, by a process of that release's own directory."""
        return [application.serves()[0] for application in self.applications.values()]

    def processes(self) -> list[str]:
        return [application.process for application in self.applications.values()]


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    opened = Fleet(tmp_path, Control("http://127.0.0.1:9"), "")
    try:
        yield opened.open_fleet()
    finally:
        for application in opened.applications.values():
            application.close()


def told(played: Played) -> str:
    """What the last task says of the fleet."""
    (line,) = played.result("debug")["msg"]
    assert played.output.index("fleet api:") > max(played.output.rfind(f"{name} | ") for name in HOSTS)
    return str(line)


def test_share_by_share_until_all_serve_it(fleet: Fleet) -> None:
    before = fleet.processes()
    first = fleet.green("deploy", deploy_release="2.0.0", deploy_batch="1")
    assert fleet.serving() == ["2.0.0", "1.0.0", "1.0.0"]
    assert fleet.processes()[1:] == before[1:]
    assert told(first) == "fleet api: 1 of 3 hosts serve 2.0.0; run the same command again for the next share"

    second = fleet.green("deploy", deploy_release="2.0.0", deploy_batch="34%")
    assert fleet.serving() == ["2.0.0", "2.0.0", "1.0.0"]
    assert told(second) == "fleet api: 2 of 3 hosts serve 2.0.0; run the same command again for the next share"
    last = fleet.green("deploy", deploy_release="2.0.0", deploy_batch="5")
    assert (fleet.serving(), told(last)) == (["2.0.0"] * 3, "fleet api: 3 of 3 hosts serve 2.0.0")

    processes = fleet.processes()
    again = fleet.green("deploy", deploy_release="2.0.0", deploy_batch="1")
    assert {item["of"] for item in results(again, DEPLOY)} == set(HOSTS), "all of them are proved again"
    assert not any(item["changed"] for item in results(again, DEPLOY))
    assert (fleet.processes(), told(again)) == (processes, "fleet api: 3 of 3 hosts serve 2.0.0")

    failed = fleet.red("deploy", deploy_release="3.0.0", deploy_batch="2")
    assert fleet.serving() == ["2.0.0"] * 3
    assert fleet.processes()[1:] == processes[1:], "a release that fails at the first host comes to no other"
    assert "fleet api" not in failed.output
    fleet.green("rollback", rollback_from="2.0.0")
    assert fleet.serving() == ["1.0.0"] * 3


def test_a_share_goes_back_and_the_untouched_hosts_stay(fleet: Fleet) -> None:
    # there is something further back, where an untouched host could be sent by mistake
    fleet.green("deploy", deploy_release="2.0.0")
    untouched = fleet.processes()[1:]
    fleet.green("deploy", deploy_release="2.1.0", deploy_batch="1")

    # the share turns bad later: nothing follows it
    fleet.applications["api-1"].close()
    stopped = fleet.red("deploy", deploy_release="2.1.0", deploy_batch="1")
    assert "api-1 serves 2.1.0" in " ".join(stopped.output.split()), stopped.output
    assert [fleet.applications[name].process for name in HOSTS[1:]] == untouched

    back = fleet.green("rollback")
    assert (fleet.serving(), fleet.processes()[1:]) == (["2.0.0"] * 3, untouched)
    assert told(back) == "fleet api: 1 of 3 hosts went back, the others stay as they are"
    again = fleet.green("rollback", rollback_from="2.1.0")
    assert not any(item["changed"] for item in results(again, DEPLOY))
    refused = fleet.red("rollback")
    assert "never came to api-2, api-3, so there is nothing to bring back" in refused.output, refused.output
    assert (fleet.serving(), fleet.processes()[1:]) == (["2.0.0"] * 3, untouched)


def test_a_killed_share_is_settled_and_the_shares_before_it_go_back_with_it(fleet: Fleet, tmp_path: Path) -> None:
    fleet.green("deploy", deploy_release="2.0.0", deploy_batch="1")
    fleet.describe(api_3={"before_switch": [{"argv": [sys.executable, "-c", "import time; time.sleep(60)"]}]})
    temporary = tmp_path / "ansible temporary"
    run = begin(fleet, temporary, "deploy", "deploy_release=2.0.0", "deploy_batch=2")
    until = time.monotonic() + 90
    entries = fleet.home / "ledger" / "releases" / "entries"
    while not any('"api-3":{"back_release"' in page.read_text().replace(" ", "") for page in entries.iterdir()):
        assert time.monotonic() < until, "the run did not come to api-3"
        time.sleep(0.1)
    kill_all(run, temporary)
    assert fleet.serving() == ["2.0.0", "2.0.0", "1.0.0"]
    fleet.describe()

    part = fleet.red("deploy", limit="api-3", deploy_release="2.0.0")
    assert "this run leaves out api-1, api-2" in part.output, part.output
    untouched = fleet.applications["api-3"].process
    fleet.green("rollback")
    assert (fleet.serving(), fleet.applications["api-3"].process) == (["1.0.0"] * 3, untouched)


def test_a_share_that_says_nothing_is_refused(fleet: Fleet) -> None:
    half = fleet.red("deploy", deploy_release="2.0.0", deploy_batch="half")
    assert "deploy_batch is 'half', neither a number of hosts from 1 nor a percentage" in half.output, half.output
    typo = fleet.red("deploy", deploy_release="2.0.0", deploy_batches="1")
    assert "Did you mean deploy_batch?" in typo.output, typo.output
    fleet.describe(fleet="")
    none = fleet.red("deploy", deploy_release="2.0.0", deploy_batch="1")
    assert "no host of this run belongs to a fleet" in none.output, none.output
    assert fleet.serving() == ["1.0.0"] * 3
