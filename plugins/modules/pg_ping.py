#!/usr/bin/python
# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: pg_ping
short_description: Ask whether a PostgreSQL database answers a query
version_added: 0.1.0
description:
  - Connects, logs in, runs C(SELECT 1) in a read-only transaction, and says which database, version and role answered.
  - Unlike C(pg_isready) it needs a login and a query to succeed, so a server that takes connections but lets nobody
    in is not called well.
  - The password never stands on a command line.
options:
  timeout_seconds:
    description: Time-out for the connection, and again for each query.
    type: float
    default: 5
  max_ms:
    description: Connection, login and query that together take longer are C(critical).
    type: float
  expected_role:
    description: Whether the server must be the primary or a standby.
    type: str
    choices: [any, primary, standby]
    default: any
  system_identifier:
    description: The cluster's own number, as C(pg_control_system()) states it; another one is C(critical).
    type: str
extends_documentation_fragment:
  - steady.ops.postgres
  - steady.ops.findings
  - steady.ops.attributes
  - steady.ops.attributes.read_only
author:
  - steady.ops contributors (@steady-ops)
seealso:
  - module: steady.ops.redis_ping
"""

EXAMPLES = r"""
- name: Ask the database
  steady.ops.pg_ping:
    login_host: database.example.com
    login_user: monitor
    login_password_file: /etc/steady/monitor.password
    login_db: smartunderwrite
    max_ms: 500

- name: Make sure that this is the primary of the cluster that is meant
  steady.ops.pg_ping:
    login_db: smartunderwrite
    expected_role: primary
    system_identifier: "7301234567890123456"

- name: The same in check mode, because nothing is changed
  steady.ops.pg_ping:
    login_db: smartunderwrite
  check_mode: true
"""

RETURN = r"""
database:
  description: What the database said about itself; null where it said nothing.
  returned: when the question could be put
  type: dict
  contains:
    name:
      description: Database.
      type: str
      sample: smartunderwrite
    user:
      description: Role that is logged in.
      type: str
      sample: monitor
    server_version:
      description: Version of the server.
      type: str
      sample: "15.18"
    role:
      description: C(primary) or C(standby).
      type: str
      sample: primary
    uptime_seconds:
      description: Seconds since the server started.
      type: int
      sample: 86400
    system_identifier:
      description: The cluster's own number; null where the server keeps it to itself.
      type: str
      sample: "7301234567890123456"
    latency_ms:
      description: Connection, login and query together.
      type: float
      sample: 8.4
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
      sample: postgres_ok
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
      sample: database sales at db.example.com port 5432 answered SELECT 1 in 8 ms, PostgreSQL 15.18, primary
    remedy:
      description: What to do about it.
      type: str
      sample: ""
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._errors import OpsError
from ..module_utils._health.result import FAIL_ON_OPTION, result_of
from ..module_utils._postgres.driver import session
from ..module_utils._postgres.options import POSTGRES_OPTIONS, PostgresConnection
from ..module_utils._postgres.ping import Facts, Wanted, ask, judge

OPTIONS = {
    **POSTGRES_OPTIONS,
    "timeout_seconds": {"type": "float", "default": 5},
    "max_ms": {"type": "float"},
    "expected_role": {"type": "str", "choices": ["any", "primary", "standby"], "default": "any"},
    "system_identifier": {"type": "str"},
    "fail_on": FAIL_ON_OPTION,
}


def main() -> None:
    """Ask one database."""
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    given = module.params
    connection = PostgresConnection.from_options(given)
    wanted = Wanted(given["expected_role"], given["system_identifier"] or None, given["max_ms"])
    try:
        found = ask(lambda: session(connection, timeout_seconds=given["timeout_seconds"]))
        findings = judge(connection.place, found, wanted)
    except OpsError as error:
        module.fail_json(**error.as_result())
    facts = found.as_dict() if isinstance(found, Facts) else None
    result = result_of(findings, given["fail_on"], {"database": facts})
    if result["failed"]:
        module.fail_json(**result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
