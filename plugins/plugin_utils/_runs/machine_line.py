# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What reaches a machine through Ansible's action plugin: its connection, its way to begin a module, its transfer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from ...module_utils._errors import OpsError
from .machine import LONG_SECONDS, SHORT_SECONDS
from .machine_become import become_of
from .machine_errands import Errands, in_time

# Ansible's wrapper kills a module after this; when it must stop is what its lease says
_NEVER_SECONDS = 30 * 24 * 3600
_OF_ANSIBLE = re.compile(r"/.+/ansible-tmp-[0-9.]+-[0-9]+-[0-9]+\Z")
_TIDY_SECONDS = 30.0
_PING = "ansible.legacy.ping"


class ActionLine:
    """The line of one task.

    :param action: the action plugin; C(async_dir) in it says where Ansible's wrapper keeps a module's answer.
    :param variables: the task's variables, for the modules that it runs.
    :param python: C(ansible_python_interpreter) of the host; Ansible finds one where it is no path.
    """

    def __init__(self, action: Any, variables: Mapping[str, Any], python: str) -> None:
        self._action, self._variables, self._python = action, variables, python
        self._temporary: list[str] = []
        connection = action._connection
        # others have nothing to forget, and warn
        recover = {"recover": connection.reset} if connection.transport == "ssh" else {}
        self._become = become_of(connection)
        self._errands = Errands(action._low_level_execute_command, self._interpreter, become=self._become, **recover)

    def errand(self, request: Mapping[str, object], seconds: float) -> dict[str, object]:
        """Have one errand done there and return its answer; :raises Unreachable: none came within so many seconds."""
        return self._errands.errand(request, seconds)

    def at_once(self, module: str, options: Mapping[str, object]) -> dict[str, Any]:
        """Run a module in one go and return its answer; :raises BecomeRefused: it may not be run."""
        found = self._action._execute_module(module_name=module, module_args=dict(options), task_vars=self._variables)
        if refused := self._become.refusal_in(found):
            raise refused
        return dict(found)

    def begin(self, module: str, options: dict[str, object], job: str) -> str:
        """Begin a module that goes on by itself, its answer kept in C(job); return why it may not have begun."""
        task = self._action._task
        self._action.async_dir, task.async_val = job, _NEVER_SECONDS
        try:
            begun = in_time(
                lambda: self._action._execute_module(
                    module_name=module, module_args=dict(options), task_vars=self._variables, wrap_async=True
                ),
                LONG_SECONDS,
            )
        except OpsError as error:
            return str(error)
        finally:
            self._action.async_dir, task.async_val = "", 0
            # Ansible's wrapper may not be the user who made it, and then cannot remove it
            self._action._cleanup_remote_tmp = True
        failed = begun.get("failed") or begun.get("unreachable")
        return str(begun.get("msg") or "it could not be begun") if failed else ""

    def send(self, path: str) -> str:
        """Send a file and return where it lies there; :raises Unreachable: it could not be sent."""
        there = f"{self.temporary()}/artefact"

        def work() -> dict[str, object]:
            self._action._transfer_file(path, there)
            self._action._fixup_perms2([self.temporary(), there])
            return {}

        in_time(work, LONG_SECONDS)
        return there

    def temporary(self) -> str:
        """Return the directory there that Ansible will use for the next module."""
        shell = self._action._connection._shell
        if not shell.tmpdir:
            in_time(lambda: {"path": self._action._make_tmp_path()}, SHORT_SECONDS)
        found = str(shell.tmpdir).rstrip("/")
        if found not in self._temporary:
            self._temporary.append(found)
        return found

    def inherit(self, paths: object) -> None:
        """Take over such directories of killed runs, to be removed in the end; the machine's word is not enough."""
        for path in paths if isinstance(paths, list) else []:
            if isinstance(path, str) and _OF_ANSIBLE.match(path) and ".." not in path.split("/"):
                self._temporary.append(path)

    def tidy(self, *, reachable: bool) -> None:
        """Remove the directories that Ansible used there, as the user who made them; leave them where nobody answers.

        Ansible's own way would wait for a machine that is gone, and call the host unreachable.
        """
        shell = self._action._connection._shell
        for path in dict.fromkeys([*self._temporary, *([str(shell.tmpdir).rstrip("/")] if shell.tmpdir else [])]):
            if reachable and self._action._should_remove_tmp_path(path):
                try:
                    in_time(partial(self._removed, path), _TIDY_SECONDS)
                except OpsError:
                    break
        self._temporary, shell.tmpdir = [], None

    def _removed(self, path: str) -> dict[str, object]:
        command = self._action._connection._shell.remove(path, recurse=True)
        return dict(self._action._low_level_execute_command(command, sudoable=False))

    def _interpreter(self) -> str:
        if self._python.startswith("/"):
            return self._python
        found = self.at_once(_PING, {})
        if found.get("failed") or found.get("unreachable"):
            raise OpsError(f"Python was not found on the machine: {found.get('msg', '')}", remedy=_PINNED)
        return str(self._action._used_interpreter or "").removeprefix("#!").strip()


_PINNED = "Set ansible_python_interpreter of the host."
