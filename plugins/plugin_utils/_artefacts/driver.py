# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading an object of S3 while it comes: the only file here that knows what botocore raises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...module_utils._aws.driver import call, client
from ...module_utils._errors import Unreachable
from ...module_utils._redact import redact_shapes

try:
    import botocore.exceptions
except ImportError:
    _BROKEN: tuple[type[Exception], ...] = (OSError,)
else:
    _BROKEN = (botocore.exceptions.BotoCoreError, botocore.exceptions.HTTPClientError, OSError)

CHUNK_BYTES = 1 << 20
__all__ = ["call", "client", "pieces"]


def pieces(body: Any, name: str) -> Iterator[bytes]:
    """Give what a streaming body holds, piece by piece.

    :raises Unreachable: the connection broke, or less came than was announced.
    """
    try:
        yield from body.iter_chunks(CHUNK_BYTES)
    except _BROKEN as error:
        raise Unreachable(
            f"{name} could not be read to its end: {redact_shapes(str(error))}", remedy="Run the same command again."
        ) from None
