"""The front end's wiring, with modules in process; over real processes it runs in tests/integration/test_guard.py."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleConnectionFailure, AnsibleError

from ansible_collections.steady.ops.plugins.action import run_module
from ansible_collections.steady.ops.plugins.action.run_module import ActionModule, _said, _told
from ansible_collections.steady.ops.plugins.module_utils._errors import Refused
from ansible_collections.steady.ops.plugins.plugin_utils._ledger import deadlines
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.leases import Holder
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import initialise
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.processes import Process, this_place

API = "toy/lab/api"
STEP = {"kind": "switch", "target": API, "sentence": "Serve 2", "undo": "serve 1"}
PLANNED = {
    "changed": True,
    "plan": [{**STEP, "state": "would do"}],
    "plan_hash": "sha256:1",
    "intent": {"runbook": "deploy", "components": {"api": {"to": "2"}}},
    "invocation": {"module_args": {}},
}
DONE = {
    "changed": True,
    "plan": [{**STEP, "state": "done"}],
    "intent_open": False,
    "entries": [{"kind": "served", "release": "2"}],
    "msg": "api serves 2",
    "invocation": {"module_args": {}},
}
PERMIT = {"objects": [{"object": "toy/lab/api", "token": 1, "lease_deadline_path": "/run/lease-1.json"}]}


def made(own: str, delegated: str | None = None) -> Any:
    action = object.__new__(ActionModule)
    action._vars = {"inventory_hostname": own}
    action._task = SimpleNamespace(delegate_to=delegated, _uuid="u")
    return action


@pytest.mark.parametrize(
    ("own", "delegated", "host"),
    [
        ("web", "api", "api"),
        ("api", None, "api"),
        # delegated to a machine that is no object of the run: the task is about its own host
        ("api", "localhost", "api"),
        ("web", "localhost", "localhost"),
    ],
)
def test_a_task_is_about_the_component_it_is_delegated_to(own: str, delegated: str | None, host: str) -> None:
    assert made(own, delegated)._host(PERMIT) == host


def test_progress_goes_beside_the_deadline() -> None:
    assert made("api")._progress_path(PERMIT, "toy/lab/api") == "/run/progress-lease-1-u.jsonl"
    assert made("api")._progress_path(PERMIT, "toy/lab/web") == "" == made("api")._progress_path({}, "toy/lab/api")


@pytest.mark.parametrize(
    ("result", "told"),
    [
        ({}, {"failed": True, "msg": "The module ended without a result"}),
        ({"changed": False, "invocation": {"module_args": {"secret": 1}}}, {"changed": False}),
        ({"unreachable": True, "msg": "x"}, {"failed": True, "msg": "x"}),
        (
            {"failed": True, "exception": "x"},
            {"failed": True, "exception": "x", "msg": "The module crashed: see it with -vvv"},
        ),
    ],
)
def test_everything_that_is_no_answer_is_a_failure(result: dict[str, Any], told: dict[str, Any]) -> None:
    assert _told(result) == told


def test_errors_are_one_redacted_line() -> None:
    assert _said(ValueError("a\n  password=hunter2")) == "a password=********"


class Stage:
    """A host, a ledger, a held lease, and a module made of prepared answers; what is said is kept."""

    def __init__(self, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.base = base
        self.ledger = initialise(f"file://{base}/ledger", "toy", "lab")[0]
        process = Process.of(os.getpid())
        assert process is not None
        directory = base / "run"
        deadlines.make(directory, "01A", process)
        (lease,) = self.ledger.leases.acquire(
            [API], Holder("01A", "x", "x", this_place(), process, None, str(directory))
        )
        deadlines.extend(directory, [lease], deadlines.boot_seconds())
        path = str(deadlines.path_for(directory, API))
        self.permit: dict[str, Any] = {
            "run": "01A",
            "runbook": "deploy",
            "action": "deploy",
            "objects": [{"object": API, "token": lease.token, "lease_deadline_path": path}],
            "approved_plan_hashes": [],
            "mode": "real",
            "lab": True,
        }
        self.host: dict[str, Any] = {"ops_system": "toy", "ops_environment": "lab", "ops_ledger": self.ledger.url}
        self.said: list[str] = []
        self.module = "acme.toy.toy_deploy"
        self.calls: list[tuple[dict[str, Any], bool]] = []
        self.removed: list[str] = []
        monkeypatch.setattr(run_module, "Display", lambda: SimpleNamespace(display=self.said.append))
        monkeypatch.setattr("sys.argv", ["ansible-playbook", "-i", "lab.yml", "playbooks/deploy.yml"])

    def run(
        self,
        *answers: Any,
        check: bool = False,
        connection: Any = None,
        command: Any = None,
        no_log: bool = False,
        **args: Any,
    ) -> dict[str, Any]:
        left = list(answers)
        self.task = SimpleNamespace(
            args={"permit": self.permit, **args},
            check_mode=check,
            async_val=0,
            action="toy_deploy",
            resolved_action=self.module,
            delegate_to=None,
            no_log=no_log,
            _uuid="u",
        )
        connection = connection or SimpleNamespace(transport="local", _shell=SimpleNamespace(tmpdir="remote"))
        action: Any = ActionModule(self.task, connection, None, None, None)

        def execute(module_name: str, module_args: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
            assert module_name == self.module and task_vars["inventory_hostname"] == "api"
            self.calls.append((module_args, self.task.check_mode))
            answer = left.pop(0)
            if isinstance(answer, BaseException):
                raise answer
            return dict(answer(module_args) if callable(answer) else answer)

        action._execute_module = execute
        action._remove_tmp_path = self.removed.append
        action._low_level_execute_command = command
        found = action.run(task_vars={"inventory_hostname": "api", "hostvars": {"api": self.host}})
        assert not left, "a prepared answer was not asked for"
        return dict(found)

    def kept(self) -> list[tuple[Any, Any]]:
        return [(record["kind"], record.get("state")) for record in self.ledger.releases.history("api")]


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(tmp_path, monkeypatch)


def test_a_change_is_planned_run_and_recorded(stage: Stage) -> None:
    result = stage.run(PLANNED, DONE)
    assert result["msg"] == "api serves 2" and "invocation" not in result and "entries" not in result
    assert stage.said == ["  api | plan: Serve 2 (undo: serve 1)", "  api | done: api serves 2"]
    assert [planning for _args, planning in stage.calls] == [True, False]
    assert stage.kept() == [("intent", "open"), ("served", None), ("intent", "settled")]
    assert stage.task.check_mode is False and stage.removed == ["remote"], "the task is left as it was"


def test_check_mode_touches_nothing(stage: Stage) -> None:
    before = {path: path.read_bytes() for path in stage.base.rglob("*") if path.is_file()}
    assert stage.run(PLANNED, check=True)["changed"] is True
    assert [planning for _args, planning in stage.calls] == [True] and stage.task.check_mode is True
    assert {path: path.read_bytes() for path in stage.base.rglob("*") if path.is_file()} == before


def test_progress_is_said_without_secrets(stage: Stage) -> None:
    def reports(args: dict[str, Any]) -> dict[str, Any]:
        Path(args["progress_path"]).write_text('{"line": "signing in with canary-7c1f", "fraction": 0.5}\n')
        return DONE

    stage.run(PLANNED, reports, login_password="canary-7c1f")
    assert stage.said[1] == "  api | signing in with ******** (50%)"


def test_no_log_says_nothing(stage: Stage) -> None:
    assert stage.run(PLANNED, DONE, no_log=True)["msg"] == "api serves 2"
    assert stage.said == []


# what failed for a reason outside of the run is mended, and then the same command is next
AGAIN = ". Next: ansible-playbook -i lab.yml playbooks/deploy.yml"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (AnsibleConnectionFailure("no route"), "The host cannot be reached: no route"),
        (AnsibleError("password=hunter2 was wrong"), "password=******** was wrong"),
        (RuntimeError("a\nb"), "The module could not be run: a b"),
    ],
)
def test_whatever_a_module_dies_of_is_a_failure_and_its_intent_stays_open(
    stage: Stage, error: BaseException, told: str
) -> None:
    result = stage.run(PLANNED, error)
    assert (result["failed"], result["msg"]) == (True, f"{told}{AGAIN}")
    assert stage.kept() == [("intent", "open")] and stage.removed == ["remote"]


def test_a_host_that_is_gone_is_a_failure_that_a_rescue_sees(stage: Stage) -> None:
    result = stage.run(PLANNED, {"unreachable": True, "msg": "gone"})
    assert result["failed"] is True and "unreachable" not in result and stage.kept() == [("intent", "open")]


def test_the_artefact_of_the_release_is_fetched_named_and_removed(stage: Stage) -> None:
    (stage.base / "app-2.tgz").write_bytes(b"content")
    stage.host["component_options"] = {"artefact": {"archive": f"{stage.base}/app-{{release}}.tgz"}}
    seen: list[bytes] = []

    def takes(args: dict[str, Any]) -> dict[str, Any]:
        seen.append(Path(args["artefact_path"]).read_bytes())
        return DONE

    assert stage.run(PLANNED, takes, release="2")["msg"] == "api serves 2"
    planned, changed = (args for args, _planning in stage.calls)
    assert (
        planned["artefact_digest"]
        == changed["artefact_digest"]
        == ("sha256:ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73")
    )
    assert "artefact_path" not in planned and planned["artefact_ref"] == "2"
    assert seen == [b"content"] and not Path(changed["artefact_path"]).exists()


class Away:
    """A machine that is reached, with a run on it that only notes what it is to change."""

    def __init__(self, *_given: Any) -> None:
        self.reachable, self.changed = True, list[Any]()

    def open(self) -> None:
        return None

    def change(self, _module: str, options: dict[str, Any], artefact: Any) -> dict[str, Any]:
        self.changed.append((options, artefact))
        return dict(DONE)

    close = open


@pytest.mark.parametrize("there", [False, True])
def test_an_artefact_that_the_machine_has_is_not_sent(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    (stage.base / "app-2.tgz").write_bytes(b"content")
    stage.host["component_options"] = {"artefact": {"archive": f"{stage.base}/app-{{release}}.tgz"}}
    away = Away()
    monkeypatch.setattr(run_module, "Machine", lambda *_given: away)
    connection = SimpleNamespace(transport="docker", _shell=SimpleNamespace(tmpdir=None))
    stage.run({**PLANNED, "artefact_there": there}, connection=connection, release="2")
    ((options, artefact),) = away.changed
    assert options["artefact_digest"].startswith("sha256:ed70") and (artefact is None) is there
    (lease,) = stage.calls[0][0]["permit"]["objects"]
    assert lease["lease_deadline_path"] == "", "a plan on a machine holds nothing"


def test_an_artefact_that_is_no_source_or_not_there(stage: Stage) -> None:
    stage.host["component_options"] = {"artefact": {"archive": "app.tgz"}}
    assert "has no {release} in it" in stage.run(release="2")["msg"]
    stage.host["component_options"] = {"artefact": {"archive": f"{stage.base}/app-{{release}}.tgz"}}
    stage.run({"failed": True, "msg": "2 is no release"}, release="2")
    assert "app-2.tgz is not there. Only a release that is on the machine" in stage.said[0]
    assert "cannot be part of a path" in stage.run(release="../2")["msg"]


class Cut:
    """A connection whose machine is gone."""

    transport = "ssh"
    _shell = SimpleNamespace(tmpdir="/x/ansible-tmp-1-2-3")

    def reset(self) -> None:
        raise OSError("nothing to reset")


def test_a_machine_that_is_gone_before_anything_is_a_failure_and_not_waited_for(stage: Stage) -> None:
    stage.host["ansible_python_interpreter"] = "/usr/bin/python3"

    def gone(_command: str, **_more: Any) -> Any:
        raise AnsibleConnectionFailure("no route to host")

    result = stage.run(connection=Cut(), command=gone)
    assert (result["failed"], result["msg"]) == (True, f"The host cannot be reached: no route to host{AGAIN}")
    assert "unreachable" not in result and stage.calls == [] and stage.kept() == [] and stage.removed == []
    assert Cut._shell.tmpdir is None, "Ansible itself would wait for it"


def test_a_machine_is_read_and_planned_in_check_mode_without_a_directory_there(stage: Stage) -> None:
    (lease,) = stage.permit["objects"]
    stage.permit["objects"] = [{**lease, "lease_deadline_path": ""}]
    asked: list[str] = []
    result = stage.run(PLANNED, check=True, connection=Cut(), command=lambda command, **_more: asked.append(command))
    assert result["changed"] is True and asked == []


def test_a_ledger_out_of_reach_stops_a_change_and_no_plan(stage: Stage) -> None:
    (stage.base / "ledger" / "identity").unlink()
    (stage.base / "ledger" / "identity").mkdir()
    result = stage.run()
    assert result["failed"] and result["error_kind"] == "Unreachable" and stage.calls == []
    assert stage.run(PLANNED, check=True)["changed"] is True
    assert "history" not in stage.calls[0][0]


def test_a_ledger_out_of_reach_or_not_initialised_stops_no_module_that_reads(stage: Stage) -> None:
    stage.module, stage.permit = "acme.toy.toy_release_info", {}
    stage.run({"changed": False})
    assert stage.calls[0][0]["history"] == [] and "history_unknown" not in stage.calls[0][0]
    chain = stage.base / "ledger" / "releases"
    chain.rename(stage.base / "releases")
    stage.run({"changed": False})
    assert "The chain releases" in stage.calls[1][0]["history_unknown"] and "history" not in stage.calls[1][0]
    (stage.base / "ledger").rename(stage.base / "unmounted")
    stage.run({"changed": False})
    assert "is not initialised: there is no directory" in stage.calls[2][0]["history_unknown"]
    stage.host["ops_ledger"] = ""
    stage.run({"changed": False})
    assert stage.calls[3][0]["history_unknown"] == "ops_ledger is not set."
    stage.host["ops_ledger"] = "ftp://x"
    assert "ops_ledger is 'ftp://x'" in stage.run()["msg"]


def test_a_ledger_that_is_not_initialised_stops_a_change_also_in_check_mode(stage: Stage) -> None:
    (stage.base / "ledger").rename(stage.base / "unmounted")
    for check in (False, True):
        result = stage.run(check=check)
        assert result["failed"] and "If it existed before, mount or restore it" in result["msg"]


def test_another_environments_ledger_is_refused_also_in_check_mode(stage: Stage) -> None:
    stage.host["ops_environment"] = "production"
    result = stage.run(check=True)
    assert result["failed"] and "belongs to toy/lab, not to toy/production" in result["msg"]


def test_a_host_without_a_policy_changes_nothing(stage: Stage) -> None:
    stage.host.clear()
    assert stage.run(PLANNED, check=True)["changed"] is True
    stage.permit = {}
    assert "A change needs a permit" in stage.run()["msg"]


def test_a_red_run_ends_with_the_next_command(stage: Stage) -> None:
    failed = {"failed": True, "msg": "2 did not come up.", "next": {"playbook": "rollback"}, "intent_open": False}
    assert stage.run(PLANNED, failed)["msg"] == (
        "2 did not come up. Next: ansible-playbook playbooks/rollback.yml -i lab.yml"
    )
    assert stage.run(PLANNED, {**DONE, "next": {"playbook": "rollback"}})["msg"] == "api serves 2"
    listed = {**PLANNED, "lines": ["none is recorded"], "next": {"playbook": "deploy", "variables": {"x": "a b"}}}
    assert stage.run(listed, check=True)["lines"][-1] == (
        "Next: ansible-playbook playbooks/deploy.yml -i lab.yml -e 'x=\"a b\"'"
    )


def test_what_stops_a_task_before_its_module_names_the_next_command_too(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shut(*_args: Any, **_more: Any) -> Any:
        raise Refused("The ledger is new", next={"playbook": "ledger", "variables": {"ledger_action": "initialise"}})

    monkeypatch.setattr(run_module, "ledger_or_reason", shut)
    assert stage.run()["msg"] == (
        "The ledger is new. Next: ansible-playbook playbooks/ledger.yml -i lab.yml -e ledger_action=initialise"
    )


def test_a_connection_that_breaks_outside_the_module_is_a_failure(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_args: Any, **_more: Any) -> Any:
        raise AnsibleConnectionFailure("no route")

    monkeypatch.setattr(run_module, "conduct", breaks)
    result = stage.run()
    assert (result["failed"], result["msg"]) == (True, f"The host cannot be reached: no route{AGAIN}")
    assert "unreachable" not in result and stage.removed == ["remote"]
