"""What reaches a machine through an action plugin, here one that only notes what it is asked."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import OpsError
from ansible_collections.steady.ops.plugins.plugin_utils._runs.machine_line import ActionLine

TMP = "/home/deploy/.ansible/tmp/ansible-tmp-1-2-3"


class Action:
    """The parts of an action plugin that a line uses."""

    def __init__(self, transport: str = "ssh") -> None:
        self.calls: list[Any] = []
        self.answers: list[Any] = []
        self.async_dir = ""
        self._used_interpreter: str | None = None
        self._cleanup_remote_tmp = True
        self._task = SimpleNamespace(async_val=0)
        shell = SimpleNamespace(tmpdir=None, remove=lambda path, recurse: f"rm -rf {path}")
        self._connection = SimpleNamespace(transport=transport, _shell=shell)
        if transport == "ssh":
            self._connection.reset = lambda: self.calls.append("reset")

    def _execute_module(self, **asked: Any) -> Any:
        self.calls.append((asked["module_name"], asked.get("wrap_async"), self.async_dir, self._task.async_val))
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        if asked.get("wrap_async"):
            self._cleanup_remote_tmp, self._connection._shell.tmpdir = False, None
        return answer

    def _make_tmp_path(self) -> str:
        self._connection._shell.tmpdir = TMP + "/"
        return TMP

    def _transfer_file(self, local: str, remote: str) -> None:
        self.calls.append((local, remote))

    def _fixup_perms2(self, paths: list[str]) -> None:
        self.calls.append(paths)

    def _should_remove_tmp_path(self, path: str) -> bool:
        return self._cleanup_remote_tmp and "-tmp-" in path

    def _low_level_execute_command(self, command: str, sudoable: bool = True) -> dict[str, Any]:
        self.calls.append((command, sudoable))
        if self.answers:
            raise self.answers.pop(0)
        return {"rc": 0, "stdout": "", "stderr": ""}


def line(action: Action, python: str = "/usr/bin/python3") -> ActionLine:
    return ActionLine(action, {"inventory_hostname": "api"}, python)


def test_a_module_is_begun_with_its_answer_in_the_run_s_own_directory() -> None:
    action = Action()
    action.answers = [{"started": True, "ansible_job_id": "j1.2"}]
    assert line(action).begin("acme.toy.toy_deploy", {"path": "/x"}, "/there/job-1") == ""
    assert action.calls == [("acme.toy.toy_deploy", True, "/there/job-1", 30 * 24 * 3600)]
    assert (action.async_dir, action._task.async_val) == ("", 0), "the task is left as it was"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"failed": True, "msg": "no python"}, "no python"),
        ({"unreachable": True}, "it could not be begun"),
        (RuntimeError("gone"), "The host cannot be reached: gone."),
    ],
)
def test_one_that_may_not_have_begun(answer: object, said: str) -> None:
    action = Action()
    action.answers = [answer]
    assert line(action).begin("acme.toy.toy_deploy", {}, "/there/job-1") == said
    assert (action.async_dir, action._task.async_val) == ("", 0)


def test_a_file_is_sent_where_ansible_works_and_made_readable_for_the_module_s_user() -> None:
    action = Action()
    assert line(action).send("/here/artefact") == f"{TMP}/artefact"
    assert action.calls == [("/here/artefact", f"{TMP}/artefact"), [TMP, f"{TMP}/artefact"]]


def test_nothing_that_ansible_made_is_left_but_where_nobody_answers() -> None:
    action = Action()
    mine = line(action)
    mine.temporary()
    action.answers = [{"started": True}]
    mine.begin("acme.toy.toy_deploy", {}, "/there/job-1")
    action.calls.clear()
    mine.tidy(reachable=True)
    assert action.calls == [(f"rm -rf {TMP}", False)] and action._connection._shell.tmpdir is None
    mine.temporary()
    mine.tidy(reachable=False)
    assert len(action.calls) == 1 and action._connection._shell.tmpdir is None, "Ansible would wait for it"
    mine.temporary()
    action._connection._shell.tmpdir = "/home/deploy/kept"
    action.answers = [RuntimeError("gone")]
    mine.tidy(reachable=True)
    assert len(action.calls) == 2


def test_what_killed_runs_left_is_removed_where_it_is_ansible_s(tmp_path: Path) -> None:
    action = Action()
    mine = line(action)
    mine.inherit(None)
    mine.inherit([TMP, "", 1, "/home/deploy", "relative/ansible-tmp-1-2-3", "/x/../y/ansible-tmp-1-2-3", f"{TMP}/x"])
    mine.tidy(reachable=True)
    assert action.calls == [(f"rm -rf {TMP}", False)]


def test_python_is_what_the_inventory_says_or_what_ansible_finds() -> None:
    action = Action("docker")
    assert line(action, sys.executable)._interpreter() == sys.executable
    action.answers = [{"ping": "pong"}]
    action._used_interpreter = "#!/usr/bin/python3.11"
    assert line(action, "auto_silent")._interpreter() == "/usr/bin/python3.11"
    action.answers = [{"failed": True, "msg": "none"}]
    with pytest.raises(OpsError, match=r"Python was not found on the machine: none\. Set ansible_python_interpreter"):
        line(action, "")._interpreter()


def test_a_module_that_runs_at_once_says_when_its_user_may_not_be_become() -> None:
    action = Action()
    action._connection.become = SimpleNamespace(name="sudo", get_option=lambda _name: "root")
    action.answers = [{"changed": False}, *({"failed": True, "module_stderr": "sudo: a password is required"},) * 2]
    mine = line(action, "auto")
    assert mine.at_once("acme.toy.toy_deploy", {}) == {"changed": False}
    for run in (lambda: mine.at_once("acme.toy.toy_deploy", {}), mine._interpreter):
        with pytest.raises(OpsError, match="The login user may not become root on the machine"):
            run()


def test_an_errand_goes_over_the_connection(tmp_path: Path) -> None:
    action = Action()
    with pytest.raises(OpsError, match="The machine gave no answer"):
        line(action).errand({"errand": "look", "directory": str(tmp_path)}, 5)
    (asked,) = action.calls
    assert asked[0].startswith(f"/usr/bin/python3 -I {tmp_path}/attendant.py ") and asked[1] is True
