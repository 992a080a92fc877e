"""The line at the foot of a terminal."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._runs.lines import Progress, progress_line, silence_line
from ansible_collections.steady.ops.plugins.plugin_utils._runs.screen import (
    ERASE,
    Screen,
    cut,
    fitted,
    is_live,
    width,
)

API, WEB = "toy/lab/api", "toy/lab/web"


class Shown:
    """A screen of a given width; what was kept, and what stands at its foot."""

    def __init__(self, columns: int = 80) -> None:
        self.columns, self.time, self.foot = columns, 0.0, ""
        self.kept: list[str] = []
        self.screen = Screen(keep=self.keep, draw=self.draw, columns=lambda: self.columns, now=lambda: self.time)

    def keep(self, line: str) -> None:
        assert not self.foot, "a line that stays would be written behind the one at the foot"
        self.kept.append(line)

    def draw(self, text: str) -> None:
        assert text.startswith(ERASE)
        self.foot = text.removeprefix(ERASE)

    def say(self, line: str, object: str = API, **more: object) -> None:
        self.screen.show(progress_line(object, {"line": line, **more}))

    def line(self, text: str) -> None:
        self.screen.line(lambda: self.keep(text), text)


def test_a_step_stays_with_its_time_when_the_next_begins() -> None:
    shown = Shown()
    shown.say("switching to 2")
    assert shown.foot == "  api | switching to 2"
    shown.say("waiting: in progress, 0.1 s")
    assert shown.foot == "  api | switching to 2, waiting: in progress, 0.1 s" and not shown.kept
    shown.time = 5.5
    shown.say("probing 2")
    assert (shown.kept, shown.foot) == (["  api | switching to 2, 5.5 s"], "  api | probing 2")
    shown.time = 7.5
    shown.line("  api | done: 2 serves")
    assert shown.kept[1:] == ["  api | probing 2, 2.0 s", "  api | done: 2 serves"] and not shown.foot


def test_a_counter_goes_on_in_one_line_and_an_instant_has_no_time() -> None:
    shown = Shown()
    for number in range(1, 4):
        shown.say(f"copying table {number}", done=number, total=3)
    assert shown.foot == "  api | copying table 3 (3 of 3)"
    shown.screen.settle()
    assert (shown.kept, shown.foot) == (["  api | copying table 3 (3 of 3)"], "")


def test_other_lines_stand_above_and_components_have_steps_of_their_own() -> None:
    shown = Shown()
    shown.say("switching")
    shown.say("probing", WEB)
    shown.line("[WARNING]: something")
    assert (shown.kept, shown.foot) == (["[WARNING]: something"], "  web | probing")
    shown.time = 3
    shown.line("  api | done: 2 serves")
    assert shown.kept[1:] == ["  api | switching, 3.0 s", "  api | done: 2 serves"]
    assert shown.foot == "  web | probing"


def test_nothing_is_drawn_after_the_end() -> None:
    shown = Shown()
    shown.say("switching")
    shown.screen.close()
    assert (shown.kept, shown.foot) == (["  api | switching"], "")
    shown.say("probing")
    shown.screen.hint("Pass the gates")
    shown.line("the last line")
    assert (shown.kept[1:], shown.foot) == (["the last line"], "")


def test_a_hint_is_gone_when_anything_is_said() -> None:
    shown = Shown()
    shown.screen.hint("Ask over HTTP")
    assert shown.foot == "  Ask over HTTP"
    shown.line("  api ok")
    assert shown.foot == "  Ask over HTTP"
    shown.screen.settle()
    assert (shown.foot, shown.kept) == ("", ["  api ok"])
    shown.say("switching")
    shown.screen.hint("Deploy")
    assert shown.foot == "  api | switching"


def test_news_without_a_step() -> None:
    shown = Shown()
    shown.screen.show(silence_line(API, "toy_deploy", 12.0))
    assert shown.foot == "  api | nothing new for 12 s"
    shown.screen.settle(API)
    assert (shown.kept, shown.foot) == ([], "")


def test_what_stays_is_never_cut_and_a_terminal_may_become_narrow() -> None:
    shown = Shown(40)
    long = "going back: " + "x" * 100
    shown.say(long)
    assert width(shown.foot) == 39 and shown.foot.endswith("...")
    shown.columns = 10
    shown.say("waiting")
    assert not shown.foot or width(shown.foot) < 40
    shown.screen.settle()
    assert shown.kept == [f"  api | {long}"]


def test_nothing_moves_the_cursor() -> None:
    shown = Shown()
    shown.screen.show(Progress("", API, "one\r\ntwo\x1b[2J\u2028three"))
    assert shown.foot == "  api | one  two [2J three"


@pytest.mark.parametrize(
    ("head", "tail", "cells", "text"),
    [
        ("  api | switching", "waiting, 3 s", 40, "  api | switching, waiting, 3 s"),
        ("  api | switching to 2.0.0", "waiting, 3 s", 30, "  api | switc..., waiting, 3 s"),
        ("  api | switching to 2.0.0", "waiting for a long time", 24, "  api | ..., waiting ..."),
        ("  api | ", "waiting, 3 s", 40, "  api | waiting, 3 s"),
        ("  api | switching to 2.0.0", "", 20, "  api | switching..."),
    ],
)
def test_news_are_cut_last(head: str, tail: str, cells: int, text: str) -> None:
    assert fitted(head, tail, cells) == text and width(text) <= cells


@pytest.mark.parametrize(
    ("text", "cells"), [("abc", 3), ("\u4e2d\u6587", 4), ("e\u0301", 1), ("\u200d", 0), ("\uff21", 2)]
)
def test_width(text: str, cells: int) -> None:
    assert width(text) == cells


def test_a_wide_character_is_not_cut_in_two() -> None:
    assert cut("\u4e2d\u6587\u4e2d\u6587", 6) == "\u4e2d..." and cut("\u4e2d\u6587", 4) == "\u4e2d\u6587"


@pytest.mark.parametrize(
    ("environment", "terminal", "verbosity", "live"),
    [
        ({"TERM": "xterm-256color"}, True, 0, True),
        # it has no colours
        ({"TERM": "xterm", "NO_COLOR": "1"}, True, 0, True),
        ({"TERM": "xterm"}, False, 0, False),
        ({"TERM": "xterm"}, True, 1, False),
        ({"TERM": "dumb"}, True, 0, False),
        ({}, True, 0, False),
        ({"TERM": "xterm", "CI": "true"}, True, 0, False),
        ({"TERM": "xterm", "AWX_PRIVATE_DATA_DIR": "/x"}, True, 0, False),
        ({"TERM": "xterm", "AWX_ISOLATED_DATA_DIR": "/x"}, True, 0, False),
    ],
)
def test_where_a_line_is_updated(environment: dict[str, str], terminal: bool, verbosity: int, live: bool) -> None:
    assert is_live(environment, terminal=terminal, verbosity=verbosity) is live
