"""What a target says when it could not do its work: NOT RUN, with the reason, and an exit code that is not "passed"."""

from __future__ import annotations

import sys
from collections.abc import Callable

NOT_RUN = 77  # as test drivers know it from Automake: neither passed nor failed


class NotRun(Exception):
    """The machine lacks what the work needs; the text says what, and the remedy."""


def outcome(target: str, work: Callable[[], int]) -> int:
    """Return the exit code of ``work``; when it raises NotRun, print why and return NOT_RUN."""
    try:
        return work()
    except NotRun as reason:
        print(f"make {target}: NOT RUN: {reason}", file=sys.stderr, flush=True)
        return NOT_RUN
