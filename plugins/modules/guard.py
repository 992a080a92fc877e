#!/usr/bin/python
# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: guard
short_description: Pass the gates before anything is touched
version_added: 0.1.0
description:
  - The first task of each play. Judges all hosts of the play at once, writes the opening entry of the journal, takes
    the leases, starts the process that keeps them, and returns the permit that changing modules want.
  - Every gate that refuses is reported together, each with its remedy. In check mode gates are findings, and only
    policy and identity stop the run; nothing is leased.
  - Reads from the inventory who the system is and what decides (C(ops_system), C(ops_environment), C(ops_ledger),
    C(ops_windows), C(ops_freezes), C(ops_approvers), C(component_*)); these as extra variables are refused.
  - Removes what killed runs left in Ansible's temporary directories on this machine.
options:
  runbook:
    description:
      - The runbook, C(rollback) for our role of that name or C(acme.nomad.deploy) for another collection's.
      - Its contract C(meta/runbook.yml) states the actions; the variable C(<runbook>_action) chooses one. Without it
        the first that reads is run, else the first.
    type: str
  tool:
    description:
      - Instead of O(runbook), a playbook that operates steady.ops itself. The guard carries out V(ledger), V(lease) and
        the others that only touch the ledger; C(<tool>_action) chooses the action, and O(action), O(risk) and
        O(objects) are not wanted then.
    type: str
  action:
    description: What the tool does.
    type: str
  risk:
    description: What the tool's action may do.
    type: str
    choices: [read, change, destructive]
    default: read
  objects:
    description:
      - What the tool's action changes. V(component) means every host of the play, V(environment) all of it; else a
        component's name or a full path.
    type: list
    elements: str
    default: []
  disruptive:
    description: Whether the tool's action needs a window.
    type: bool
    default: false
extends_documentation_fragment:
  - steady.ops.attributes
attributes:
  check_mode:
    support: full
    details: Nothing is leased; that somebody looked is journalled.
  diff_mode:
    support: none
    details: Changes no system.
  idempotent:
    support: full
    details: A second guard of the same run adds what it needs to the leases that the run has.
  platform:
    platforms: posix
    support: full
    details: Runs on the controller and needs no connection.
seealso:
  - module: steady.ops.run_module
author:
  - steady.ops contributors (@steady-ops)
"""

EXAMPLES = r"""
- name: Pass the gates
  steady.ops.guard:
    runbook: rollback
  run_once: true
  register: ops_run

- name: Read without changing anything
  steady.ops.guard:
    tool: inventory_check
    risk: read
  run_once: true

- name: See in check mode which gates would refuse
  steady.ops.guard:
    runbook: rollback
  run_once: true
  check_mode: true
"""

RETURN = r"""
run:
  description: The id of this run; ids sort by time.
  returned: always
  type: str
  sample: 01M7Z0GCAA64HVBJ2HYPQ68DKM
runbook:
  description: The runbook or tool.
  returned: always
  type: str
  sample: rollback
action:
  description: What it does in this run.
  returned: always
  type: str
  sample: rollback
system:
  description: The system, from the inventory.
  returned: always
  type: str
  sample: smartunderwrite
environment:
  description: The environment, from the inventory.
  returned: always
  type: str
  sample: production
mode:
  description: Whether anything may be changed.
  returned: always
  type: str
  sample: real
lab:
  description: Whether no real system is meant.
  returned: always
  type: bool
  sample: false
notify:
  description: The channels that the end of the run tells, as the inventory names them; secrets by reference only.
  returned: always
  type: raw
  sample: []
anchors:
  description: Where heads of the journal are kept outside the ledger.
  returned: always
  type: raw
  sample: []
tool:
  description: Whether a tool did its work within the guard.
  returned: success or refusal of such a tool
  type: bool
  sample: true
risk:
  description: What the action may do.
  returned: always
  type: str
  sample: change
would_refuse:
  description: Whether a check run found a gate that a real one would not pass.
  returned: always
  type: bool
  sample: false
objects:
  description: What the action changes, sorted.
  returned: always
  type: list
  elements: str
  sample: [smartunderwrite/production/api]
target:
  description: Whom the target proved to be; empty when nothing is pinned.
  returned: always
  type: str
  sample: AWS 123456789012 eu-west-1
ledger:
  description: The ledger's URL.
  returned: always
  type: str
  sample: file:///var/lib/steady/smartunderwrite
findings:
  description: The gates that did not simply pass.
  returned: always
  type: list
  elements: dict
  sample: []
permit:
  description: What the modules want; pass it on unchanged.
  returned: success of a runbook, or of a tool that changes something
  type: dict
  sample: {run: 01M7Z0GCAA64HVBJ2HYPQ68DKM, runbook: rollback, action: rollback, objects: [], mode: real, lab: false}
lines:
  description: What a tool said that the guard carried out.
  returned: success of such a tool
  type: list
  elements: str
  sample: ["no lease, no hold, nothing unfinished"]
"""

from ansible.module_utils.basic import AnsibleModule

OPTIONS = {
    "runbook": {"type": "str"},
    "tool": {"type": "str"},
    "action": {"type": "str"},
    "risk": {"type": "str", "choices": ["read", "change", "destructive"], "default": "read"},
    "objects": {"type": "list", "elements": "str", "default": []},
    "disruptive": {"type": "bool", "default": False},
}


def main() -> None:
    """Say that the action plugin of this name did not run."""
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    module.fail_json(msg="steady.ops.guard runs on the controller; this is only its documentation.")


if __name__ == "__main__":
    main()
