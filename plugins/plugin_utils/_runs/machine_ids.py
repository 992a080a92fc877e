# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking machines which ones they are, over the connections by which modules reach them."""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ...module_utils._errors import InvalidInput, OpsError, Unreachable
from ...module_utils._redact import redact_shapes
from .machine_errands import in_time

# as long as AWS is waited for
SECONDS = 10.0
AT_ONCE = 16
# a login may say more, before and after
_MARK = "steady.ops-machine-id"
_COMMAND = f"printf '{_MARK}<%s>\\n' \"$(cat /etc/machine-id 2>/dev/null)\""
_ANSWER = re.compile(rf"{_MARK}<([^>]*)>")

Line = Callable[[], str]


def ask_machines(action: Any, hostvars: Any, hosts: Sequence[str]) -> dict[str, str | OpsError]:
    """Return what stands in /etc/machine-id of each host's machine; empty where that is not there.

    Hosts that are reached in the same way are one machine, asked once; all are asked at the same time.

    :param action: the action plugin whose play, task and command line say how hosts are reached.
    """
    found: dict[str, str | OpsError] = {}
    ways: dict[str, str] = {}
    lines: dict[str, Line] = {}
    for host in hosts:
        try:
            ways[host], line = _line(action, hostvars, host)
        except Exception as error:  # a plugin raises what it likes, and none of it may end the run
            said = redact_shapes(" ".join(str(getattr(error, "message", error)).split()))
            found[host] = InvalidInput(f"How {host} is reached cannot be read: {said}")
        else:
            lines.setdefault(ways[host], line)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = dict(zip(lines, pool.map(_asked, lines.values()), strict=True))
    return found | {host: answers[way] for host, way in ways.items()}


def _asked(line: Line) -> str | OpsError:
    try:
        return str(in_time(lambda: {"id": line()}, SECONDS)["id"])
    except OpsError as error:
        return error


def _line(action: Any, hostvars: Any, host: str) -> tuple[str, Line]:
    """Return what tells the way to a machine from others, and how to ask there."""
    task = action._task
    variables = hostvars._variable_manager.get_vars(
        play=task.get_play(), host=hostvars._inventory.get_host(host), task=task
    )
    templar = action._templar.copy_with_new_env(available_variables=variables)

    def value(name: str) -> Any:
        return templar.template(variables[name]) if variables.get(name) is not None else None

    connection = _connection(action, value, host)
    options = connection._resolve_option_variables(variables, templar)
    connection.set_options(task_keys=_keywords(task, connection._play_context), var_options=options)
    own = copy.copy(action)
    own._connection, own._play_context = connection, connection._play_context

    def ask() -> str:
        try:
            # whoever logs in may read it: nobody is become for that
            return _answer_in(own._low_level_execute_command(_COMMAND, sudoable=False))
        finally:
            connection.close()

    address = "" if connection.transport == "local" else str(value("ansible_host") or host)
    told = sorted((name, repr(said)) for name, said in options.items() if name != "inventory_hostname")
    return repr((connection.transport, address, told)), ask


def _connection(action: Any, value: Callable[[str], Any], host: str) -> Any:
    """Return a connection as a task that is delegated to the host would have it."""
    task, context = action._task, action._play_context.copy()
    context.connection = str(value("ansible_connection") or task.connection)
    # the context is that of the play's first host, whose way leads nowhere else
    context.remote_addr, context.port = value("ansible_host") or host, value("ansible_port")
    context.remote_user = value("ansible_user") or task.remote_user
    context.executable = value("ansible_shell_executable") or context.executable
    connection = action._shared_loader_obj.connection_loader.get(
        context.connection, context, new_stdin=None, task_uuid=task._uuid, ansible_playbook_pid=str(os.getppid())
    )
    if connection is None:
        raise InvalidInput(f"There is no connection plugin {context.connection}")
    return connection


def _keywords(task: Any, context: Any) -> dict[str, Any]:
    """Return what play, task and command line say of connections, under the names that connections know."""
    keywords = {**task.dump_attrs(), "timeout": context.timeout}
    # a task's own retries are another thing
    keywords.pop("retries", None)
    return {**keywords, "password": context.password} if context.password else keywords


def _answer_in(said: Mapping[str, Any]) -> str:
    found = _ANSWER.search(str(said.get("stdout", "")))
    if not found:
        heard = " ".join(f"{said.get('stderr', '')} {said.get('stdout', '')}".split())[-300:]
        raise Unreachable(f"The machine gave no answer (exit code {said.get('rc')}: {redact_shapes(heard)})")
    return found[1].strip()
