# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking an artefact from S3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...module_utils._errors import NotFound
from .driver import call, pieces


def read(client: Any, bucket: str, key: str) -> Iterator[bytes]:
    """Give the content of an object, piece by piece.

    :raises NotFound: bucket or key do not exist. :raises OpsError: it cannot be read to its end.
    """
    try:
        answer = call(client, "get_object", {"Bucket": bucket, "Key": key})
    except NotFound as error:
        raise NotFound(
            f"s3://{bucket}/{key} is not there: {error.sentence}", remedy="Correct deploy_release, or upload it."
        ) from None
    yield from pieces(answer["Body"], f"s3://{bucket}/{key}")
