# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Output that nobody reads any more must not stop a run.

Ansible's results thread ends silently at the first line that it cannot write, after C(| grep -m1) or on a full disk,
and the run then waits for its results for ever.
"""

from __future__ import annotations

import os
import select
from collections.abc import Callable
from io import TextIOWrapper
from typing import Any, TextIO

_MARK = "_steady_ops_never_raises"


def never_raise(stream: TextIO, tell: TextIO | None = None) -> None:
    """Have a stream write each line at once and drop what it cannot write; one that is no file is left as it is.

    :param tell: where one sentence says so, the first time.
    """
    buffer: Any = getattr(stream, "buffer", None)
    # below Python's buffers, so that nothing of what failed is kept; unbuffered output has no layer below
    raw = getattr(buffer, "raw", buffer)
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):
        return
    if raw is None or hasattr(raw, _MARK):
        return
    raw.write = _dropping(raw.write, descriptor, tell)
    setattr(raw, _MARK, True)
    if isinstance(stream, TextIOWrapper):
        # into a pipe or a file Python would keep the lines back until a block is full, or until the run is killed
        stream.reconfigure(line_buffering=True)


def _dropping(write: Callable[[Any], int | None], descriptor: int, tell: TextIO | None) -> Callable[[Any], int]:
    untold = [tell] if tell else []

    def write_or_drop(data: Any) -> int:
        while True:
            try:
                written = write(data)
            except OSError as error:
                if untold:
                    _tell(untold.pop(), error)
                return memoryview(data).nbytes
            if written is not None:
                return written
            # another process that shares the terminal or pipe made it non-blocking
            select.select([], [descriptor], [])

    return write_or_drop


def _tell(stream: TextIO, error: OSError) -> None:
    sentence = f"The output cannot be written any more ({error.strerror}); the run goes on to its end without it.\n"
    try:
        os.write(stream.fileno(), sentence.encode())
    except (OSError, ValueError):
        return
