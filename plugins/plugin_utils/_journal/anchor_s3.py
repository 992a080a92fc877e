# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The anchor C(s3): one object for each end of a run, locked against deletion for as long as the inventory says.

Number and hash of each head are in the object's name, so one listing tells all of them; listed are versions, because
a delete marker hides an object that is locked from everything else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ...module_utils._clock import format_time, parse_time
from ...module_utils._errors import InvalidInput, RequestRefused
from .._ledger.chain import Head
from .heads import Heads

RETENTION_DAYS = 400
_PAGE = 1000
_MODES = ("COMPLIANCE", "GOVERNANCE")
_CONNECTION = ("region", "profile", "endpoint_url", "ca_bundle")
_NAME = re.compile(r"(?P<chain>[a-z]+)/(?P<sequence>\d{12})-(?P<hash>[0-9a-f]{64})\Z")


def write(options: Mapping[str, object], heads: Heads) -> None:
    """Put one object for each chain, unless it is there already.

    :raises OpsError: the bucket did not take one.
    """
    days, mode = _retention(options)
    until = parse_time(heads.at) + timedelta(days=days)
    client = _client(options, mutating=True)
    from ...module_utils._aws.driver import call

    for chain, head in heads.chains.items():
        wanted: dict[str, object] = {
            "Bucket": str(options["bucket"]),
            "Key": f"{_prefix(options, heads.ledger)}{chain}/{head.sequence:012d}-{head.hash.removeprefix('sha256:')}",
            "Body": heads.as_line(),
            "ContentType": "application/json",
            "IfNoneMatch": "*",
            # asked for by buckets with object lock
            "ChecksumAlgorithm": "SHA256",
            **({"ObjectLockMode": mode, "ObjectLockRetainUntilDate": until} if days else {}),
        }
        try:
            call(client, "put_object", wanted)
        except RequestRefused as error:
            if error.details.get("status") != 412:
                raise


def read(options: Mapping[str, object], ledger_id: str) -> list[tuple[str, Heads]]:
    """Return the heads of a ledger with their places; of versions, so that nothing locked can be hidden.

    :raises OpsError: the bucket cannot be listed.
    """
    client, prefix = _client(options), _prefix(options, ledger_id)
    from ...module_utils._aws.driver import call

    kept, page = [], {"Bucket": str(options["bucket"]), "Prefix": prefix, "MaxKeys": _PAGE}
    while True:
        answer = call(client, "list_object_versions", page)
        for version in answer.get("Versions", ()):
            found = _NAME.fullmatch(str(version["Key"]).removeprefix(prefix))
            if found:
                head = Head(int(found["sequence"]), f"sha256:{found['hash']}")
                at = format_time(version["LastModified"])
                kept.append((f" {version['Key']}", Heads(ledger_id, at, {found["chain"]: head})))
        if not answer.get("IsTruncated"):
            return kept
        page = {**page, "KeyMarker": answer["NextKeyMarker"], "VersionIdMarker": answer["NextVersionIdMarker"]}


def _client(options: Mapping[str, object], *, mutating: bool = False) -> Any:
    # boto3 costs every run half a second otherwise
    from ...module_utils._aws.driver import client
    from ...module_utils._aws.options import AwsConnection

    connection = AwsConnection.from_options({name: options.get(name) for name in _CONNECTION})
    return client(connection, "s3", mutating=mutating, brief=True)


def _prefix(options: Mapping[str, object], ledger_id: str) -> str:
    base = str(options.get("prefix") or "").strip("/")
    return f"{base}/{ledger_id}/" if base else f"{ledger_id}/"


def _retention(options: Mapping[str, object]) -> tuple[int, str]:
    """Return for how many days an object is locked, 0 for not at all, and in which mode."""
    said, mode = options.get("retention_days", RETENTION_DAYS), str(options.get("retention_mode") or _MODES[0]).upper()
    try:
        days = int(str(said))
    except ValueError:
        days = -1
    if not 0 <= days <= 36500:
        raise InvalidInput(f"retention_days is {said!r}", remedy="Write a number of days, 0 for a bucket without lock")
    if mode not in _MODES:
        raise InvalidInput(f"retention_mode is {mode!r}", remedy=f"Use one of {', '.join(_MODES)}")
    return days, mode
