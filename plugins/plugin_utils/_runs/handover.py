# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker that is told to end first finishes what it hands over.

All workers of a run write lines and results into one queue with one lock. One that ends while it holds that lock
keeps the main process waiting for it for ever: Ctrl-C right at a line would hang.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Any

# far more than a write takes; a pipe that nobody empties must not keep a worker alive
PATIENCE_SECONDS = 2.0
_MARK = "_steady_ops_hands_over"


class Handover:
    """Knows whether this process is writing, and puts off its end until it is not."""

    def __init__(self, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._patience_seconds = patience_seconds
        self._lock = threading.RLock()
        self._writer = 0
        self._put_off: Callable[[], object] | None = None
        self._overdue = False

    def write(self, put: Callable[[], object]) -> None:
        """Write, then end if a signal asked for it meanwhile."""
        try:
            with self._lock:
                self._writer = threading.get_ident()
                try:
                    put()
                finally:
                    self._writer = 0
        finally:
            if self._put_off and threading.current_thread() is threading.main_thread():
                self._put_off()

    def end(self, end: Callable[[], object], signum: int) -> None:
        """End now, or after the write that this signal interrupted. Signal handlers run in the main thread."""
        if self._writer == threading.get_ident():
            if self._put_off is None:
                self._put_off = end
                self._remind(signum)
            if not self._overdue:
                return
        else:
            # another thread's write ends, and none begins any more
            self._lock.acquire(timeout=self._patience_seconds)
        end()

    def _remind(self, signum: int) -> None:
        main = threading.main_thread().ident

        def remind() -> None:
            self._overdue = True
            if main is not None:
                # interrupts a write that waits
                signal.pthread_kill(main, signum)

        timer = threading.Timer(self._patience_seconds, remind)
        timer.daemon = True
        timer.start()


def protect(queue: Any, worker: Any, handover: Handover | None = None) -> None:
    """Have workers finish what they hand over; once, and before they are forked.

    :param queue: Ansible's class of the queue, with C(put).
    :param worker: Ansible's class of workers, whose C(_term) handles signals; another Ansible is left as it is.
    """
    if hasattr(queue, _MARK) or not hasattr(worker, "_term"):
        return
    gate = handover or Handover()
    put, term = queue.put, worker._term

    def put_whole(self: Any, item: object) -> None:
        gate.write(lambda: put(self, item))

    def term_between(self: Any, signum: int, frame: object) -> None:
        gate.end(lambda: term(self, signum, frame), signum)

    queue.put = put_whole
    worker._term = term_between
    setattr(queue, _MARK, True)
