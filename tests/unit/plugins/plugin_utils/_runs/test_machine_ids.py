"""Asking machines which ones they are, over connections that really run the command, here, and an Ansible of words."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput, OpsError, Unreachable
from ansible_collections.steady.ops.plugins.plugin_utils._runs import machine_ids

HERE = "0123abcd" * 4


class Context(SimpleNamespace):
    """A play's context, as the first host of the play has it."""

    def copy(self) -> Context:
        return Context(**vars(self))


class Connection:
    """A connection plugin: what its variables say, and what it was made with."""

    allow = ("inventory_hostname", "ansible_host", "ansible_port", "ansible_ssh_common_args")

    def __init__(self, name: str, context: Any, made: dict[str, Any]) -> None:
        self.transport, self._play_context, self.made = name, context, made
        self.closed = 0

    def _resolve_option_variables(self, variables: Mapping[str, Any], templar: Any) -> dict[str, Any]:
        return {name: templar.template(variables[name]) for name in self.allow if name in variables}

    def set_options(self, **options: Any) -> None:
        self.made.update(options)

    def close(self) -> None:
        self.closed += 1


class Templar:
    """Follows one reference, and knows nothing of what is not there."""

    def __init__(self, variables: Mapping[str, Any]) -> None:
        self._variables = variables

    def copy_with_new_env(self, *, available_variables: Mapping[str, Any]) -> Templar:
        return Templar(available_variables)

    def template(self, value: Any) -> Any:
        name = str(value).removeprefix("{{ ").removesuffix(" }}")
        if name == value or not str(value).startswith("{{"):
            return value
        if name not in self._variables:
            raise RuntimeError(f"{name!r} is undefined\n  at line 3")
        return self._variables[name]


class Action:
    """The parts of an action plugin that are used, and a play's hosts."""

    _connection: Any = None

    def __init__(self, file: Path, **hosts: dict[str, Any]) -> None:
        self.file, self.hosts, self.made = file, hosts, list[Connection]()
        self.calls: list[tuple[str, str, bool]] = []
        self.answers: dict[str, Any] = {}
        attributes = {"timeout": 0, "retries": 3, "remote_user": "ann"}
        self._task = SimpleNamespace(
            _uuid="u", connection="ssh", remote_user="ann", get_play=lambda: "play", dump_attrs=lambda: attributes
        )
        self._play_context = Context(
            connection="local",
            remote_addr="first",
            port=1,
            remote_user="first",
            executable="/bin/sh",
            timeout=10,
            password="",
        )
        self._templar = Templar({})
        self._shared_loader_obj = SimpleNamespace(connection_loader=SimpleNamespace(get=self._get))

    def _get(self, name: str, context: Any, **made: Any) -> Connection | None:
        if name == "odd":
            return None
        self.made.append(Connection(name, context, made))
        return self.made[-1]

    @property
    def hostvars(self) -> Any:
        def variables(play: str, host: str, task: Any) -> dict[str, Any]:
            assert (play, task) == ("play", self._task)
            return {"inventory_hostname": host, **self.hosts[host]}

        return SimpleNamespace(
            _variable_manager=SimpleNamespace(get_vars=variables), _inventory=SimpleNamespace(get_host=str)
        )

    def _low_level_execute_command(self, command: str, sudoable: bool = True) -> dict[str, Any]:
        host = self._connection._play_context.remote_addr
        self.calls.append((self._connection.transport, host, sudoable))
        answer = self.answers.get(host)
        if answer is not None:
            return dict(answer())
        command = command.replace("/etc/machine-id", str(self.file))
        done = subprocess.run(
            ["/bin/sh", "-c", f"echo Welcome; {command}; echo Bye"], capture_output=True, text=True, check=False
        )
        return {"rc": done.returncode, "stdout": done.stdout.replace("\n", "\r\n"), "stderr": done.stderr}

    def ask(self) -> dict[str, str | OpsError]:
        return machine_ids.ask_machines(self, self.hostvars, list(self.hosts))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "machine-id"
    made.write_text(HERE + "\n")
    return made


def test_the_file_is_read_over_each_host_s_own_connection_as_who_logs_in(file: Path) -> None:
    action = Action(
        file,
        api={"ansible_connection": "{{ way }}", "way": "docker", "ansible_host": "{{ there }}", "there": "box"},
        web={"ansible_port": 2222, "ansible_user": "deploy", "ansible_shell_executable": "/bin/dash"},
    )
    action._play_context.password = "canary"
    assert action.ask() == {"api": HERE, "web": HERE}
    assert sorted(action.calls) == [("docker", "box", False), ("ssh", "web", False)]
    api, web = action.made
    keywords = {"timeout": 10, "remote_user": "ann", "password": "canary"}
    assert api.made["task_keys"] == web.made["task_keys"] == keywords
    assert api.made["var_options"] == {"inventory_hostname": "api", "ansible_host": "box"}
    context = api._play_context
    assert (context.port, context.remote_user, context.executable) == (None, "ann", "/bin/sh")
    context = web._play_context
    assert (context.port, context.remote_user, context.executable) == (2222, "deploy", "/bin/dash")
    assert (api.closed, web.closed) == (1, 1)
    assert action._play_context.remote_addr == "first", "the play's own is left as it was"


@pytest.mark.parametrize(
    ("one", "other", "asked"),
    [
        ({"ansible_host": "box"}, {"ansible_host": "box"}, 1),
        ({"ansible_host": "box"}, {"ansible_host": "box", "ansible_port": 2222}, 2),
        ({"ansible_host": "box"}, {"ansible_host": "box", "ansible_ssh_common_args": "-J jump"}, 2),
        ({"ansible_host": "box"}, {"ansible_host": "pen"}, 2),
        ({}, {}, 2),
        ({"ansible_connection": "local"}, {"ansible_connection": "local"}, 1),
    ],
)
def test_a_machine_is_asked_once(file: Path, one: dict[str, Any], other: dict[str, Any], asked: int) -> None:
    action = Action(file, api=one, web=other)
    assert action.ask() == {"api": HERE, "web": HERE}
    assert len(action.calls) == asked


@pytest.mark.parametrize("content", ["", "uninitialized\n", f"{HERE}\n{HERE}\n"])
def test_what_stands_there_is_passed_on(file: Path, content: str) -> None:
    file.write_text(content)
    found = Action(file, api={}).ask()["api"]
    assert isinstance(found, str) and found.replace("\r", "") == content.strip()


def test_no_file_is_an_answer(file: Path) -> None:
    file.unlink()
    assert Action(file, api={}).ask() == {"api": ""}


def test_what_hangs_fails_or_says_nothing_is_told_at_once_for_all(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_ids, "SECONDS", 0.5)
    hang = threading.Event()

    def fails() -> Any:
        raise RuntimeError("Failed to connect\nto the host via ssh")

    action = Action(file, **{name: {} for name in ("a", "b", "c", "d", "e")})
    action.answers = {
        "a": hang.wait,
        "b": hang.wait,
        "c": fails,
        "d": lambda: {"rc": 127, "stdout": "no shell here", "stderr": "token=canary-7c1f2e"},
    }
    found = action.ask()
    hang.set()
    assert all(isinstance(found[name], Unreachable) for name in "abcd") and found["e"] == HERE
    assert str(found["a"]) == "The machine gave no answer within 0.5 s."
    assert str(found["c"]) == "The host cannot be reached: Failed to connect to the host via ssh."
    assert "exit code 127" in str(found["d"]) and "no shell here" in str(found["d"])
    assert "canary-7c1f2e" not in str(found["d"])


def test_a_way_that_cannot_be_read_hinders_no_other(file: Path) -> None:
    action = Action(file, api={"ansible_host": "{{ machine_address }}"}, odd={"ansible_connection": "odd"}, web={})
    found = action.ask()
    assert isinstance(found["api"], InvalidInput) and str(found["api"]) == (
        "How api is reached cannot be read: 'machine_address' is undefined at line 3."
    )
    assert str(found["odd"]) == "How odd is reached cannot be read: There is no connection plugin odd."
    assert found["web"] == HERE
