"""Ansible's display with a line at its foot; a real terminal is in tests/integration/test_console.py."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._runs import terminal as module
from ansible_collections.steady.ops.plugins.plugin_utils._runs.lines import Progress, progress_line
from ansible_collections.steady.ops.plugins.plugin_utils._runs.screen import Screen
from ansible_collections.steady.ops.plugins.plugin_utils._runs.terminal import Terminal

SWITCHING = progress_line("toy/lab/api", {"line": "switching"})


class Display:
    """What was displayed, and what was drawn past it."""

    def __init__(self, drawn: bool = True) -> None:
        self.said: list[tuple[str, dict[str, Any]]] = []
        self.drawn: list[str] = []
        screen = Screen(keep=self.display, draw=self.drawn.append, columns=lambda: 80, now=lambda: 0.0)
        self.terminal = Terminal(screen if drawn else None)
        self.through: Callable[..., None] = self.terminal.through(self.display)

    def display(self, msg: str, *args: Any, **kwargs: Any) -> None:
        self.said.append((msg, kwargs))


def test_progress_is_drawn_and_logged_and_other_lines_are_displayed() -> None:
    seen = Display()
    seen.through(SWITCHING)
    assert seen.said == [("  api | switching", {"log_only": True})]
    assert not isinstance(seen.said[0][0], Progress), "its log takes plain text"
    assert seen.drawn[-1].endswith("  api | switching")
    seen.through("[WARNING]: x", color="red")
    assert seen.said[1:] == [("[WARNING]: x", {"color": "red"})]
    seen.terminal.settle("api")
    assert seen.said[2:] == [("  api | switching", {})]


def test_without_a_screen_and_in_a_worker_every_line_is_displayed(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Display(drawn=False)
    plain.through(SWITCHING)
    plain.terminal.hint("x")
    plain.terminal.settle()
    assert plain.said == [(SWITCHING, {})] and not plain.drawn
    worker = Display()
    # a worker may have been forked while somebody held the lock
    held = threading.Thread(target=worker.terminal._lock.acquire)
    held.start()
    held.join()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    worker.through(SWITCHING)
    worker.terminal.close()
    assert worker.said == [(SWITCHING, {})] and not worker.drawn


def test_the_end_of_the_process_is_heard_once(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Callable[[], None]] = []
    monkeypatch.setattr(module, "atexit", SimpleNamespace(register=heard.append))
    seen = Display()
    seen.terminal.leave_at_exit()
    seen.terminal.leave_at_exit()
    assert len(heard) == 1
    seen.through(SWITCHING)
    heard[0]()
    seen.through(progress_line("toy/lab/api", {"line": "probing"}))
    assert [msg for msg, more in seen.said if not more] == ["  api | switching"]


def test_what_is_no_terminal_keeps_its_display(monkeypatch: pytest.MonkeyPatch) -> None:
    display = SimpleNamespace(verbosity=0, display=print)
    no_file = SimpleNamespace(fileno=lambda: (one for one in ()).throw(OSError()), isatty=lambda: True)
    no_terminal = SimpleNamespace(fileno=lambda: 1, isatty=lambda: False)
    for stream in (no_file, no_terminal):
        monkeypatch.setattr(module, "sys", SimpleNamespace(stdout=stream))
        Terminal.of(display)
    assert display.display is print


def test_a_lost_terminal_stops_nothing() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    module._write(writing, b"x")
    assert module._columns(writing) == 0
    os.close(writing)
