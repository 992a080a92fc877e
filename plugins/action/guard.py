# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wires the guard: collects what Ansible knows, lets C(plugin_utils/_runs) decide, returns it."""

from __future__ import annotations

import copy
import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.collection_loader._collection_finder import _get_collection_role_path
from ansible.utils.display import Display
from ansible.utils.vars import load_extra_vars
from ansible.vars.hostvars import HostVarsVars

from ..module_utils._clock import SystemClock
from ..module_utils._errors import InvalidInput, OpsError, Refused
from ..module_utils._redact import Redactor, redact_shapes
from ..plugin_utils._gates import place
from ..plugin_utils._gates.caller import ask_aws
from ..plugin_utils._gates.policy import VARIABLES, is_refused, judge_keys, judge_unknown, stand_in
from ..plugin_utils._gates.request import Component, Policy, Request, Verdict, refusals
from ..plugin_utils._ledger.processes import Process
from ..plugin_utils._runs import contract as contracts
from ..plugin_utils._runs.active import current
from ..plugin_utils._runs.arguments import Asked, read_arguments, tool_asked
from ..plugin_utils._runs.asking import (
    components_of,
    pinned_of,
    read_policy,
    request_of,
    softened,
)
from ..plugin_utils._runs.door import Door, TurnedAway
from ..plugin_utils._runs.ids import new_run_id
from ..plugin_utils._runs.leftovers import sweep
from ..plugin_utils._runs.machine_ids import ask_machines
from ..plugin_utils._runs.next_command import Commands
from ..plugin_utils._runs.passage import pass_gates, turn_away
from ..plugin_utils._runs.reach import runs_of
from ..plugin_utils._runs.secrets import secrets_in
from ..plugin_utils._runs.tooling import carry_out
from ..plugin_utils._runs.variables import readable
from ..plugin_utils._runs.who import user_name, who
from ..plugin_utils._tools.all import TOOLS
from ..plugin_utils._tools.tool import Surroundings, Tool


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
        self._commands = Commands(sys.argv)
        try:
            return self._guard(read_arguments(self._task.args))
        except TurnedAway as error:
            return {**error.as_result(), **error.result, "failed": True}
        except OpsError as error:
            following = self._commands.wanted(error.next)
            msg = f"{error} Next: {following}" if following else str(error)
            return {**error.as_result(), "msg": msg, "failed": True, "guard": "refused"}

    def _guard(self, asked: Asked) -> dict[str, Any]:
        # in the inventory's order: components are switched in it
        hosts = [str(host) for host in self._vars.get("ansible_play_hosts_all") or []]
        self._hostvars = self._vars["hostvars"]
        groups = {host: list(self._hostvars[host].get("group_names", [])) for host in hosts}
        extra = load_extra_vars(self._loader)
        door = self._door(extra)
        tool = TOOLS.get(asked.runbook) if asked.tool else None
        if tool:
            asked = tool_asked(tool, self._said(f"{tool.name}_action"))
        contract = None if asked.tool else self._contract(asked.runbook)
        wanted = "" if asked.tool else self._action(asked.runbook)
        check = bool(self._task.check_mode)

        def request(policy: Policy, components: tuple[Component, ...], pinned: str = "") -> Request:
            made = partial(request_of, commands=self._commands, check=check, wish=self._said, who=door.who)
            return made(asked, contract, wanted, policy, components, extra, pinned=pinned)

        policy, verdicts = read_policy(hosts, self._value, groups, extra)
        known = contract.variables if contract else tool.variables if tool else ()
        verdicts += judge_unknown(extra, asked.runbook, known, again=self._commands.again())
        reads = asked.tool and asked.risk == "read" and tool is None
        if reads:
            verdicts = softened(verdicts)
            policy = policy or stand_in([{key: self._value(host, key) for key in VARIABLES} for host in hosts])
        stopped_by = refusals(verdicts, check=check)
        if stopped_by or policy is None:
            raise self._turned_away(hosts, extra, request, door, stopped_by)
        if tool:
            return self._tool(tool, request(policy, ()), extra, door)
        if not check:
            self._sweep(door)
        if reads:
            # a tool that only reads may be there to find what is wrong with the components
            return pass_gates(request(policy, (), pinned_of(hosts, self._value)), door)
        if contract and contract.choose(wanted).in_ledger:
            # no component is touched, so none is asked who it is: an incident is opened while the cloud is down
            return pass_gates(request(policy, ()), door)
        return pass_gates(request(policy, components_of(hosts, self._value, groups, lab=policy.lab)), door)

    def _turned_away(
        self,
        hosts: list[str],
        extra: Mapping[str, Any],
        request: Callable[[Policy, tuple[Component, ...], str], Request],
        door: Door,
        stopped_by: list[Verdict],
    ) -> TurnedAway:
        """Refuse for the policy, recorded in the ledger that the inventory itself names, whatever was typed."""
        typed = [name for name in extra if is_refused(name)]
        variables = self._without(hosts, typed)
        pinned = pinned_of([*variables], lambda host, name: self._read(variables[host], host, name))
        following = self._commands.again(without=typed) if typed else ""
        components = tuple(Component(host) for host in hosts)
        next_command = following or self._commands.of("inventory_check")
        return turn_away(request(self._stated(variables), components, pinned), door, stopped_by, next=next_command)

    def _tool(self, tool: Tool, request: Request, extra: Mapping[str, Any], door: Door) -> dict[str, Any]:
        stopped_by = refusals(place.judge(request.policy, place.is_passing(door.environment)), check=request.check)
        if stopped_by:
            raise turn_away(request, door, stopped_by, next=self._commands.again())
        around = Surroundings(
            request.policy,
            self._vars["groups"].get("all", ()),
            door.memory,
            door.clock,
            run=door.run or new_run_id(),
            check=request.check,
            who=door.who,
            typed=extra,
            environment=door.environment,
            commands=self._commands,
        )
        values = ((word, self._given(f"{tool.name}_{word}")) for word in tool.options)
        said = {word: value for word, value in values if value not in (None, "")}
        return carry_out(tool, request, said, around, door)

    def _door(self, extra: Mapping[str, Any]) -> Door:
        active = current()
        process = active.process if active else Process.of(os.getppid())
        if process is None:
            raise Refused("The ansible-playbook process of this task is gone")
        return Door(
            run=active.run if active else "",
            process=process,
            runs=runs_of(C.config.get_config_value("ANSIBLE_HOME")),
            who=who(extra, os.environ),
            extra_names=[str(name) for name in extra],
            ask_aws=ask_aws,
            ask_machines=partial(ask_machines, self, self._hostvars),
            say=Display().display,
            clock=SystemClock(),
            redactor=Redactor(secrets_in(extra)),
        )

    def _value(self, host: str, name: str) -> object:
        """Return a variable of a host, templated; None where it is not set."""
        return self._read(self._hostvars[host], host, name)

    def _read(self, variables: Mapping[str, Any], host: str, name: str) -> object:
        if name not in variables:
            return None
        try:
            return readable(variables[name])
        except AnsibleError as error:
            raise InvalidInput(
                f"{name} of {host} cannot be read: {redact_shapes(' '.join(str(error.message).split()))}",
                remedy=f"Correct {name} in the inventory.",
                next={"playbook": "inventory_check"},
            ) from None

    def _stated(self, variables: Mapping[str, Mapping[str, Any]]) -> Policy:
        """Return what the inventory says itself; without a ledger where it does not name one for all hosts."""
        try:
            values = {
                host: {key: found for key in VARIABLES if (found := self._read(own, host, key))}
                for host, own in variables.items()
            }
        except OpsError:
            # nothing is certain of an inventory that cannot be read
            values = {}
        return judge_keys(values)[0] or stand_in([*values.values()])

    def _without(self, hosts: list[str], typed: list[str]) -> dict[str, Mapping[str, Any]]:
        """Return the variables of each host as the inventory states them; none where that cannot be told."""
        if not typed:
            return {host: self._hostvars[host] for host in hosts}
        try:
            return {host: self._untyped(host) for host in hosts}
        except AttributeError:
            # Ansible's insides are not promised to stay
            return {}

    def _untyped(self, host: str) -> Mapping[str, Any]:
        """Return the variables of a host as they are without what was typed with -e."""
        manager = copy.copy(self._hostvars._variable_manager)
        manager._extra_vars = {}
        found = manager.get_vars(host=self._hostvars._inventory.get_host(host), include_hostvars=False)
        return HostVarsVars(found, loader=self._loader, host=host)

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
        return self._said(contracts.action_variable(runbook))

    def _said(self, name: str) -> str:
        """Return a variable of the run as text; empty where it is not set."""
        return str(self._given(name) or "").strip()

    def _given(self, name: str) -> object:
        """Return a variable of the run; None where it is not set."""
        return self._templar.template(self._vars[name]) if name in self._vars else None

    def _sweep(self, door: Door) -> None:
        shell = getattr(getattr(self, "_connection", None), "_shell", None)
        remote = self.get_shell_option("remote_tmp", default="~/.ansible/tmp") if shell else "~/.ansible/tmp"
        # a local connection expands ~ to the account's home, whatever HOME says
        home = Path(f"~{user_name()}").expanduser()
        places = {home / remote.removeprefix("~/"), home / ".ansible" / "tmp", Path(C.DEFAULT_LOCAL_TMP).parent}
        sweep(sorted(places), door.runs)
