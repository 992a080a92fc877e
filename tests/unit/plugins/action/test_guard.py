"""The guard's wiring in process; over real processes it runs in tests/integration/test_guard.py."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleError

from ansible_collections.steady.ops.plugins.action import guard
from ansible_collections.steady.ops.plugins.plugin_utils._gates.identity import Caller
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import initialise, open_ledger
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.processes import Process
from ansible_collections.steady.ops.plugins.plugin_utils._runs import active

CONTRACT = """
purpose: Swap.
place: controller
actions:
  show: {risk: read}
  swap: {risk: change}
  raze: {risk: destructive}
"""


class Stage:
    """A play of hosts, a role with a contract, a ledger; the process of the run is one that sleeps."""

    def __init__(self, base: Path, monkeypatch: pytest.MonkeyPatch, process: Process) -> None:
        self.base = base
        initialise(f"file://{base}/ledger", "toy", "lab")
        role = base / "role"
        (role / "meta").mkdir(parents=True)
        (role / "meta" / "runbook.yml").write_text(CONTRACT)
        values = {"ops_system": "toy", "ops_environment": "lab", "ops_ledger": f"file://{base}/ledger"}
        self.hosts: dict[str, dict[str, Any]] = {
            name: {**values, "group_names": ["lab", "services"]} for name in ("web", "api")
        }
        self.extra: dict[str, Any] = {}
        self.said: list[str] = []
        self.swept: list[Path] = []
        self.asked_roles: list[str] = []
        self.process = process

        def role_path(name: str) -> tuple[str, str, str] | None:
            self.asked_roles.append(name)
            return ("x", str(role), "x") if name == "steady.ops.swap" else None

        monkeypatch.setattr(guard, "_get_collection_role_path", role_path)
        monkeypatch.setattr(guard, "load_extra_vars", lambda _loader: self.extra)
        monkeypatch.setattr(guard, "Display", lambda: SimpleNamespace(display=self.said.append))
        monkeypatch.setattr(guard, "sweep", lambda places, _runs: self.swept.extend(places))
        monkeypatch.setattr(guard, "ask_aws", lambda _connection: Caller("1", "r"))
        monkeypatch.setattr(guard.C.config, "get_config_value", lambda _name: str(base / "home"))
        monkeypatch.setattr("sys.argv", ["ansible-playbook", "swap.yml", "-e", "password=hunter2"])
        for name in ("AWX_HOST", "AWX_ISOLATED_DATA_DIR", "container", "KUBERNETES_SERVICE_HOST"):
            monkeypatch.delenv(name, raising=False)
        active.activate(active.Active("01A", process))

    @property
    def runs(self) -> Path:
        return self.base / "home" / "steady.ops" / "runs"

    def run(self, *, check: bool = False, variables: dict[str, Any] | None = None, **args: Any) -> dict[str, Any]:
        task = SimpleNamespace(args=args, check_mode=check, async_val=0, action="steady.ops.guard")
        connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir="remote"))
        templar = SimpleNamespace(template=lambda value: value)
        action: Any = guard.ActionModule(task, connection, None, None, templar)
        action.get_shell_option = lambda _name, default: default
        play = {
            "ansible_play_hosts_all": list(self.hosts),
            "groups": {"all": list(self.hosts)},
            "hostvars": self.hosts,
            **(variables or {}),
        }
        return dict(action.run(task_vars=play))

    def events(self) -> list[dict[str, Any]]:
        return open_ledger(f"file://{self.base}/ledger", "toy", "lab").journal.events()


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    process = Process.of(sleeper.pid)
    assert process is not None
    yield Stage(tmp_path, monkeypatch, process)
    active._current.clear()
    sleeper.kill()
    sleeper.wait()


def test_a_change_gets_a_permit_for_every_host_in_order(stage: Stage) -> None:
    result = stage.run(runbook="swap", variables={"swap_action": " swap "})
    assert "failed" not in result, result
    assert [item["object"] for item in result["permit"]["objects"]] == ["toy/lab/api", "toy/lab/web"]
    assert (result["run"], result["action"], result["mode"], result["lab"]) == ("01A", "swap", "real", True)
    assert stage.said == ["toy/lab | swap: swap | run 01A | target not pinned"]
    (event,) = stage.events()
    assert (event["event"], event["allowed"]) == ("opened", True)
    assert stage.swept, "what killed runs left is swept before a real run"


def test_what_keeps_the_ledgers_books_asks_no_component(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_args: object, **_more: object) -> Any:
        raise AssertionError("a component was looked at")

    monkeypatch.setattr(guard, "components_of", down)
    path = stage.base / "role" / "meta" / "runbook.yml"
    path.write_text("purpose: x\nplace: controller\nactions: {swap: {risk: change, objects: [ledger]}}\n")
    result = stage.run(runbook="swap", variables={"swap_action": "swap"})
    assert "failed" not in result, result
    assert (result["objects"], result["permit"]["objects"], result["target"]) == ([], [], "the ledger")


def test_reading_is_the_default_and_check_mode_sweeps_nothing(stage: Stage) -> None:
    assert stage.run(runbook="swap")["action"] == "show"
    stage.swept.clear()
    result = stage.run(runbook="swap", check=True, variables={"swap_action": "swap"})
    assert [item["token"] for item in result["permit"]["objects"]] == [0, 0]
    assert stage.swept == [] and not stage.runs.exists()


def test_a_refusal_names_every_gate_and_the_whole_command_without_its_secrets(stage: Stage) -> None:
    stage.extra = {"ops_override": "window"}
    result = stage.run(runbook="swap", variables={"swap_action": "raze"})
    assert result["failed"] is True and result["msg"].startswith("Refused for 3 reasons\n  confirm: ")
    assert "`ansible-playbook swap.yml -e password=******** -e ops_confirm=toy/lab/api,toy/lab/web`" in result["msg"]
    assert (result["run"], result["system"]) == ("01A", "toy"), "the journal closes what was refused"
    assert [event["allowed"] for event in stage.events()] == [False] and not stage.runs.exists()


def test_a_confirmation_that_stands_in_the_inventory_confirms_nothing(stage: Stage) -> None:
    for host in stage.hosts.values():
        host["ops_confirm"] = "toy/lab/api,toy/lab/web"
    told = "confirm: swap raze destroys something of toy/lab/api,toy/lab/web, and ops_confirm is not given."
    assert told in stage.run(runbook="swap", variables={"swap_action": "raze"})["msg"]
    stage.extra = {"ops_confirm": "toy/lab/api,toy/lab/web"}
    assert stage.run(runbook="swap", variables={"swap_action": "raze"})["msg"].startswith(
        "Refused by the gate backup: "
    )


def test_policy_on_the_command_line_is_refused_before_anything_is_looked_at(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.extra = {"ops_environment": "lab", "swap_action": "swap"}
    monkeypatch.setattr("sys.argv", ["ansible-playbook", "swap.yml", "-e", "ops_environment=lab", "-e", "x=1"])
    before = {path: path.read_bytes() for path in stage.base.rglob("*") if path.is_file()}
    # variables that cannot be had without what was typed name no ledger
    result = stage.run(runbook="swap")
    assert (result["failed"], result["environment"], result["ledger"]) == (True, "?", "")
    assert result["msg"] == (
        "Refused by the gate policy: ops_environment was passed as an extra variable, and policy comes only from the"
        " inventory. Leave out -e ops_environment=... and set ops_environment in the inventory's group_vars."
        " Next: ansible-playbook swap.yml -e x=1"
    )
    assert {path: path.read_bytes() for path in stage.base.rglob("*") if path.is_file()} == before
    assert stage.said == [
        "?/? | swap: show | run 01A | target not pinned",
        "  not journalled: the inventory itself names no ledger for all of its hosts",
    ]
    assert stage.swept == []


def test_the_hosts_of_two_environments_do_not_meet(stage: Stage) -> None:
    stage.hosts["web"]["group_names"] = ["lab", "production"]
    stage.hosts["api"]["ops_system"] = None
    msg = stage.run(runbook="swap", check=True)["msg"]
    assert "  policy: web is in the environment groups lab and production at once." in msg
    assert "  policy: The inventory does not set ops_system for api." in msg
    assert msg.endswith("  Next: ansible-playbook steady.ops.inventory_check")
    stage.hosts["api"]["ops_system"] = "toy"
    assert stage.run(runbook="swap")["ledger"] == f"file://{stage.base}/ledger"
    (event,) = stage.events()
    assert (event["event"], event["allowed"], event["objects"]) == ("opened", False, ["toy/lab/api", "toy/lab/web"])


def test_a_role_or_an_action_that_is_not_there_is_named(stage: Stage) -> None:
    assert stage.run(runbook="acme.toy.swap")["msg"] == (
        "There is no role acme.toy.swap for the runbook acme.toy.swap. Install its collection or correct the name."
    )
    assert stage.run(runbook="swap", variables={"swap_action": "swop"})["msg"] == (
        "swap_action is 'swop', and swap has no such action. Use one of show, swap, raze."
        " Next: ansible-playbook steady.ops.swap -e swap_action=swap"
    )
    assert stage.run(runbook="x", tool="y")["msg"].startswith("The guard wants one of runbook and tool.")
    assert stage.asked_roles == ["acme.toy.swap", "steady.ops.swap"]


def test_a_change_without_the_journal_is_refused_and_a_reader_gets_an_id_of_its_own(stage: Stage) -> None:
    active._current.clear()
    assert stage.run(runbook="swap", variables={"swap_action": "swap"})["msg"].startswith(
        "Refused by the gate journal: The callback steady.ops.journal, which records this run, is not active."
    )
    assert len(stage.run(runbook="swap")["run"]) == 26


def test_a_variable_that_cannot_be_templated_is_named_without_its_secrets(stage: Stage) -> None:
    class Broken(dict[str, Any]):
        def __getitem__(self, name: str) -> Any:
            if name == "component_identity":
                raise AnsibleError("'x' is undefined,\n password=hunter2")
            return super().__getitem__(name)

    stage.hosts["api"] = Broken(stage.hosts["api"], component_identity="{{ x }}")
    assert stage.run(runbook="swap")["msg"] == (
        "component_identity of api cannot be read: 'x' is undefined, password=********."
        " Correct component_identity in the inventory. Next: ansible-playbook steady.ops.inventory_check"
    )


def test_a_tool_that_reads_looks_at_what_is_wrong(stage: Stage) -> None:
    stage.hosts["web"]["group_names"] = ["lab", "production"]
    stage.hosts["api"]["component_identity"] = "broken"
    result = stage.run(tool="inventory_check", risk="read")
    assert "failed" not in result and (result["system"], result["environment"]) == ("toy", "lab")
    stage.hosts.clear()
    result = stage.run(tool="inventory_check", risk="read")
    assert (result["system"], result["environment"], result["ledger"]) == ("?", "?", "")
    stage.hosts["api"] = {"group_names": []}
    assert stage.run(tool="inventory_check", risk="read")["system"] == "?"


def test_a_tool_that_changes_is_held_to_the_policy(stage: Stage) -> None:
    stage.hosts["web"]["group_names"] = ["lab", "production"]
    assert stage.run(tool="lease", variables={"lease_action": "lift"})["failed"] is True


def test_the_ledgers_tool_needs_no_ledger_and_no_journal_callback(stage: Stage) -> None:
    active._current.clear()
    for host in stage.hosts.values():
        host["ops_ledger"] = f"file://{stage.base}/new"
    would = stage.run(tool="ledger", variables={"ledger_action": "initialise"}, check=True)
    assert (would["changed"], would["mode"], (stage.base / "new").exists()) == (True, "check", False)
    done = stage.run(tool="ledger", variables={"ledger_action": "initialise"})
    assert (done["changed"], done["objects"], done["runbook"]) == (True, ["toy/lab"], "ledger")
    assert done["lines"][0].startswith(f"file://{stage.base}/new of toy/lab is initialised, id ")
    assert stage.said[-1] == f"  {done['lines'][0]}"
    (event,) = open_ledger(f"file://{stage.base}/new", "toy", "lab").journal.events()
    assert (event["action"], event["runbook"], event["run"]) == ("initialise", "ledger", done["run"])


def test_a_ledger_that_cannot_be_written_says_so_and_is_still_shown(stage: Stage) -> None:
    (stage.base / "ledger" / "journal" / "head").unlink()
    result = stage.run(tool="ledger")
    assert "failed" not in result and stage.said[-1].startswith("  not journalled: The chain journal of the ledger ")


def test_a_refusal_of_a_tool_ends_as_every_run_does(stage: Stage) -> None:
    result = stage.run(tool="lease", variables={"lease_action": "lfit", "lease_object": "api"})
    assert result["failed"] and result["guard"] == "refused" and result["error_kind"] == "InvalidInput"
    assert result["msg"] == (
        "lease_action is 'lfit'. Use one of show, hold, lift, break."
        " Next: ansible-playbook steady.ops.lease -e lease_action=lift -e lease_object=api"
    )
    # of these the journal makes the closing line
    assert (result["run"], result["system"], result["runbook"], result["action"]) == ("01A", "toy", "lease", "lfit")


def test_production_initialises_no_ledger_in_a_container(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("container", "podman")
    for host in stage.hosts.values():
        host.update(ops_environment="production", group_names=["production"])
    msg = stage.run(tool="ledger", variables={"ledger_action": "initialise"})["msg"]
    assert msg.startswith("Refused by the gate ledger: This runs in a container and the ledger file://")


def test_the_process_of_the_run_must_be_there(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    active._current.clear()
    monkeypatch.setattr(guard, "Process", SimpleNamespace(of=lambda _pid: None))
    assert stage.run(runbook="swap")["msg"] == "The ansible-playbook process of this task is gone."


def test_leftovers_are_looked_for_where_ansible_leaves_them(stage: Stage) -> None:
    stage.run(runbook="swap")
    home = Path(f"~{pwd.getpwuid(os.geteuid()).pw_name}").expanduser()
    assert home / ".ansible" / "tmp" in stage.swept and Path(guard.C.DEFAULT_LOCAL_TMP).parent in stage.swept
