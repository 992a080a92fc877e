#!/usr/bin/python
# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: tcp_health
short_description: Ask whether a port takes connections
version_added: 0.1.0
description:
  - Connects and closes again; nothing is sent.
  - A name that does not resolve, a refused connection and a time-out are told apart, and each is C(unknown),
    which fails like C(critical) does.
  - An open port says that something listens, not that it works. Prefer M(steady.ops.http_health),
    M(steady.ops.pg_ping), M(steady.ops.redis_ping) or M(steady.ops.s3_ping) where one of them speaks the protocol.
options:
  host:
    description: Host name or address to connect to.
    type: str
    required: true
  port:
    description: Port to connect to.
    type: int
    required: true
  timeout_seconds:
    description: Time-out for name and connection together.
    type: float
    default: 5
  max_ms:
    description: A connection that takes longer is C(critical).
    type: float
extends_documentation_fragment:
  - steady.ops.findings
  - steady.ops.attributes
  - steady.ops.attributes.read_only
author:
  - steady.ops contributors (@steady-ops)
seealso:
  - module: steady.ops.http_health
"""

EXAMPLES = r"""
- name: Ask whether the gateway takes connections
  steady.ops.tcp_health:
    host: gateway.example.com
    port: 443
    max_ms: 500

- name: Look at two ports, red only at the end
  steady.ops.tcp_health:
    host: "{{ component_options.host }}"
    port: "{{ item }}"
    fail_on: never
  loop: [80, 443]
  register: ports

- name: The same in check mode, because nothing is changed
  steady.ops.tcp_health:
    host: gateway.example.com
    port: 443
  check_mode: true
"""

RETURN = r"""
latency_ms:
  description: Milliseconds until the connection stood; null where there is none.
  returned: when the question could be put
  type: float
  sample: 1.2
severity:
  description: The highest severity of the findings.
  returned: always
  type: str
  sample: ok
findings:
  description: One verdict each.
  returned: when the question could be put
  type: list
  elements: dict
  contains:
    id:
      description: What the verdict is about.
      type: str
      sample: tcp_ok
    severity:
      description: One of C(ok), C(warning), C(unknown), C(critical).
      type: str
      sample: ok
    value:
      description: What was measured.
      type: raw
      sample: 12.3
    threshold:
      description: What it was compared with.
      type: raw
      sample: 2000
    unit:
      description: Unit of value and threshold.
      type: str
      sample: ms
    message:
      description: The verdict as a sentence.
      type: str
      sample: gateway.example.com port 443 took a connection in 1 ms
    remedy:
      description: What to do about it.
      type: str
      sample: ""
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._errors import OpsError
from ..module_utils._health.result import FAIL_ON_OPTION, result_of
from ..module_utils._http.port import ask, judge

OPTIONS = {
    "host": {"type": "str", "required": True},
    "port": {"type": "int", "required": True},
    "timeout_seconds": {"type": "float", "default": 5},
    "max_ms": {"type": "float"},
    "fail_on": FAIL_ON_OPTION,
}


def main() -> None:
    """Ask one port."""
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    given = module.params
    try:
        found = ask(given["host"], given["port"], timeout_seconds=given["timeout_seconds"])
        finding = judge(given["host"], given["port"], found, max_ms=given["max_ms"])
    except OpsError as error:
        module.fail_json(**error.as_result())
    latency_ms = round(found, 1) if isinstance(found, float) else None
    result = result_of([finding], given["fail_on"], {"latency_ms": latency_ms})
    if result["failed"]:
        module.fail_json(**result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
