# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The terminal of a run: Ansible's display with one line at its foot, and a plain display where there can be none."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from .lines import Progress
from .screen import Screen, is_live


class Terminal:
    """What prints for the console.

    :param screen: None where no line can be updated in place.
    """

    def __init__(self, screen: Screen | None = None) -> None:
        self._screen = screen
        self._process = os.getpid()
        self._leaving = False
        # results and lines of workers come in a thread of their own
        self._lock = threading.RLock()

    @classmethod
    def of(cls, display: Any) -> Terminal:
        """Return the terminal of Ansible's display, through which everything goes that is printed from now on."""
        stream = sys.stdout
        try:
            descriptor, terminal = stream.fileno(), stream.isatty()
        except (OSError, ValueError):
            return cls()
        if not is_live(os.environ, terminal=terminal, verbosity=display.verbosity):
            return cls()
        original = display.display
        encoding = stream.encoding or "utf-8"
        made = cls(
            Screen(
                keep=original,
                draw=lambda text: _write(descriptor, text.encode(encoding, "replace")),
                columns=lambda: _columns(descriptor),
                now=time.monotonic,
            )
        )
        display.display = made.through(original)
        return made

    def through(self, original: Callable[..., None]) -> Callable[..., None]:
        """Return a display that keeps the line at the foot."""

        def display(msg: str, *args: Any, **kwargs: Any) -> None:
            screen = self._screen
            # a worker hands its lines to the main process, and may have been forked while somebody held the lock
            if screen is None or os.getpid() != self._process:
                original(msg, *args, **kwargs)
                return
            with self._lock:
                if isinstance(msg, Progress):
                    original(str(msg), log_only=True)
                    screen.show(msg)
                else:
                    screen.line(lambda: original(msg, *args, **kwargs), str(msg))

        return display

    def settle(self, component: str = "") -> None:
        """Keep what the step of a component came to, or those of all, and clear the foot."""
        self._with(lambda screen: screen.settle(component))

    def leave_at_exit(self) -> None:
        """Be the first who hears that this process ends, by Ctrl-C or whatever else: others have last words."""
        if not self._leaving and self._screen is not None:
            self._leaving = True
            atexit.register(self.close)

    def hint(self, sentence: str) -> None:
        """Say at the foot what goes on."""
        self._with(lambda screen: screen.hint(sentence))

    def close(self) -> None:
        """Leave the terminal as it was found."""
        self._with(lambda screen: screen.close())

    def _with(self, act: Callable[[Screen], None]) -> None:
        if self._screen is not None and os.getpid() == self._process:
            with self._lock:
                act(self._screen)


def _columns(descriptor: int) -> int:
    try:
        return os.get_terminal_size(descriptor).columns
    except OSError:
        return 0


def _write(descriptor: int, data: bytes) -> None:
    # past Python's buffers: what a fork finds in them would be written twice; a lost terminal stops no run
    with contextlib.suppress(OSError):
        os.write(descriptor, data)
