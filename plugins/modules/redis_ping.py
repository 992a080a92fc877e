#!/usr/bin/python
# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: redis_ping
short_description: Ask whether a Redis server answers
version_added: 0.1.0
description:
  - Connects, logs in where credentials are given, and sends C(PING) and C(ROLE); keys are neither read nor written.
  - A server that refuses because it is loading its data, out of memory for a script or in a broken state says so
    itself and is C(critical); one that does not answer is C(unknown).
options:
  timeout_seconds:
    description: Time-out for the connection, and again for each answer.
    type: float
    default: 5
  max_ms:
    description: Connection, login and answer that together take longer are C(critical).
    type: float
  expected_role:
    description: Whether the server must be the primary or a replica.
    type: str
    choices: [any, primary, replica]
    default: any
extends_documentation_fragment:
  - steady.ops.redis
  - steady.ops.findings
  - steady.ops.attributes
  - steady.ops.attributes.read_only
author:
  - steady.ops contributors (@steady-ops)
seealso:
  - module: steady.ops.pg_ping
"""

EXAMPLES = r"""
- name: Ask the cache
  steady.ops.redis_ping:
    login_host: cache.example.com
    login_password_file: /etc/steady/cache.password
    tls: true
    max_ms: 100

- name: Make sure that this is the primary
  steady.ops.redis_ping:
    login_host: cache.example.com
    expected_role: primary

- name: The same in check mode, because nothing is changed
  steady.ops.redis_ping:
    login_host: cache.example.com
  check_mode: true
"""

RETURN = r"""
server:
  description: What the server answered; null where it gave no answer.
  returned: when the question could be put
  type: dict
  contains:
    answer:
      description: The answer to PING.
      type: str
      sample: PONG
    role:
      description: C(primary), C(replica) or C(sentinel); null where this user may not ask.
      type: str
      sample: primary
    latency_ms:
      description: Connection, login and answer together.
      type: float
      sample: 1.1
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
      sample: redis_ok
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
      sample: Redis at cache.example.com port 6379 answered PONG in 1 ms
    remedy:
      description: What to do about it.
      type: str
      sample: ""
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._errors import OpsError
from ..module_utils._health.result import FAIL_ON_OPTION, result_of
from ..module_utils._redis.driver import session
from ..module_utils._redis.options import REDIS_OPTIONS, RedisConnection
from ..module_utils._redis.ping import Facts, ask, judge

OPTIONS = {
    **REDIS_OPTIONS,
    "timeout_seconds": {"type": "float", "default": 5},
    "max_ms": {"type": "float"},
    "expected_role": {"type": "str", "choices": ["any", "primary", "replica"], "default": "any"},
    "fail_on": FAIL_ON_OPTION,
}


def main() -> None:
    """Ask one server."""
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    given = module.params
    connection = RedisConnection.from_options(given)
    try:
        found = ask(lambda: session(connection, timeout_seconds=given["timeout_seconds"]))
        finding = judge(connection.place, found, role=given["expected_role"], max_ms=given["max_ms"])
    except OpsError as error:
        module.fail_json(**error.as_result())
    facts = found.as_dict() if isinstance(found, Facts) else None
    result = result_of([finding], given["fail_on"], {"server": facts})
    if result["failed"]:
        module.fail_json(**result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
