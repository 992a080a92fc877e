# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: inventory_facts
short_description: Say which facts an inventory states, without the values
version_added: "0.1.0"
author: steady.ops contributors (@steady-ops)
description:
  - Walks the key paths that every component has to state, and those of its C(ops_required) and C(ops_required_system),
    and says of each whether a value is there.
  - A value that cannot be templated is one entry of the answer and not an error of the task.
  - Values stay where they are. The answer holds names of groups, hosts and keys, the kind, the platform and the
    dependencies of each component, and reasons in words.
options:
  _terms:
    description: Names of hosts. All hosts of the inventory when none is given.
    type: list
    elements: str
seealso:
  - module: steady.ops.inventory_check
"""

EXAMPLES = r"""
- name: Judge the inventory
  steady.ops.inventory_check:
    facts: "{{ lookup('steady.ops.inventory_facts') }}"
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
_value:
  description: One dictionary with C(groups), the names of all groups, and C(hosts), what each component states.
  type: list
  elements: dict
"""

import re
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

from ..module_utils._inventory.vocabulary import required_paths

# a variable that stands for another one as a whole: "{{ api_identity }}"
WHOLE_VARIABLE = re.compile(r"\{\{\s*([A-Za-z_]\w*(?:\.\w+)*)\s*\}\}")
NOT_STATED = "nobody has stated it"
# What the guard registers during the run is no part of the inventory.
REGISTERED = ("ops_run",)
# What Ansible's own errors look like from outside: a template that cannot be finished, whatever it calls.
TEMPLATE_ERRORS = (AnsibleError, ValueError, TypeError, KeyError)


class Facts:
    """The variables of one host, templated one by one."""

    def __init__(self, templar: Any, variables: Mapping[str, Any]) -> None:
        self._variables = variables
        self._templar = templar.copy_with_new_env(available_variables=variables)

    def read(self, path: str) -> Any:
        """Return the value at a dotted key path, or None; only what lies on the path is templated."""
        value: Any = self._variables
        for part in path.split("."):
            value = self._templar.template(value) if isinstance(value, str) else value
            value = value.get(part) if isinstance(value, Mapping) else None
        return self._templar.template(value)

    def reason_missing(self, path: str) -> str:
        """Return why there is no value at a key path, or nothing when there is one."""
        try:
            value = self.read(path)
        except TEMPLATE_ERRORS as error:
            return _sentence(error)
        return NOT_STATED if value is None or value in ("", [], {}) else ""

    def taken_from(self, path: str) -> str:
        """Return the key path that a key path takes its value from, as far as whole variables stand for each other."""
        seen: list[str] = []
        while path not in seen:
            seen.append(path)
            first, _dot, rest = path.partition(".")
            value = self._variables.get(first)
            other = WHOLE_VARIABLE.fullmatch(value.strip()) if isinstance(value, str) else None
            path = ".".join(part for part in (other.group(1), rest) if part) if other else path
        return path

    def known(self, path: str) -> Any:
        """Return the value at a key path, None where there is none or it cannot be templated."""
        return None if self.reason_missing(path) else self.read(path)

    def broken(self) -> dict[str, str]:
        """Return the inventory's own variables that cannot be templated, each with the reason."""
        return {name: reason for name in self.names() if (reason := self._reason_broken(name))}

    def names(self) -> list[str]:
        """Return the names of variables that the collection gives a meaning to."""
        return sorted(name for name in self._variables if _has_meaning(name))

    def _reason_broken(self, name: str) -> str:
        try:
            self._templar.template(self._variables[name])
        except TEMPLATE_ERRORS as error:
            return _sentence(error)
        return ""


class LookupModule(LookupBase):
    """Gather what C(steady.ops.inventory_check) judges."""

    def run(self, terms: list[str], variables: Any = None, **kwargs: Any) -> list[dict[str, Any]]:
        """Return one dictionary with the groups and the components."""
        self.set_options(var_options=variables, direct=kwargs)
        hostvars = variables["hostvars"]
        hosts = [str(name) for name in terms or variables["groups"]["all"]]
        stated = [self._host(name, {**hostvars.raw_get(name), "hostvars": hostvars}) for name in hosts]
        return [{"groups": [str(group) for group in variables["groups"]], "hosts": stated}]

    def _host(self, name: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        facts = Facts(self._templar, variables)
        kind, platform = facts.known("component_kind"), facts.known("component_platform")
        environment = facts.known("ops_environment")
        required = [facts.known("ops_required") or [], facts.known("ops_required_system") or []]
        paths = (*required_paths(kind, platform, environment), *(path for paths in required for path in paths))
        missing = {path: reason for path in paths if (reason := facts.reason_missing(path))}
        return {
            "name": name,
            "groups": [str(group) for group in variables.get("group_names", [])],
            "system": facts.known("ops_system"),
            "environment": environment,
            "kind": kind,
            "platform": platform,
            "depends_on": [str(other) for other in facts.known("component_depends_on") or []],
            "variables": [variable for variable in facts.names() if variable.startswith("ops_")],
            "missing": missing,
            "broken": facts.broken(),
            "taken_from": {path: source for path in missing if (source := facts.taken_from(path)) != path},
        }


def _has_meaning(name: str) -> bool:
    if name in REGISTERED:
        return False
    return name.startswith(("ops_", "component_")) or name.endswith("_connection") or name == "ansible_host"


def _sentence(error: Exception) -> str:
    """Return the innermost cause in one line: the chain above it repeats where it was met."""
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    return " ".join(str(getattr(cause, "message", cause)).split()) or type(cause).__name__
