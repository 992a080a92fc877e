# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
name: health_report
short_description: Bring what was found about components into the order of their dependencies
version_added: 0.1.0
description:
  - Walks the dependencies leaf first and names the first component that is not well.
  - A component about which nothing was found is C(unknown), never C(ok).
  - Dependencies that go in a circle or name no component of the inventory are an error.
positional: _input
options:
  _input:
    description: The variables of all hosts, C(hostvars).
    type: dict
    required: true
  components:
    description: Names of the components of this run.
    type: list
    elements: str
    required: true
  result:
    description: Name of the variable in which each host keeps the result of its module.
    type: str
    required: true
  fail_on:
    description: From which severity on the report is red, as in M(steady.ops.http_health); blank is V(critical).
    type: str
    choices: [critical, warning, never]
author:
  - steady.ops contributors (@steady-ops)
"""

EXAMPLES = r"""
- name: Bring the answers into order
  ansible.builtin.set_fact:
    report: "{{ hostvars | steady.ops.health_report(ansible_play_hosts_all, 'answer') }}"
"""

RETURN = r"""
_value:
  description: The report.
  type: dict
  contains:
    red:
      description: Whether the findings make the run red.
      type: bool
    sentence:
      description: What is broken first and who depends on it, or that all is well.
      type: str
    next:
      description: The one next command, as this run was typed; empty where all are well.
      type: str
    first_broken:
      description: Name of the first component that is not well; empty where all are.
      type: str
    lines:
      description: One short line for each component, leaf first.
      type: list
      elements: str
    components:
      description: Each component with its kind, severity, findings and the broken ones that it depends on.
      type: list
      elements: dict
"""

import re
import sys
from collections.abc import Mapping, Sequence

from ansible.errors import AnsibleError, AnsibleFilterError

from ..module_utils._errors import OpsError
from ..module_utils._findings import Finding, Severity, fails
from ..module_utils._health.walk import (
    KINDS,
    NOT_ASKED,
    Component,
    Walk,
    needs,
    sentence,
    walk,
)
from ..plugin_utils._runs.next_command import Commands

# what the engine puts before the reason why a task could not be made
_WRAPPING = re.compile(r"^(Task failed: )?(Finalization of task args for '[^']*' failed: )?")


def health_report(
    hostvars: Mapping[str, Mapping[str, object]], components: Sequence[str], result: str, fail_on: str | None = None
) -> dict[str, object]:
    """Return the report on the components of this run."""
    try:
        walked = walk([_component(name, hostvars[name], result) for name in components], list(hostvars))
        return {
            "red": _red(walked, fail_on or "critical"),
            "sentence": sentence(walked),
            "next": _next(walked, hostvars),
            "first_broken": walked.first_broken.name if walked.first_broken else "",
            "lines": walked.lines(),
            "components": [_shown(component, walked) for component in walked.components],
        }
    except OpsError as error:
        raise AnsibleFilterError(str(error)) from None


def _next(walked: Walk, hostvars: Mapping[str, Mapping[str, object]]) -> str:
    """Return the next command: what served when is asked of a service that answers wrongly, else all is asked again."""
    first = walked.first_broken
    if first is None:
        return ""
    answers_wrongly = first.severity == Severity.CRITICAL.value and hostvars[first.name].get("component_platform")
    return Commands(sys.argv).of("releases" if answers_wrongly else "health_check", limit=first.name)


def _component(name: str, variables: Mapping[str, object], result: str) -> Component:
    answer = variables.get(result)
    answer = answer if isinstance(answer, Mapping) else {}
    findings, needed = answer.get("findings"), variables.get("component_depends_on")
    kind = str(variables.get("component_kind") or "of no kind")
    unkind = "it was not asked" if kind in KINDS else f"component_kind is none of {', '.join(KINDS)}"
    unasked = _unreached(variables) or unkind
    return Component(
        name,
        kind,
        needs(needed),
        tuple(findings) if isinstance(findings, (list, tuple)) else (),
        "" if findings else _WRAPPING.sub("", str(answer.get("msg") or unasked)),
    )


def _unreached(variables: Mapping[str, object]) -> str:
    """Return why a component is not asked: it is not reached from here; empty where it is, or where that is unclear."""
    try:
        reach = variables.get("component_reach")
    except AnsibleError:
        return ""
    via = reach.get("via", "direct") if isinstance(reach, Mapping) else "direct"
    return "" if via == "direct" else f"it is reached via {via}, which health_check cannot do yet"


def _red(walked: Walk, fail_on: str) -> bool:
    verdicts = [
        Finding(component.name, Severity(component.severity), component.message)
        for component in walked.components
        if component.severity != NOT_ASKED
    ]
    return fails(verdicts, fail_on)


def _shown(component: Component, walked: Walk) -> dict[str, object]:
    return {
        "component": component.name,
        "kind": component.kind,
        "severity": component.severity,
        "message": component.message,
        "depends_on": list(component.depends_on),
        "broken_below": list(walked.broken_below[component.name]),
        "findings": [dict(finding) for finding in component.findings],
    }


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, object]:
        """Return the filters of this file."""
        return {"health_report": health_report}
