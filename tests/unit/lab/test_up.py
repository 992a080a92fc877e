"""What `lab up` says of the parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import lifecycle
from lab.parts import Lab, Part
from lab.parts.apprunner import AppRunner, AppRunnerService
from lab.place import Place


class Server(Part):
    """A part that answers at once and is started by nobody."""

    def __init__(self, name: str) -> None:
        self.name = name

    def address(self, lab: Lab) -> str:
        return "127.0.0.1:1"


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lines of an `up` of one server and of the service behind the App Runner fake, which does not answer."""
    lines: list[str] = []
    service = AppRunnerService(AppRunner())
    monkeypatch.setattr(service, "address", lambda _lab: "http://127.0.0.1:2")
    states = {"redis": lifecycle.UP, service.name: lifecycle.DEAD}

    def note(lab: Lab, part: Part) -> None:
        lab.facts[part.name] = {"state": states[part.name]}

    monkeypatch.setattr(lifecycle, "choose", lambda _names: [Server("redis"), service])
    monkeypatch.setattr(lifecycle, "_needs_start", lambda _lab, _part: False)
    monkeypatch.setattr(lifecycle, "_fill_once", lambda _lab, _part: None)
    monkeypatch.setattr(lifecycle, "_note", note)
    monkeypatch.setattr(lifecycle, "seed_releases", lambda _lab: None)
    lab = Lab(place=Place(tmp_path), scale=20, say=lines.append, rows=100, rows_asked=False, facts={})
    lifecycle.up(lab, None)
    states[service.name] = lifecycle.UP
    lifecycle.up(lab, None)
    return lines


def test_a_service_that_its_platform_starts_is_not_counted(told: list[str]) -> None:
    assert told[3:5] == [
        "  redis: up already at 127.0.0.1:1",
        "  app_smartunderwrite_api: runs behind apprunner at http://127.0.0.1:2",
    ]
    assert told[5].startswith("The lab is up (0 of 1 parts started, ")


def test_a_part_that_does_not_answer_is_named_at_the_end(told: list[str]) -> None:
    assert told[1] == "  app_smartunderwrite_api: does not answer at http://127.0.0.1:2"
    assert told[2].startswith("The lab is up but for app_smartunderwrite_api (0 of 1 parts started, ")
