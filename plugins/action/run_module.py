# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wires the front end of changing modules: Ansible runs the module, C(plugin_utils/_runs/conduct.py) decides when."""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils._clock import SystemClock
from ..module_utils._errors import OpsError
from ..module_utils._redact import Redactor, redact_shapes
from ..plugin_utils._approvals.keeping import again, kept
from ..plugin_utils._artefacts.fetching import Artefacts, aws_from
from ..plugin_utils._artefacts.selecting import source_from
from ..plugin_utils._ledger.ledger import Ledger
from ..plugin_utils._runs.conduct import Conductor, conduct, is_reading
from ..plugin_utils._runs.machine import Machine, Reports
from ..plugin_utils._runs.machine_line import ActionLine
from ..plugin_utils._runs.machine_options import lease_path_of, planning_options
from ..plugin_utils._runs.membership import step_from
from ..plugin_utils._runs.next_command import Commands
from ..plugin_utils._runs.progress import Tail, follow
from ..plugin_utils._runs.reach import ledger_or_reason, runs_of
from ..plugin_utils._runs.release_list import completed
from ..plugin_utils._runs.secrets import secrets_in
from ..plugin_utils._runs.variables import readable


class ActionModule(ActionBase):
    """Routed to by C(meta/runtime.yml) in place of each changing module."""

    _supports_check_mode = True
    _supports_async = False
    _supports_diff = True
    # where Ansible's wrapper keeps the answer of a module that goes on by itself
    async_dir = ""
    _line: ActionLine | None = None
    _machine: Machine | None = None
    _artefacts: Artefacts | None = None
    _there = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the module's result; every failure is one, also that of an unreachable host."""
        super().run(tmp, task_vars)
        self._vars = task_vars or {}
        self._clock, self._reports = SystemClock(), Reports()
        self._say = (lambda _line: None) if self._task.no_log else Display().display
        check = bool(self._task.check_mode)
        try:
            return self._with_next(self._conduct(dict(self._task.args), check=check))
        except OpsError as error:
            return self._with_next({**error.as_result(), "failed": True})
        except AnsibleConnectionFailure as error:
            # a failure, not unreachable: the play's rescue must be reached
            return self._with_next({"failed": True, "msg": f"The host cannot be reached: {_said(error)}"})
        finally:
            self._task.check_mode = check
            self._leave()

    def get_shell_option(self, option: str, default: Any = None) -> Any:
        """Return an option of the connection's shell; where a module's answer is kept is this run's own directory."""
        if option == "async_dir" and self.async_dir:
            return self.async_dir
        return super().get_shell_option(option, default)

    def _conduct(self, args: dict[str, Any], *, check: bool) -> dict[str, Any]:
        module = str(self._task.resolved_action or self._task.action)
        permit = readable(args.get("permit")) or {}
        host = self._host(permit)
        variables = self._vars["hostvars"][host]
        system, environment = (str(variables.get(key, "")) for key in ("ops_system", "ops_environment"))
        name = f"{system}/{environment}/{host}" if system and environment else host
        progress = self._progress_path(permit, name)
        reads = is_reading(module)
        run = str(permit.get("run") or "") if isinstance(permit, Mapping) else ""
        url, runs = str(variables.get("ops_ledger") or ""), runs_of(constants.config.get_config_value("ANSIBLE_HOME"))
        found = partial(ledger_or_reason, url, system, environment, runs=runs, run=run)
        ledger, no_ledger = found(check=check, reads=reads)
        aws = readable(variables.get("aws_connection"))
        self._reach(name, lease_path_of(permit, name) if ledger and not reads else "", ledger)
        if module.endswith("_deploy"):
            self._artefacts = self._artefacts_of(variables, aws)
        redactor = Redactor(secrets_in(args) | secrets_in(aws))
        conductor = Conductor(
            module=module,
            object=name,
            execute=lambda options, planning: completed(
                module, self._execute(module, name, options, planning, redactor), options, ledger, name
            ),
            ledger=ledger,
            no_ledger=no_ledger,
            say=self._say,
            clock=self._clock,
            redactor=redactor,
            progress_path=progress,
            unit=step_from(permit),
        )
        return kept(conductor, permit, conduct(conductor, {**args, "permit": permit} if permit else args, check=check))

    def _with_next(self, result: dict[str, Any]) -> dict[str, Any]:
        """Spell the one next command as the person types it: with a failure, or after what a reader lists."""
        commands, reads = Commands(sys.argv), is_reading(str(self._task.resolved_action or self._task.action))
        # what failed for a reason outside of this run is mended first, and then the same command is next
        following = commands.wanted(result.get("next") or {}) or ("" if reads else again(commands, result))
        if following and result.get("failed"):
            result["msg"] = f"{str(result['msg']).rstrip('.')}. Next: {following}"
        elif following and isinstance(result.get("lines"), list):
            result["lines"] = [*result["lines"], f"Next: {following}"]
        return result

    def _host(self, permit: Any) -> str:
        """Return the component that this task is about: the host it is delegated to when the permit knows it."""
        own = str(self._vars["inventory_hostname"])
        delegated = str(self._task.delegate_to or own)
        objects = permit.get("objects", []) if isinstance(permit, Mapping) else []
        known = {str(item.get("object", "")).rpartition("/")[2] for item in objects if isinstance(item, Mapping)}
        return own if delegated not in known and own in known else delegated

    def _progress_path(self, permit: Any, name: str) -> str:
        objects = permit.get("objects", []) if isinstance(permit, Mapping) else []
        for item in objects:
            if isinstance(item, Mapping) and item.get("object") == name and item.get("lease_deadline_path"):
                deadline = Path(str(item["lease_deadline_path"]))
                return str(deadline.with_name(f"progress-{deadline.stem}-{self._task._uuid}.jsonl"))
        return ""

    def _reach(self, name: str, lease: str, ledger: Ledger | None) -> None:
        """Have what reaches the machine, where the module runs on one or as another user; its run, where it has one."""
        if self._connection.transport == "local" and not getattr(self._connection, "become", None):
            return
        target = self._vars["hostvars"][str(self._task.delegate_to or self._vars["inventory_hostname"])]
        self._line = ActionLine(self, self._vars, str(target.get("ansible_python_interpreter") or ""))
        if lease and ledger:
            identity = ledger.identity.id
            self._machine = Machine(self._line, name, identity, lease, self._clock, self._reports.add)

    def _artefacts_of(self, variables: Mapping[str, Any], aws: Any) -> Artefacts:
        """Return where the component's artefacts come from; what is fetched lies in Ansible's own private directory."""
        source = source_from(readable(variables.get("component_options")))
        return Artefacts(
            source, constants.DEFAULT_LOCAL_TMP, aws_from(aws), lambda line: self._reports.add({"line": line})
        )

    def _leave(self) -> None:
        """Leave nothing behind, here and there; a machine that does not answer is not waited for."""
        if self._artefacts:
            self._artefacts.close()
        if self._machine:
            self._machine.close()
        if self._line:
            self._line.tidy(reachable=not self._machine or self._machine.reachable)
        else:
            self._remove_tmp_path(self._connection._shell.tmpdir)

    def _execute(
        self, module: str, name: str, options: dict[str, Any], planning: bool, redactor: Redactor
    ) -> dict[str, Any]:
        """Run the module once in a thread, saying meanwhile what it reports."""
        self._task.check_mode = planning
        result: dict[str, Any] = {}

        def work() -> None:
            try:
                result.update(self._run(module, name, options, planning))
            except OpsError as error:
                result.update(error.as_result(), failed=True)
            except AnsibleConnectionFailure as error:
                result.update(failed=True, msg=f"The host cannot be reached: {_said(error)}")
            except AnsibleError as error:
                result.update(failed=True, msg=_said(error))
            except Exception as error:  # a thread that dies silently would look like success
                result.update(failed=True, msg=f"The module could not be run: {_said(error)}")

        worker = threading.Thread(target=work, daemon=True)
        path = options.get("progress_path")
        here = path and not planning and not self._machine
        self._reports.more = Tail(Path(str(path))) if here else None
        worker.start()

        def finished(seconds: float) -> bool:
            worker.join(seconds)
            return not worker.is_alive()

        follow(
            object=name,
            module=module,
            tail=self._reports,
            finished=finished,
            say=lambda line: self._say(line.masked(redactor.text)),
            clock=self._clock,
        )
        return _told(result)

    def _run(self, module: str, name: str, options: dict[str, Any], planning: bool) -> dict[str, Any]:
        """Plan in one go; change on a machine by what goes on there by itself, else in one go too."""
        machine, fetched = self._machine, None
        if machine:
            # what a killed run left is at rest before anything is planned
            machine.open()
        if self._artefacts:
            options = self._artefacts.named(options)
            fetched = self._artefacts.fetched
        if machine and not planning:
            return machine.change(module, options, None if self._there else fetched)
        if machine:
            options = planning_options(options, name)
        elif fetched and not planning:
            options = {**options, "artefact_path": fetched[0]}
        if self._line:
            found = self._line.at_once(module, options)
        else:
            found = self._execute_module(module_name=module, module_args=dict(options), task_vars=self._vars)
        # a module that says so needs nothing sent
        self._there = found.get("artefact_there") is True
        return dict(found)


def _told(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result without the options it was called with, and a failure for everything that is not an answer."""
    result.pop("invocation", None)
    if result.pop("unreachable", False):
        result["failed"] = True
    if not result:
        return {"failed": True, "msg": "The module ended without a result"}
    if result.get("failed") and not result.get("msg"):
        event = getattr(result.get("exception"), "event", None)
        result["msg"] = f"The module crashed: {redact_shapes(str(getattr(event, 'msg', 'see it with -vvv')))}"
    return result


def _said(error: BaseException) -> str:
    return redact_shapes(" ".join(str(error).split()))
