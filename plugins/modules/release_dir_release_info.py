#!/usr/bin/python
# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: release_dir_release_info
short_description: List the recorded releases of an application in release directories on a machine
version_added: 0.1.0
description:
  - Lists what the ledger knows of a component's releases, what serves now, and whether each release is still on the
    disk, whole and as it was unpacked.
  - Changes nothing.
author:
  - steady.ops contributors (@steady-ops)
options:
  history:
    description: The ledger's records of this component. Set by the front end.
    type: list
    elements: dict
    default: []
  history_unknown:
    description: Why the ledger's records cannot be read. Set by the front end; then nothing is said about releases.
    type: str
    default: ""
extends_documentation_fragment:
  - steady.ops.attributes
  - steady.ops.attributes.read_only
  - steady.ops.release_dir
seealso:
  - module: steady.ops.release_dir_deploy
"""

EXAMPLES = r"""
- name: List the releases of the backend
  steady.ops.release_dir_release_info:
    path: /opt/sanvi/backend
    supervisor: {kind: systemd, unit: sanvi-backend.service}
  register: known

- name: List them in check mode, which is the same
  steady.ops.release_dir_release_info:
    path: /opt/sanvi/backend
    supervisor: {kind: systemd, unit: sanvi-backend.service}
  check_mode: true
"""

RETURN = r"""
releases:
  description:
    - The recorded releases, the one that served last first; none when the finding C(history) says unknown.
    - C(serving) is null, and C(artefact) unknown, where the platform gave no answer; the task then fails.
  returned: always
  type: list
  elements: dict
  sample: [{id: 9be07a1c2d3e, version: 1.8.0, verdict: verified, serving: true, artefact: present}]
lines:
  description: The same as lines for a person.
  returned: always
  type: list
  elements: str
findings:
  description: What is wrong with what serves, with the way back, or with the records; what is unfinished.
  returned: always
  type: list
  elements: dict
next:
  description: The one next command where nothing is recorded, as playbook and variables; empty otherwise.
  returned: always
  type: dict
  sample: {playbook: deploy, variables: {deploy_action: adopt}}
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._clock import SystemClock
from ..module_utils._command import SubprocessRunner
from ..module_utils._errors import OpsError
from ..module_utils._platform.release_dir.options import COMPONENT_OPTIONS, platform_from
from ..module_utils._release_info import HISTORY_OPTIONS, list_out

OPTIONS: dict[str, dict[str, Any]] = {
    **COMPONENT_OPTIONS,
    **HISTORY_OPTIONS,
}


def main() -> None:
    """Wire options and platform; report."""
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    options = module.params
    try:
        platform = platform_from(options, SystemClock(), SubprocessRunner())
        listing = list_out(platform, options, options["path"])
    except OpsError as error:
        module.fail_json(**error.as_result())
    module.exit_json(**listing)


if __name__ == "__main__":
    main()
