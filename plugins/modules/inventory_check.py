#!/usr/bin/python
# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: inventory_check
short_description: Name every required fact that an inventory does not state
version_added: "0.1.0"
author: steady.ops contributors (@steady-ops)
description:
  - Judges what the lookup P(steady.ops.inventory_facts#lookup) gathered. It reads nothing else and changes nothing.
  - Names required facts that are missing, hosts in two environment groups or in none, groups that are missing or that
    no play knows, dependencies on hosts that do not exist or in a circle, policies that no gate reads, variables of a
    run that stand in the inventory, and values that cannot be templated.
  - Findings name groups, hosts and keys and never a value.
options:
  facts:
    description: What the lookup P(steady.ops.inventory_facts#lookup) gives.
    type: dict
    required: true
  fail_on:
    description: The severity from which on the findings make the task fail.
    type: str
    choices: [critical, warning, never]
    default: critical
attributes:
  check_mode:
    description: Can run in check mode and return the findings without changing anything.
    support: full
  diff_mode:
    description: Returns what would change.
    support: none
    details: It changes nothing.
  idempotent:
    description: A second run changes nothing.
    support: full
  platform:
    description: Where it runs.
    platforms: posix
    support: full
seealso:
  - plugin: steady.ops.inventory_facts
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Name what the inventory does not state
  steady.ops.inventory_check:
    facts: "{{ lookup('steady.ops.inventory_facts') }}"
  delegate_to: localhost
  run_once: true

- name: Look at one component, and go on whatever is missing
  steady.ops.inventory_check:
    facts: "{{ lookup('steady.ops.inventory_facts', 'api') }}"
    fail_on: never
  delegate_to: localhost
  run_once: true

- name: See in check mode the same as in any other
  steady.ops.inventory_check:
    facts: "{{ lookup('steady.ops.inventory_facts') }}"
  check_mode: true
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
findings:
  description: One verdict for each fact that is missing or cannot be right; empty when everything is stated.
  returned: always
  type: list
  elements: dict
  sample:
    - id: fact.missing
      severity: critical
      value: api_url
      threshold: null
      unit: ""
      message: "api_url is missing for api: nobody has stated it"
      remedy: State it in group_vars/production.yml.
lines:
  description: The findings as a person reads them, one line each.
  returned: always
  type: list
  elements: str
  sample: ["api_url is missing for api: nobody has stated it. State it in group_vars/production.yml."]
verdict:
  description: The highest severity among the findings, V(ok) when there is none.
  returned: always
  type: str
  sample: critical
plan:
  description: Always empty, since nothing is changed.
  returned: always
  type: list
  elements: dict
  sample: []
msg:
  description: How many facts are missing or wrong, in one sentence.
  returned: always
  type: str
  sample: The inventory states everything that is required.
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._errors import OpsError
from ..module_utils._findings import Finding, Severity, fails, worst
from ..module_utils._inventory.check import Inventory, judge

OPTIONS = {
    "facts": {"type": "dict", "required": True},
    "fail_on": {"type": "str", "choices": ["critical", "warning", "never"], "default": "critical"},
}


def summary(findings: list[Finding]) -> str:
    """Return how the inventory stands, in one sentence."""
    bad = sum(finding.severity is Severity.CRITICAL for finding in findings)
    rest = len(findings) - bad
    if not findings:
        return "The inventory states everything that is required."
    looked_at = f" (and {rest} to look at)" if rest else ""
    if not bad:
        return f"The inventory states everything that is required{looked_at}."
    return f"{bad} {'fact is' if bad == 1 else 'facts are'} missing or wrong in the inventory{looked_at}."


def line(finding: Finding) -> str:
    """Return a finding as one line."""
    warning = "" if finding.severity is Severity.CRITICAL else "To look at: "
    return f"{warning}{finding.message}. {finding.remedy}"


def main() -> None:
    """Judge the facts, and fail when one is missing."""
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    try:
        findings = judge(Inventory.from_option(module.params["facts"]))
        red = bool(findings) and fails(findings, module.params["fail_on"])
    except OpsError as error:
        module.fail_json(**error.as_result())
    result = {
        "changed": False,
        "findings": [finding.as_dict() for finding in findings],
        "lines": [line(finding) for finding in findings],
        "verdict": worst(findings).value if findings else Severity.OK.value,
        "plan": [],
        "msg": summary(findings),
    }
    if red:
        module.fail_json(**result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
