# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wires the guard: collects what Ansible knows, lets C(plugin_utils/_runs) decide, returns it."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible import constants as C
from ansible import context
from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.collection_loader._collection_finder import _get_collection_role_path
from ansible.utils.display import Display
from ansible.utils.vars import load_extra_vars

from ..module_utils._clock import SystemClock
from ..module_utils._errors import InvalidInput, OpsError, Refused
from ..module_utils._redact import Redactor, redact_shapes
from ..plugin_utils._gates import place
from ..plugin_utils._gates.caller import ask_aws
from ..plugin_utils._gates.request import Policy, refusal_text, refusals
from ..plugin_utils._ledger.processes import Process
from ..plugin_utils._runs import contract as contracts
from ..plugin_utils._runs import ledger_tool
from ..plugin_utils._runs.active import current
from ..plugin_utils._runs.asking import Asked, components_of, read_arguments, read_policy, request_of, softened
from ..plugin_utils._runs.ids import new_run_id
from ..plugin_utils._runs.leftovers import sweep
from ..plugin_utils._runs.lines import first_line
from ..plugin_utils._runs.passage import Door, TurnedAway, pass_gates
from ..plugin_utils._runs.secrets import secrets_in
from ..plugin_utils._runs.variables import readable
from ..plugin_utils._runs.who import user_name, who


class ActionModule(ActionBase):
    """C(steady.ops.guard): the first task of each play."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_diff = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the permit, or a failure that names every gate that refuses."""
        super().run(tmp, task_vars)
        self._vars = task_vars or {}
        try:
            return self._guard(read_arguments(self._task.args))
        except TurnedAway as error:
            return {**error.as_result(), **error.result, "failed": True}
        except OpsError as error:
            return {**error.as_result(), "failed": True, "guard": "refused"}

    def _guard(self, asked: Asked) -> dict[str, Any]:
        hosts = sorted(str(host) for host in self._vars.get("ansible_play_hosts_all") or [])
        self._hostvars = self._vars["hostvars"]
        groups = {host: list(self._hostvars[host].get("group_names", [])) for host in hosts}
        extra = load_extra_vars(self._loader)
        policy, verdicts = read_policy(hosts, self._value, groups, extra)
        reads = asked.tool and asked.risk == "read" and asked.runbook != "ledger"
        if reads:
            verdicts = softened(verdicts)
            policy = policy or self._stand_in(hosts)
        stopped_by = refusals(verdicts, check=bool(self._task.check_mode))
        if stopped_by or policy is None:
            raise Refused(refusal_text(stopped_by))
        door = self._door(extra)
        if asked.tool and asked.runbook == "ledger":
            return self._ledger_tool(asked, policy, door)
        if not self._task.check_mode:
            self._sweep(door)
        contract = None if asked.tool else self._contract(asked.runbook)
        wanted = "" if asked.tool else self._action(asked.runbook)
        # a tool that only reads may be there to find what is wrong with the components
        components = () if reads else components_of(hosts, self._value, groups)
        request = request_of(
            asked,
            contract,
            wanted,
            policy,
            components,
            extra,
            check=bool(self._task.check_mode),
            again=redact_shapes(shlex.join(["ansible-playbook", *sys.argv[1:]])),
        )
        return pass_gates(request, door)

    def _ledger_tool(self, asked: Asked, policy: Policy, door: Door) -> dict[str, Any]:
        check = bool(self._task.check_mode)
        run = door.run or new_run_id()
        stopped_by = refusals(place.judge(policy, place.is_passing(door.environment)), check=check)
        if stopped_by:
            raise Refused(refusal_text(stopped_by))
        result = {
            "run": run,
            "runbook": "ledger",
            "action": asked.action,
            "system": policy.system,
            "environment": policy.environment,
            "mode": "check" if check else "real",
            "lab": policy.lab,
            "objects": [policy.path],
            "ledger": policy.ledger,
            "target": "the ledger",
            "findings": [],
        }
        door.say(first_line(result, "the ledger"))
        outcome = ledger_tool.operate(
            asked.action,
            policy,
            asked.operation or {},
            ledger_tool.Surroundings(door.inventory, self._vars["groups"].get("all", ()), door.memory, check=check),
        )
        for line in outcome.lines:
            door.say(f"  {line}")
        untold = ledger_tool.journal_opening(outcome, asked.action, policy, run=run, who=door.who, check=check)
        if untold:
            door.say(f"  not journalled: {untold}")
        return {**result, "changed": outcome.changed, "lines": list(outcome.lines)}

    def _door(self, extra: Mapping[str, Any]) -> Door:
        active = current()
        process = active.process if active else Process.of(os.getppid())
        if process is None:
            raise Refused("The ansible-playbook process of this task is gone")
        display = Display()
        return Door(
            run=active.run if active else "",
            process=process,
            runs=Path(C.config.get_config_value("ANSIBLE_HOME")) / "steady.ops" / "runs",
            inventory=_inventory(),
            who=who(extra, os.environ),
            extra_names=[str(name) for name in extra],
            ask_aws=ask_aws,
            say=display.display,
            clock=SystemClock(),
            redactor=Redactor(secrets_in(extra)),
        )

    def _value(self, host: str, name: str) -> object:
        """Return a variable of a host, templated; None where it is not set."""
        variables = self._hostvars[host]
        if name not in variables:
            return None
        try:
            return readable(variables[name])
        except AnsibleError as error:
            raise InvalidInput(
                f"{name} of {host} cannot be read: {redact_shapes(' '.join(str(error.message).split()))}",
                remedy=f"Correct {name} in the inventory.",
            ) from None

    def _stand_in(self, hosts: list[str]) -> Policy:
        """What an inventory under inspection does not say is empty."""
        known = {
            key: str(self._value(hosts[0], key) or "?") if hosts else "?" for key in ("ops_system", "ops_environment")
        }
        return Policy(system=known["ops_system"], environment=known["ops_environment"], ledger="")

    def _contract(self, runbook: str) -> contracts.Contract:
        role = contracts.role_name(runbook)
        found = _get_collection_role_path(role)
        if not found:
            raise InvalidInput(
                f"There is no role {role} for the runbook {runbook}",
                remedy="Install its collection or correct the name.",
            )
        return contracts.load(runbook, Path(found[1]))

    def _action(self, runbook: str) -> str:
        name = contracts.action_variable(runbook)
        if name not in self._vars:
            return ""
        return str(self._templar.template(self._vars[name]) or "")

    def _sweep(self, door: Door) -> None:
        shell = getattr(getattr(self, "_connection", None), "_shell", None)
        remote = self.get_shell_option("remote_tmp", default="~/.ansible/tmp") if shell else "~/.ansible/tmp"
        # a local connection expands ~ to the account's home, whatever HOME says
        home = Path(f"~{user_name()}").expanduser()
        places = {home / remote.removeprefix("~/"), home / ".ansible" / "tmp", Path(C.DEFAULT_LOCAL_TMP).parent}
        sweep(sorted(places), door.runs)


def _inventory() -> str:
    """Return the inventory as a command names it, short where it lies below the current directory."""
    sources = [str(source) for source in context.CLIARGS.get("inventory") or C.DEFAULT_HOST_LIST]
    here = f"{os.getcwd()}/"
    return " -i ".join(shlex.quote(source.removeprefix(here)) for source in sources)
