"""Following a module."""

from __future__ import annotations

import json
from pathlib import Path

from ansible_collections.steady.ops.plugins.plugin_utils._runs.progress import Tail, follow


def test_progress_is_followed_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "progress"
    tail = Tail(path)
    assert tail.read() == []
    path.write_text('{"line": "one"}\n{"line": "tw')
    assert [event["line"] for event in tail.read()] == ["one"]
    with path.open("a") as more:
        more.write('o"}\nnonsense\n[]\n')
    assert [event["line"] for event in tail.read()] == ["two"]


def test_what_an_earlier_turn_reported_is_not_said_again(tmp_path: Path) -> None:
    path = tmp_path / "progress"
    path.write_text('{"line": "earlier"}\n')
    tail = Tail(path)
    with path.open("a") as more:
        more.write('{"line": "now"}\n')
    assert [event["line"] for event in tail.read()] == ["now"]


class Ticks:
    """Each look takes four seconds."""

    def __init__(self) -> None:
        self.time = 0.0

    def steady(self) -> float:
        return self.time


def test_silence_is_broken_every_ten_seconds(tmp_path: Path) -> None:
    clock, said = Ticks(), []
    path = tmp_path / "progress"

    def finished(_seconds: float) -> bool:
        clock.time += 4
        if clock.time == 28:
            path.write_text(json.dumps({"line": "half way", "fraction": 0.5}) + "\n")
        return clock.time >= 40

    follow(
        object="toy/lab/api", module="steady.ops.toy", tail=Tail(path), finished=finished, say=said.append, clock=clock
    )  # type: ignore[arg-type]
    assert said == [
        "  api | toy is at work, nothing new for 12 s",
        "  api | toy is at work, nothing new for 24 s",
        "  api | half way (50%)",
    ]


def test_what_is_no_line_is_skipped_and_nothing_is_read_twice(tmp_path: Path) -> None:
    path = tmp_path / "progress"
    tail = Tail(path)
    path.write_bytes(b'\xff\n{"line": "one"}\n\n"text"\n{"line": "\xc3')
    assert [event["line"] for event in tail.read()] == ["one"] and tail.read() == []
    with path.open("ab") as more:
        more.write(b'\xa4"}\n')
    assert [event["line"] for event in tail.read()] == ["\u00e4"], "a torn character waits for its rest"
    path.unlink()
    assert tail.read() == []


def test_a_module_that_reports_nowhere_shows_signs_of_life() -> None:
    clock, said = Ticks(), []

    def finished(seconds: float) -> bool:
        clock.time += 5
        return clock.time >= 25

    follow(object="toy/lab/api", module="toy", tail=None, finished=finished, say=said.append, clock=clock)  # type: ignore[arg-type]
    assert said == ["  api | toy is at work, nothing new for 10 s", "  api | toy is at work, nothing new for 20 s"]


def test_ten_seconds_are_not_waited_out() -> None:
    clock, said = Ticks(), []

    def finished(seconds: float) -> bool:
        clock.time += 4.75
        return clock.time > 10

    follow(object="toy/lab/api", module="toy", tail=None, finished=finished, say=said.append, clock=clock)  # type: ignore[arg-type]
    assert said == ["  api | toy is at work, nothing new for 9.5 s"]


def test_what_was_reported_at_the_very_end_is_still_said(tmp_path: Path) -> None:
    path, said = tmp_path / "progress", []

    def finished(_seconds: float) -> bool:
        path.write_text('{"line": "last"}\n')
        return True

    follow(object="toy/lab/api", module="toy", tail=Tail(path), finished=finished, say=said.append, clock=Ticks())  # type: ignore[arg-type]
    assert said == ["  api | last"]
