"""A terminal for tests: a real pty, and a model of what a person sees on it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_PART = re.compile(r"\x1b\[([0-9;]*)([A-Za-z])|\x1b|([\r\n])|([^\x1b\r\n]+)")


class Picture:
    """What a terminal of a given width shows: it wraps, erases to the end of a line, and knows colours by sight."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.rows: list[str] = [""]
        self.column = 0
        self.coloured = False

    def feed(self, text: str) -> None:
        """Show what is written."""
        for numbers, letter, move, plain in _PART.findall(text):
            if letter == "K":
                self.rows[-1] = self.rows[-1][: self.column]
            elif letter == "m":
                self.coloured |= numbers not in ("", "0")
            elif letter:
                raise AssertionError(f"unknown sequence {numbers}{letter}")
            elif move == "\r":
                self.column = 0
            elif move == "\n":
                self._newline()
            else:
                for character in plain:
                    self._put(character)

    def _put(self, character: str) -> None:
        if self.column == self.columns:
            self._newline()
        row = self.rows[-1].ljust(self.column)
        self.rows[-1] = row[: self.column] + character + row[self.column + 1 :]
        self.column += 1

    def _newline(self) -> None:
        self.rows.append("")
        self.column = 0


class Terminal:
    """A program on a terminal of its own.

    :ivar feet: what stood in the last row whenever something was written, each once, in order.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], *, columns: int = 100, cwd: Path | None = None
    ) -> None:
        self.picture = Picture(columns)
        self.stream = ""
        self.feet: list[str] = []
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            try:
                os.chdir(cwd or Path.cwd())
                os.execve(command[0], list(command), dict(environment))
            finally:
                os._exit(127)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))

    def until(self, seen: Callable[[], object], seconds: float = 60) -> None:
        """Read until something is seen."""
        limit = time.monotonic() + seconds
        while not seen():
            assert time.monotonic() < limit and self._read(), f"not seen:\n{self}"

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._master, keys.encode())

    def end(self, seconds: float = 90) -> int:
        """Read to the end and return the exit code."""
        limit = time.monotonic() + seconds
        while self._read():
            if time.monotonic() > limit:
                os.kill(self.pid, signal.SIGKILL)
                raise AssertionError(f"it does not end:\n{self}")
        _pid, status = os.waitpid(self.pid, 0)
        os.close(self._master)
        return os.waitstatus_to_exitcode(status)

    def _read(self) -> bool:
        ready, *_others = select.select([self._master], [], [], 1)
        try:
            data = os.read(self._master, 1 << 16).decode(errors="replace") if ready else ""
        except OSError:
            return False
        if ready and not data:
            return False
        self.stream += data
        # a line is drawn whole between two returns of the cursor
        for part in re.split(r"(?=\r)", data):
            self.picture.feed(part)
            if not self.feet or self.feet[-1] != self.picture.rows[-1]:
                self.feet.append(self.picture.rows[-1])
        return True

    @property
    def text(self) -> str:
        """All that it shows, without the ends of its rows."""
        return "".join(self.picture.rows)

    def __str__(self) -> str:
        return "\n".join(self.picture.rows)
