# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking an artefact from a directory of the controller."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from ...module_utils._errors import InvalidInput, NotFound

CHUNK_BYTES = 1 << 20


def read(path: str) -> Iterator[bytes]:
    """Give the content of an archive, piece by piece.

    :raises NotFound: it is not there. :raises InvalidInput: it cannot be read, or is no file.
    """
    try:
        # not to be held up by a pipe of that name
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        raise NotFound(f"The archive {path} is not there", remedy="Correct deploy_release, or put it there.") from None
    except (OSError, ValueError) as error:
        raise InvalidInput(f"The archive {path!r} cannot be read: {error}", remedy="Make it readable.") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise InvalidInput(f"The archive {path} is no file", remedy="Correct component_options.artefact.archive.")
    with os.fdopen(descriptor, "rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            yield chunk
