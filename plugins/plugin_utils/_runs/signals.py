# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is told to end says and records how it ended: C(kill PID), a closed terminal, a service that stops.

Ansible itself unwinds after Ctrl-C only, and dies at once of the others.
"""

from __future__ import annotations

import contextlib
import os
import signal
from typing import Any

_HEARD = (signal.SIGTERM, signal.SIGHUP)
# its workers are told first, then it dies
_ANSIBLES = "_signal_handler"


def end_in_order(process: int) -> None:
    """Have this process unwind as after Ctrl-C when it is told to end. What somebody else handles or ignores stays so.

    :param process: its id: a worker that was forked meanwhile dies as it would have.
    """

    def end(signum: int, frame: Any) -> None:
        # the second one ends it at once
        signal.signal(signum, signal.SIG_DFL)
        if os.getpid() != process:
            os.kill(os.getpid(), signum)
            return
        interrupt = signal.getsignal(signal.SIGINT)
        if callable(interrupt):
            with contextlib.suppress(KeyboardInterrupt):
                interrupt(signal.SIGINT, frame)
        raise SystemExit(128 + signum)

    for signum in _HEARD:
        found = signal.getsignal(signum)
        if found is signal.SIG_DFL or getattr(found, "__name__", "") == _ANSIBLES:
            signal.signal(signum, end)
