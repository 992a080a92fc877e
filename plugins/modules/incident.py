#!/usr/bin/python
# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: incident
short_description: Open, tell and close incidents in the ledger
version_added: 0.1.0
description:
  - Keeps incidents as entries in the ledger of the play's environment, and each entry in its journal as well. Touches
    nothing else, asks no component and needs no lease, so it works while everything else stands still.
  - Runs meanwhile are stamped with its id, and gates are waived under an open one only.
options:
  action:
    description: What is done.
    type: str
    choices: [list, open, note, close, acknowledge]
    default: list
  id:
    description:
      - The incident. Opened without one, it is given the next of the day, such as C(INC-20261121-1).
      - Otherwise the one that is open when there is just one; V(acknowledge) means all of them then.
    type: str
  severity:
    description: V(P0) to V(P3). Without it, it follows from O(users_percent) and O(function).
    type: str
  users_percent:
    description: How many of the users it reaches; 50 or more is P1, fewer is P2.
    type: str
  function:
    description: What does not work; V(outage), V(data_loss), V(major), V(minor) or V(cosmetic). The worse axis wins.
    type: str
  owner:
    description: Who has it; who opens it where nobody is named.
    type: str
  systems:
    description: What it affects; the system of the inventory where nothing is said.
    type: list
    elements: str
  title:
    description: What happens, in one line.
    type: str
  text:
    description: What happened; a note that is added and never edited.
    type: str
  mitigation:
    description: A temporary measure; it must be taken back before the incident is closed. Needs O(revert_by).
    type: str
  revert_by:
    description: By when the measure is taken back, such as C(2026-11-22T08:00:00Z).
    type: str
  reverted:
    description: Numbers of temporary measures that were taken back, with commas between them.
    type: str
  resolution:
    description: What ended it.
    type: str
  ledger:
    description: URL of the ledger that the guard works with, C({{ ops_run.ledger }}). Without it C(ops_ledger).
    type: str
  permit:
    description: What this run may change, as M(steady.ops.guard) registered it. Required unless in check mode.
    type: dict
extends_documentation_fragment:
  - steady.ops.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: Of what is said, without times.
  idempotent:
    support: full
    details: The same title, note within ten minutes, or resolution again adds nothing.
  platform:
    platforms: posix
    support: full
    details: Runs on the controller and needs no connection.
seealso:
  - module: steady.ops.guard
author:
  - steady.ops contributors (@steady-ops)
"""

EXAMPLES = r"""
- name: Open an incident
  steady.ops.incident:
    action: open
    users_percent: "60"
    title: The API answers nobody
    permit: "{{ ops_run.permit }}"

- name: Say what was done for the time being
  steady.ops.incident:
    action: note
    mitigation: Twice as many instances
    revert_by: "2026-11-22T08:00:00Z"
    permit: "{{ ops_run.permit }}"

- name: See in check mode what closing it would say
  steady.ops.incident:
    action: close
    resolution: The index is back
  check_mode: true
"""

RETURN = r"""
incident:
  description: The incident, with notes, temporary measures and overrides; empty where the run was about none.
  returned: success
  type: dict
  sample: {id: INC-20261121-1, severity: P1, owner: ann, systems: [shop], title: The API answers nobody, open: true}
incidents:
  description: All that are open, and those that were closed of late.
  returned: success
  type: list
  elements: dict
  sample: []
lines:
  description: What was said to a person.
  returned: success
  type: list
  elements: str
  sample: ["INC-20261121-1: opened as P1, owner ann, systems shop"]
findings:
  description: What needs somebody; overdue measures, overrides that nobody acknowledged, an entry not yet journalled.
  returned: success
  type: list
  elements: dict
  sample: []
plan:
  description: The entries that are added, each with its sentence.
  returned: success
  type: list
  elements: dict
  sample: []
plan_hash:
  description: Hash of the intent.
  returned: success of a change
  type: str
  sample: sha256:5f1d...
diff:
  description: The incident before and after, without times.
  returned: success
  type: dict
  sample: {}
"""

from ansible.module_utils.basic import AnsibleModule

OPTIONS = {
    "action": {"type": "str", "choices": ["list", "open", "note", "close", "acknowledge"], "default": "list"},
    "id": {"type": "str"},
    "severity": {"type": "str"},
    "users_percent": {"type": "str"},
    "function": {"type": "str"},
    "owner": {"type": "str"},
    "systems": {"type": "list", "elements": "str"},
    "title": {"type": "str"},
    "text": {"type": "str"},
    "mitigation": {"type": "str"},
    "revert_by": {"type": "str"},
    "reverted": {"type": "str"},
    "resolution": {"type": "str"},
    "ledger": {"type": "str"},
    "permit": {"type": "dict"},
}


def main() -> None:
    """Say that the action plugin of this name did not run."""
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    module.fail_json(msg="steady.ops.incident runs on the controller; this is only its documentation.")


if __name__ == "__main__":
    main()
