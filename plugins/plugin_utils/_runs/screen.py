# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One line at the foot of a terminal that says what goes on; what is done stays above it, with how long it took. Pure.

Whatever stays is printed whole, however wide: only the line that will be gone anyway is cut.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ...module_utils._clock import format_duration
from .lines import Progress, about

ERASE = "\r\x1b[K"
_NARROWEST = 20
_WORTH_SAYING = 0.1
_CUT = "..."
_NUMBERS = re.compile(r"[0-9]+(\.[0-9]+)?")
# a terminal, but not one that a person looks at, or none that can go back in a line
_ELSEWHERE = ("CI", "AWX_ISOLATED_DATA_DIR", "AWX_PRIVATE_DATA_DIR", "ORIGINAL_STDOUT_CALLBACK")


def is_live(environment: Mapping[str, str], *, terminal: bool, verbosity: int) -> bool:
    """Tell whether a line may be updated in place. Colours are not asked for: this line has none."""
    dumb = environment.get("TERM", "") in ("", "dumb")
    return terminal and not verbosity and not dumb and not any(environment.get(name) for name in _ELSEWHERE)


@dataclass
class _Step:
    sentence: str
    since: float


class Screen:
    """What a terminal shows of the steps under way, one for each component.

    :param keep: prints a line that stays.
    :param draw: writes to the terminal as it is, without a newline.
    :param columns: how wide the terminal is now.
    :param now: seconds on a clock that never goes back.
    """

    def __init__(
        self,
        *,
        keep: Callable[[str], None],
        draw: Callable[[str], None],
        columns: Callable[[], int],
        now: Callable[[], float],
    ) -> None:
        self._keep, self._draw, self._columns, self._now = keep, draw, columns, now
        self._steps: dict[str, _Step] = {}
        self._foot: tuple[str, str] | None = None
        self._drawn = self._closed = False

    def show(self, progress: Progress) -> None:
        """Show what an object's module reports: news of its step, or its next step."""
        name = progress.object.rpartition("/")[2]
        step = self._steps.get(name)
        news = progress.passing or (step is not None and _alike(step.sentence, progress.sentence))
        if self._closed or (step is not None and not news):
            self.settle(name)
        if self._closed:
            return
        if not news:
            self._steps[name] = _Step(progress.sentence, self._now())
        elif step is not None and not progress.passing:
            step.sentence = progress.sentence
        step = self._steps.get(name)
        head = step.sentence if step else ""
        self._foot = (about(name, head), progress.sentence if progress.passing else "")
        self._redraw()

    def hint(self, sentence: str) -> None:
        """Show what goes on where nothing reports: it is gone when anything else is."""
        if not self._closed and not self._steps:
            self._foot = (f"  {sentence}", "")
            self._redraw()

    def line(self, print_it: Callable[[], None], text: str) -> None:
        """Print a line that stays; one about an object ends the step that it was at."""
        for name in list(self._steps):
            if text.startswith(about(name, "")):
                self.settle(name)
        self._erase()
        print_it()
        self._redraw()

    def settle(self, name: str = "") -> None:
        """Keep the step of a component, or of all, with the time it took."""
        for each in [name] if name else list(self._steps):
            step = self._steps.pop(each, None)
            if step is not None:
                seconds = self._now() - step.since
                took = f", {format_duration(seconds)}" if seconds >= _WORTH_SAYING else ""
                self._erase()
                self._keep(about(each, step.sentence + took))
        if not self._steps:
            self._erase()
            self._foot = None

    def close(self) -> None:
        """Leave nothing that would be overwritten, and draw no more."""
        self.settle()
        self._closed = True

    def _erase(self) -> None:
        if self._drawn:
            self._draw(ERASE)
            self._drawn = False

    def _redraw(self) -> None:
        columns = self._columns()
        if self._foot is None or columns < _NARROWEST:
            return
        head, tail = (_printable(part) for part in self._foot)
        # the last column stays empty: some terminals go to the next line there
        self._draw(ERASE + fitted(head, tail, columns - 1))
        self._drawn = True


def fitted(head: str, tail: str, cells: int) -> str:
    """Return both parts in so many cells; what is said first gives way to the news."""
    joint = ", " if tail and not head.endswith("| ") else ""
    whole = head + joint + tail
    if width(whole) <= cells:
        return whole
    least = width(head.partition("| ")[0]) + len("| ...")
    room = max(least, cells - width(joint + tail)) if tail else cells
    return cut(cut(head, room) + joint + tail, cells)


def cut(text: str, cells: int) -> str:
    """Return the text, its end replaced where it is wider than so many cells."""
    if width(text) <= cells:
        return text
    kept = sum(end <= cells - len(_CUT) for end in itertools.accumulate(map(_cells, text)))
    return text[:kept] + _CUT


def width(text: str) -> int:
    """Return how many cells of a terminal a text takes."""
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _printable(text: str) -> str:
    """Return a text in which nothing moves the cursor."""
    return "".join(" " if unicodedata.category(each) in ("Cc", "Zl", "Zp") else each for each in text)


def _alike(one: str, other: str) -> bool:
    """Tell whether two sentences differ in their numbers alone: a counter that went on."""
    return _NUMBERS.sub("0", one) == _NUMBERS.sub("0", other)
