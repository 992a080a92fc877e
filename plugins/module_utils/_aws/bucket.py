# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking a bucket whether it is there and whether these credentials may list it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .._errors import AccessDenied, NotFound, OpsError, Unreachable
from .._findings import Finding, Severity

# one call of the S3 client by its method's name, as the driver makes it
Call = Callable[[str, Mapping[str, object]], dict[str, Any]]


@dataclass(frozen=True)
class BucketFacts:
    """What the bucket answered.

    :param empty: whether the listing held nothing; None where a key was asked for instead.
    """

    region: str | None
    empty: bool | None
    latency_ms: float

    def as_dict(self, name: str) -> dict[str, object]:
        """Return what a result shows under C(bucket)."""
        return {"name": name, "region": self.region, "empty": self.empty, "latency_ms": round(self.latency_ms, 1)}


def ask(call: Call, bucket: str, *, key: str | None, owner: str | None) -> BucketFacts | OpsError:
    """Ask for the bucket, then list one object of it, or read the head of one key.

    :param owner: the account that must own the bucket; another one is a refusal by S3 itself.
    :returns: the error where it says something about the bucket.
    """
    started = time.monotonic()
    whose = {"ExpectedBucketOwner": owner} if owner else {}
    try:
        head = call("head_bucket", {"Bucket": bucket, **whose})
        empty: bool | None = None
        if key:
            call("head_object", {"Bucket": bucket, "Key": key, **whose})
        else:
            listed = call("list_objects_v2", {"Bucket": bucket, "MaxKeys": 1, **whose})
            empty = not listed.get("KeyCount", 0)
    except (Unreachable, AccessDenied, NotFound) as error:
        return error
    region = head.get("BucketRegion")
    return BucketFacts(None if region is None else str(region), empty, (time.monotonic() - started) * 1000)


def judge(bucket: str, found: BucketFacts | OpsError, *, key: str | None, max_ms: float | None) -> Finding:
    """Turn the answer into one finding. Pure."""
    if isinstance(found, NotFound):
        what = f"The bucket {bucket} or its key {key}" if key else f"The bucket {bucket}"
        remedy = "Create it, or correct the name."
        return Finding("s3_not_found", Severity.CRITICAL, f"{what} does not exist", remedy=remedy)
    if isinstance(found, AccessDenied):
        message = f"The bucket {bucket} is closed to these credentials: {found.sentence.rstrip('.')}"
        return Finding("s3_denied", Severity.UNKNOWN, message, remedy=found.remedy)
    if isinstance(found, OpsError):
        message = f"The bucket {bucket} gave no answer: {found.sentence.rstrip('.')}"
        return Finding("s3_unreachable", Severity.UNKNOWN, message, remedy=found.remedy)
    latency = round(found.latency_ms, 1)
    if max_ms is not None and found.latency_ms > max_ms:
        message = f"The bucket {bucket} answered in {found.latency_ms:.0f} ms, above {max_ms:g} ms"
        return Finding("s3_latency", Severity.CRITICAL, message, latency, max_ms, "ms")
    did = f"showed {key}" if key else "was listed"
    message = f"bucket {bucket} {did} in {found.latency_ms:.0f} ms"
    return Finding("s3_ok", Severity.OK, message, latency, max_ms, "ms")
