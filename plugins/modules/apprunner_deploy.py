#!/usr/bin/python
# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: apprunner_deploy
short_description: Deploy, adopt and roll back a service on AWS App Runner
version_added: 0.1.0
description:
  - Pins an App Runner service to an image by digest, waits for the operation, compares what the platform is configured
    for, and probes what really answers. Only the wanted release, live and probed, is success.
  - When it does not pass, what served before returns through the same steps; the result is then failed with
    RV(rolled_back) true. An operation that App Runner reverted by itself is a failure.
  - A mutating call is never repeated when its answer is lost; the list of operations tells whether it was carried out.
  - Automatic deployments are switched off while an image is pinned, because a push would undo a rollback.
  - A run that was killed is finished or put back by the next.
author:
  - steady.ops contributors (@steady-ops)
options:
  service:
    description: Name or ARN of the service.
    type: str
    required: true
  image_repository:
    description:
      - Private ECR repository of the images, C(<account>.dkr.ecr.<region>.amazonaws.com/<name>).
      - Taken from the service's present image where it is not given.
    type: str
  create:
    description: Whether to create the service when there is none. Needs O(deploy_without_way_back).
    type: bool
    default: false
  access_role_arn:
    description: Role with which App Runner reads a private repository.
    type: str
  cpu:
    description: CPU of an instance, such as V(1024) or V(1 vCPU); both notations compare equal.
    type: str
  memory:
    description: Memory of an instance, such as V(2048) or V(2 GB); both notations compare equal.
    type: str
  instance_role_arn:
    description: Role of the application itself.
    type: str
  port:
    description: Port on which the application listens.
    type: str
  start_command:
    description: Command that starts the application instead of the image's own.
    type: str
  auto_scaling_configuration_arn:
    description: Auto scaling configuration of the service.
    type: str
  environment:
    description: Environment variables. Those named are set, or removed when their value is null; others are left alone.
    type: dict
  environment_secrets:
    description: Variables that App Runner fills from secrets or parameters, by ARN; likewise.
    type: dict
  health_check:
    description: App Runner's own health check; what is not named is left alone.
    type: dict
    suboptions:
      protocol:
        description: Protocol of the check.
        type: str
        choices: [HTTP, TCP]
      path:
        description: Path of an HTTP check.
        type: str
      interval_seconds:
        description: Pause between two checks, 1 to 20.
        type: int
      timeout_seconds:
        description: Time for one check, 1 to 20.
        type: int
      healthy_threshold:
        description: Good checks in a row that make an instance healthy, 1 to 20.
        type: int
      unhealthy_threshold:
        description: Bad checks in a row that make it unhealthy, 1 to 20.
        type: int
extends_documentation_fragment:
  - steady.ops.attributes
  - steady.ops.attributes.full
  - steady.ops.aws
  - steady.ops.permit
  - steady.ops.release
seealso:
  - module: steady.ops.guard
  - module: steady.ops.http_health
"""

EXAMPLES = r"""
- name: Serve release 1.8.0 and prove it
  steady.ops.apprunner_deploy:
    service: smartunderwrite-api
    release: 1.8.0
    probe:
      url: https://api.example.com/api/health/healthz
      json: {status: Healthy}
      version: {json: version, equals: release}
    permit: "{{ ops_run.permit }}"

- name: Return to the release that served before
  steady.ops.apprunner_deploy:
    state: rolled_back
    service: smartunderwrite-api
    probe: "{{ component_probe }}"
    permit: "{{ ops_run.permit }}"

- name: Record what already serves
  steady.ops.apprunner_deploy:
    state: adopted
    service: smartunderwrite-api
    probe: "{{ component_probe }}"
    permit: "{{ ops_run.permit }}"

- name: Show what a deployment would do
  steady.ops.apprunner_deploy:
    service: smartunderwrite-api
    release: sha256:5f2b0e4c1d7a9e8f3c6b5a4d2e1f0c9b8a7d6e5f4c3b2a1908f7e6d5c4b3a291
    probe: "{{ component_probe }}"
  check_mode: true
"""

RETURN = r"""
release:
  description: The release that was wanted, or the target of a rollback.
  returned: always, unless an option was refused
  type: dict
  sample: {id: 9be07a1c2d3e, ref: "smartunderwrite-api:1.8.0", digest: "sha256:9be07a1c2d3e...", version: 1.8.0}
previous:
  description: The release that served when the run began.
  returned: always, unless an option was refused
  type: dict
serving:
  description: The release that serves now, as far as it is known; null when it is not.
  returned: always, unless an option was refused
  type: dict
rolled_back:
  description: Whether what served before serves again and passed its probe. Always together with failed.
  returned: always
  type: bool
explanation:
  description: The platform's and the application's own last words, bounded and redacted.
  returned: always, unless an option was refused
  type: list
  elements: str
operations:
  description: The operations of the platform that this run began or waited for.
  returned: always, unless an option was refused
  type: list
  elements: dict
probe:
  description: The last probe; what passed, over how many samples, how fast, which version.
  returned: always, unless an option was refused
  type: dict
duration_seconds:
  description: How long the module took.
  returned: always, unless an option was refused
  type: float
plan:
  description: The steps, each with what became of it.
  returned: always, unless an option was refused
  type: list
  elements: dict
plan_hash:
  description: The hash of the intent. An approved plan whose hash differs is refused before its first step.
  returned: always, unless an option was refused
  type: str
diff:
  description: What served and stood before, and what serves and stands when the plan has succeeded.
  returned: always, unless an option was refused
  type: dict
findings:
  description: What was noticed on the way.
  returned: always, unless an option was refused
  type: list
  elements: dict
entries:
  description: Records for the ledger. Consumed by the front end.
  returned: always, unless an option was refused
  type: list
  elements: dict
intent:
  description: The record that the ledger must hold before the real run begins. Consumed by the front end.
  returned: in check mode
  type: dict
intent_open:
  description: Whether a switch that was announced is still unsettled.
  returned: always
  type: bool
again:
  description: The run settled what another left open; the same call must be planned anew. Consumed by the front end.
  returned: always, unless an option was refused
  type: bool
refused:
  description: Why a real run would refuse to begin.
  returned: always, unless an option was refused
  type: str
next:
  description: The one next command, as playbook and variables.
  returned: always, unless an option was refused
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._aws.driver import call, client
from ..module_utils._aws.options import AWS_OPTIONS, AwsConnection
from ..module_utils._clock import Clock
from ..module_utils._deploy import RELEASE_OPTIONS, carry_out, refusal
from ..module_utils._errors import OpsError
from ..module_utils._platform.apprunner.api import connect
from ..module_utils._platform.apprunner.platform import AppRunner
from ..module_utils._platform.apprunner.settings import Settings
from ..module_utils._redact import MASK

OPTIONS: dict[str, dict[str, Any]] = {
    **AWS_OPTIONS,
    **RELEASE_OPTIONS,
    "service": {"type": "str", "required": True},
    "image_repository": {"type": "str"},
    "create": {"type": "bool", "default": False},
    "access_role_arn": {"type": "str"},
    "cpu": {"type": "str"},
    "memory": {"type": "str"},
    "instance_role_arn": {"type": "str"},
    "port": {"type": "str"},
    "start_command": {"type": "str", "no_log": True},
    "auto_scaling_configuration_arn": {"type": "str"},
    "environment": {"type": "dict", "no_log": True},
    "environment_secrets": {"type": "dict", "no_log": True},
    "health_check": {
        "type": "dict",
        "options": {
            "protocol": {"type": "str", "choices": ["HTTP", "TCP"]},
            "path": {"type": "str"},
            "interval_seconds": {"type": "int"},
            "timeout_seconds": {"type": "int"},
            "healthy_threshold": {"type": "int"},
            "unhealthy_threshold": {"type": "int"},
        },
    },
}


SENSITIVE = ("start_command", "environment", "environment_secrets")


def keep_result_whole(module: AnsibleModule) -> dict[str, Any]:
    """Let Ansible mask credentials alone wherever they occur in the result; return the options' echo, masked.

    A variable's value such as C(1) or C(1.8.0) would be cut out of the digests and versions that the ledger must keep.
    The engine puts none of these values into a result, and the platform masks them in log lines: only the echo is left.
    """
    options = module.params
    secrets = [options[name] for name in ("access_key", "secret_key", "session_token")]
    module.no_log_values = {str(value) for value in (*secrets, options["probe"].get("bearer_token")) if value}
    return {"module_args": {**options, **{name: MASK for name in SENSITIVE if options[name]}}}


def settings_from(options: dict[str, Any]) -> Settings:
    """Read the settings of the service, an empty string as not given."""
    names = ("cpu", "memory", "instance_role_arn", "access_role_arn", "port", "auto_scaling_configuration_arn")
    return Settings(
        **{name: options[name] or None for name in names},
        start_command=options["start_command"] or None,
        health_check=options["health_check"] or {},
        environment=_as_text(options["environment"]),
        secrets=_as_text(options["environment_secrets"]),
    )


def _as_text(variables: dict[str, Any] | None) -> dict[str, str | None]:
    return {str(name): None if value is None else str(value) for name, value in (variables or {}).items()}


def main() -> None:
    """Wire options, platform and engine; report."""
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    options = module.params
    invocation = keep_result_whole(module)

    def make_platform(clock: Clock, before_call: Callable[[], None]) -> AppRunner:
        connection = AwsConnection.from_options(options)
        return AppRunner(
            connect(lambda service, mutating: client(connection, service, mutating=mutating), call),
            clock,
            service=options["service"],
            repository=options["image_repository"] or "",
            asked=settings,
            create=options["create"],
            settle_seconds=options["settle_seconds"],
            poll_seconds=options["poll_seconds"],
            before_call=before_call,
        )

    try:
        settings = settings_from(options)
        result = carry_out(
            options,
            check=module.check_mode,
            component=options["service"],
            desired={"service": options["service"], "settings": settings.desired()},
            make_platform=make_platform,
        )
    except OpsError as error:
        module.fail_json(**refusal(error, options["history"]), invocation=invocation)
    if result["failed"]:
        module.fail_json(**result, invocation=invocation)
    module.exit_json(**result, invocation=invocation)


if __name__ == "__main__":
    main()
