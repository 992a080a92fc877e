#!/usr/bin/python
# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: run_module
short_description: The front end of changing modules
version_added: 0.1.0
description:
  - No task calls it by this name. C(meta/runtime.yml) routes each changing module here, so that the module's own name
    and options stay what a task writes. A collection of another owner does the same with C(plugin_routing).
  - Shows the plan, hands the component's history in, keeps the intent in the ledger before the first step, runs the
    module with exactly that plan approved, prints what it reports (a line at least every ten seconds), and writes the
    releases, verdicts and the journal step in the end.
  - An unreachable host is a failure here, so that a play's C(rescue) is reached.
  - Has no options of its own. Module defaults of action groups reach the module.
options: {}
extends_documentation_fragment:
  - steady.ops.attributes
attributes:
  check_mode:
    support: full
    details: The module is run in check mode once and its plan is shown.
  diff_mode:
    support: full
    details: The module's own.
  idempotent:
    support: full
    details: The module's own.
  platform:
    platforms: posix
    support: full
    details: Runs on the controller. Changing over a connection that is not local is not available yet.
seealso:
  - module: steady.ops.guard
author:
  - steady.ops contributors (@steady-ops)
"""

EXAMPLES = r"""
- name: Call the module itself; it comes here by routing
  steady.ops.apprunner_deploy:
    state: rolled_back
    service: smartunderwrite-api
    probe: "{{ component_probe }}"
    permit: "{{ ops_run.permit }}"

- name: See the plan in check mode
  steady.ops.apprunner_deploy:
    state: rolled_back
    service: smartunderwrite-api
    probe: "{{ component_probe }}"
    permit: "{{ ops_run.permit }}"
  check_mode: true
"""

RETURN = r"""
plan:
  description: The module's steps, and what became of each.
  returned: always
  type: list
  elements: dict
  sample: []
"""

from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    """Say that the action plugin of this name did not run."""
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    module.fail_json(msg="steady.ops.run_module runs on the controller; this is only its documentation.")


if __name__ == "__main__":
    main()
