#!/usr/bin/python
# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: apprunner_release_info
short_description: List the recorded releases of a service on AWS App Runner
version_added: 0.1.0
description:
  - Lists what the ledger knows of a service's releases, what serves now, and whether each image is still in ECR.
  - Changes nothing.
author:
  - steady.ops contributors (@steady-ops)
options:
  service:
    description: Name or ARN of the service.
    type: str
    required: true
  image_repository:
    description: Private ECR repository of the images; taken from the service's present image where it is not given.
    type: str
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
  - steady.ops.aws
seealso:
  - module: steady.ops.apprunner_deploy
"""

EXAMPLES = r"""
- name: List the releases of the API
  steady.ops.apprunner_release_info:
    service: smartunderwrite-api
  register: known

- name: List them in check mode, which is the same
  steady.ops.apprunner_release_info:
    service: smartunderwrite-api
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

from ..module_utils._aws.driver import call, client
from ..module_utils._aws.options import AWS_OPTIONS, AwsConnection
from ..module_utils._clock import SystemClock
from ..module_utils._errors import OpsError
from ..module_utils._platform.apprunner.api import Api, connect
from ..module_utils._platform.apprunner.platform import AppRunner
from ..module_utils._release_info import HISTORY_OPTIONS, list_out

OPTIONS: dict[str, dict[str, Any]] = {
    **AWS_OPTIONS,
    "service": {"type": "str", "required": True},
    "image_repository": {"type": "str"},
    **HISTORY_OPTIONS,
}


def main() -> None:
    """Wire options and platform; report."""
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    options = module.params
    try:
        connection = AwsConnection.from_options(options)
        api: Api = connect(lambda service, mutating: client(connection, service, mutating=mutating), call)
        platform = AppRunner(
            api, SystemClock(), service=options["service"], repository=options["image_repository"] or ""
        )
        listing = list_out(platform, options, options["service"])
    except OpsError as error:
        module.fail_json(**error.as_result())
    module.exit_json(**listing)


if __name__ == "__main__":
    main()
