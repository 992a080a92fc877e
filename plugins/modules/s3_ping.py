#!/usr/bin/python
# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: s3_ping
short_description: Ask whether an S3 bucket is there and can be listed
version_added: 0.1.0
description:
  - Asks for the bucket itself, then lists one object of it, or asks for the head of O(key); nothing is read or written.
  - A bucket that does not exist is C(critical); one that these credentials may not see, or that gives no answer,
    is C(unknown).
  - Each call is sent once, the answer now is the verdict.
options:
  bucket:
    description: Name of the bucket.
    type: str
    required: true
  key:
    description: An object that must exist; the bucket is not listed then.
    type: str
  expected_owner:
    description: Account that must own the bucket; S3 refuses when another one does.
    type: str
  max_ms:
    description: Answers that together take longer are C(critical).
    type: float
extends_documentation_fragment:
  - steady.ops.aws
  - steady.ops.findings
  - steady.ops.attributes
  - steady.ops.attributes.read_only
author:
  - steady.ops contributors (@steady-ops)
seealso:
  - module: steady.ops.http_health
"""

EXAMPLES = r"""
- name: Ask the bucket of the documents
  steady.ops.s3_ping:
    bucket: smartunderwrite-documents
    region: us-east-1
    expected_owner: "123456789012"

- name: Ask for one object instead, where the credentials may not list
  steady.ops.s3_ping:
    bucket: smartunderwrite-documents
    key: health/marker.txt
    max_ms: 1000

- name: The same in check mode, because nothing is changed
  steady.ops.s3_ping:
    bucket: smartunderwrite-documents
  check_mode: true
"""

RETURN = r"""
bucket:
  description: What the bucket answered; null where it gave no answer.
  returned: when the question could be put
  type: dict
  contains:
    name:
      description: Name of the bucket.
      type: str
      sample: smartunderwrite-documents
    region:
      description: Region that the bucket states; null where it states none.
      type: str
      sample: us-east-1
    empty:
      description: Whether the listing held nothing; null where O(key) was asked for.
      type: bool
      sample: false
    latency_ms:
      description: All calls together.
      type: float
      sample: 35.2
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
      sample: s3_ok
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
      sample: bucket smartunderwrite-documents was listed in 35 ms
    remedy:
      description: What to do about it.
      type: str
      sample: ""
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._aws.bucket import BucketFacts, ask, judge
from ..module_utils._aws.driver import call, client
from ..module_utils._aws.options import AWS_OPTIONS, AwsConnection
from ..module_utils._errors import OpsError
from ..module_utils._health.result import FAIL_ON_OPTION, result_of

OPTIONS = {
    **AWS_OPTIONS,
    "bucket": {"type": "str", "required": True},
    "key": {"type": "str", "no_log": False},
    "expected_owner": {"type": "str"},
    "max_ms": {"type": "float"},
    "fail_on": FAIL_ON_OPTION,
}


def main() -> None:
    """Ask one bucket."""
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    given = module.params
    bucket, key, owner = given["bucket"], given["key"] or None, given["expected_owner"] or None
    try:
        # as for a change the call is sent once: retries would hide that the first answer was none
        s3 = client(AwsConnection.from_options(given), "s3", mutating=True)
        found = ask(lambda operation, parameters: call(s3, operation, parameters), bucket, key=key, owner=owner)
        finding = judge(bucket, found, key=key, max_ms=given["max_ms"])
    except OpsError as error:
        module.fail_json(**error.as_result())
    facts = found.as_dict(bucket) if isinstance(found, BucketFacts) else None
    result = result_of([finding], given["fail_on"], {"bucket": facts})
    if result["failed"]:
        module.fail_json(**result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
