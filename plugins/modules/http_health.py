#!/usr/bin/python
# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: http_health
short_description: Prove that a URL answers what it should, or that a smoke test passes
version_added: 0.1.0
description:
  - Judges status, JSON body, text, headers, stated version and latency, over several samples in a row.
  - An answer that breaks the contract is C(critical). No answer is C(unknown), which fails like C(critical) does;
    the finding tells a name that does not resolve, a refused connection, time-outs, TLS, a cut and an oversized
    body apart.
  - Proxies are ignored and redirects are not followed unless asked, so that what is judged is what was named.
  - A probe may name a command instead of a URL, or beside it. It runs where the module runs, in check mode too, and
    must change nothing. An exit code other than 0 is C(critical); no verdict (no such program, no end in time, a
    signal, a variable that is not there) is C(unknown).
options:
  probe:
    description: What to ask, what is right, and how often; the same dictionary as C(component_probe).
    type: dict
    required: true
    suboptions: &probe
      url:
        description: URL that is asked. Required without O(probe.command).
        type: str
      status: &status
        description: Status that is right, or a list of them; V(200) where it is not given.
        type: raw
      json: &json
        description:
          - Dotted path into the JSON body, and the exact value there, such as C(checks.database=Healthy).
          - Compared with its type; a number steps into a list. A body that names a key twice is refused.
        type: dict
      contains: &contains
        description: Text that must stand in the body.
        type: str
      headers: &headers
        description: Headers of the answer and their exact values, such as C(Server=backend).
        type: dict
      version: &version
        description: Where the body states the version that is served. Once in a probe.
        type: dict
        suboptions:
          json:
            description: Dotted path of the version.
            type: str
            required: true
          equals:
            description: V(release) for O(version), or the version that is right; V(release) where it is not given.
            type: str
      max_ms: &max_ms
        description: An answer that takes longer is C(critical).
        type: float
      also:
        description: Further URLs, each with what it must answer; a sample is good when all of them are.
        type: list
        elements: dict
        suboptions:
          url:
            description: URL, or a path such as V(/ready) on the server of the first one.
            type: str
            required: true
          status: *status
          json: *json
          contains: *contains
          headers: *headers
          version: *version
          max_ms: *max_ms
      command:
        description:
          - List of the program and its arguments, run without a shell once in each sample, when all URLs were good.
          - It finds C(STEADY_COMPONENT), C(STEADY_RELEASE) and C(STEADY_VERSION) in its environment, empty where they
            are not known.
        type: raw
      environment:
        description: Names of further variables that O(probe.command) gets. Secrets belong here, never into it.
        type: list
        elements: str
      consecutive:
        description: So many good samples in a row; V(3) where it is not given.
        type: int
      interval_seconds:
        description: Time between two samples; V(1) where it is not given.
        type: float
      timeout_seconds:
        description:
          - For one request in all, from the name to the last byte; V(5) where it is not given.
          - For one run of O(probe.command) too, which is then ended with all that it started; V(60) where there is one.
        type: float
      deadline_seconds:
        description: With O(wait=true), the row of good samples must be there by then; V(60) where it is not given.
        type: float
      stability_seconds:
        description: With O(wait=true), every sample of so many further seconds must be good; V(0) if not given.
        type: float
      follow_redirects:
        description: Whether to follow redirects, at most five, never to another scheme; V(false) if not given.
        type: bool
      bearer_token:
        description: Secret that is sent as a header to the server of O(probe.url) only, and never shown.
        type: str
      validate_certs:
        description: Whether the server's certificate must be valid; V(true) where it is not given.
        type: bool
      ca_cert:
        description: File with the certificates of the authorities that are trusted.
        type: path
  readiness:
    description:
      - A second probe with a finding of its own, such as the readiness beside the liveness.
      - Rules of sampling, the token and the certificates are those of O(probe) where it does not give its own.
    type: dict
    suboptions: *probe
  version:
    description: The version that C(equals=release) means; without it the version is only observed.
    type: str
  component:
    description: The component's name, for commands.
    type: str
  wait:
    description:
      - Whether to wait for the good samples until O(probe.deadline_seconds) and then watch O(probe.stability_seconds).
      - Without it the first bad sample is the verdict.
    type: bool
    default: false
extends_documentation_fragment:
  - steady.ops.findings
  - steady.ops.attributes
  - steady.ops.attributes.read_only
author:
  - steady.ops contributors (@steady-ops)
seealso:
  - module: steady.ops.tcp_health
"""

EXAMPLES = r"""
- name: Ask whether the API is alive, and what it says of its dependencies
  steady.ops.http_health:
    probe:
      url: https://api.example.com/api/health/healthz
      json: {status: Healthy}
      max_ms: 2000
    readiness:
      url: https://api.example.com/api/health/readyz
      json: {status: Ready, checks.database: Healthy, checks.storage: Healthy}

- name: Wait until version 1.8.0 is served, and watch it for a minute
  steady.ops.http_health:
    probe:
      url: https://api.example.com/health
      version: {json: version, equals: release}
      deadline_seconds: 300
      stability_seconds: 60
    version: 1.8.0
    wait: true

- name: Make sure that the right frontend answers, not whatever else listens there
  steady.ops.http_health:
    probe:
      url: https://www.example.com/
      contains: <title>Example</title>
      also:
        - url: /assets/app.js

- name: Run the smoke test once more
  steady.ops.http_health:
    probe:
      command: [/usr/local/bin/smoke-test, --quick]
      environment: [SMOKE_TOKEN]
      timeout_seconds: 120
      consecutive: 1

- name: The same in check mode, because nothing is changed
  steady.ops.http_health:
    probe:
      url: https://api.example.com/health
  check_mode: true
"""

RETURN = r"""
probe:
  description: What the samples said.
  returned: when the question could be put
  type: dict
  contains: &samples
    passed:
      description: Whether all that was wanted was there.
      type: bool
      sample: true
    samples:
      description: Number of samples taken.
      type: int
      sample: 3
    latency_ms:
      description: Median over the samples that were answered, of their slowest URL; null where none was.
      type: float
      sample: 12.4
    latency_max_ms:
      description: The slowest of them.
      type: float
      sample: 15.9
    version:
      description: The version that the last answer stated; null where it stated none.
      type: str
      sample: 1.8.0
    seconds:
      description: How long the probe took.
      type: float
      sample: 2.1
readiness:
  description: The same of O(readiness).
  returned: when O(readiness) is given
  type: dict
  contains: *samples
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
      sample: http_ok
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
      sample: https://api.example.com/health answered 200 in 12 ms, version 1.8.0
    remedy:
      description: What to do about it.
      type: str
      sample: ""
"""

import os
from collections.abc import Mapping
from functools import partial
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._clock import SystemClock
from ..module_utils._command import SubprocessRunner
from ..module_utils._errors import OpsError
from ..module_utils._health.result import FAIL_ON_OPTION, result_of
from ..module_utils._http.driver import fetch
from ..module_utils._http.probe import Probe, ProbeResult, look, prove
from ..module_utils._own_command import run

EXPECTATION = {
    "url": {"type": "str"},
    "status": {"type": "raw"},
    "json": {"type": "dict"},
    "contains": {"type": "str"},
    "headers": {"type": "dict"},
    "version": {
        "type": "dict",
        "options": {"json": {"type": "str", "required": True}, "equals": {"type": "str"}},
    },
    "max_ms": {"type": "float"},
}
SAMPLING = {
    "consecutive": {"type": "int"},
    "interval_seconds": {"type": "float"},
    "timeout_seconds": {"type": "float"},
    "deadline_seconds": {"type": "float"},
    "stability_seconds": {"type": "float"},
    "follow_redirects": {"type": "bool"},
    "bearer_token": {"type": "str", "no_log": True},
    "validate_certs": {"type": "bool"},
    "ca_cert": {"type": "path"},
}
ALSO = {**EXPECTATION, "url": {"type": "str", "required": True}}
PROBE = {
    **EXPECTATION,
    "also": {"type": "list", "elements": "dict", "options": ALSO},
    "command": {"type": "raw"},
    "environment": {"type": "list", "elements": "str"},
    **SAMPLING,
}
OPTIONS = {
    "probe": {"type": "dict", "required": True, "options": PROBE},
    "readiness": {"type": "dict", "options": PROBE},
    "version": {"type": "str"},
    "component": {"type": "str"},
    "wait": {"type": "bool", "default": False},
    "fail_on": FAIL_ON_OPTION,
}


def second(readiness: Mapping[str, object], probe: Mapping[str, object]) -> dict[str, object]:
    """Return the second probe with the first one's rules where it has none of its own."""
    return {key: probe.get(key) if key in SAMPLING and value is None else value for key, value in readiness.items()}


def answer(given: Mapping[str, Any]) -> dict[str, object]:
    """Take the samples of one or two probes and return the result.

    :param given: the options, all there and of their types.
    :raises OpsError: a question cannot be put.
    """
    take = prove if given["wait"] else look
    version = given["version"] or None
    told = {"STEADY_COMPONENT": given["component"] or "", "STEADY_RELEASE": "", "STEADY_VERSION": version or ""}
    command = partial(run, told=told, runner=SubprocessRunner(), environ=os.environ)
    probes = {"probe": Probe.from_option(given["probe"])}
    if given["readiness"]:
        probes["readiness"] = Probe.from_option(second(given["readiness"], given["probe"]), "readiness")
    results: dict[str, ProbeResult] = {
        name: take(probe, version=version, fetch=fetch, run=command, clock=SystemClock())
        for name, probe in probes.items()
    }
    findings = [result.finding for result in results.values()]
    return result_of(findings, given["fail_on"], {name: found.as_dict() for name, found in results.items()})


def main() -> None:
    """Answer as a module."""
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    try:
        result = answer(module.params)
    except OpsError as error:
        module.fail_json(**error.as_result())
    if result["failed"]:
        module.fail_json(**result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
