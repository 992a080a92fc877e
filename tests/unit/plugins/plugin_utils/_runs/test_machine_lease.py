"""A lease's deadline on another machine's clock: early by what is not known, never late."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._runs.machine_lease import Copy, read, translated
from tests.release_world import VirtualClock


class Away:
    """A controller's lease, a clock, and a machine whose own clock is 5000 seconds ahead."""

    def __init__(self, path: Path) -> None:
        self.path, self.clock = path / "lease.json", VirtualClock()
        self.write(self.clock.steady() + 50)
        self.copy = Copy(str(self.path), self.clock)

    def write(self, deadline: float, *, stop: bool = False) -> None:
        self.path.write_text(json.dumps({"deadline": deadline, "stop": stop}))

    def answer(self, *, on_the_way: float = 0.0) -> None:
        shown = self.clock.steady() + 5000
        self.clock.sleep(on_the_way)
        self.copy.answered({"clock": shown})


@pytest.fixture
def away(tmp_path: Path) -> Away:
    return Away(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "nonsense", "[]", "{}", '{"deadline": "x", "stop": false}', '{"deadline": NaN, "stop": false}']
)
def test_a_lease_that_cannot_be_read_is_over(tmp_path: Path, text: str) -> None:
    path = tmp_path / "lease"
    path.write_text(text)
    assert read(str(path)) == (0.0, True) == read(str(tmp_path / "none"))


def test_a_stop_is_passed_on() -> None:
    assert translated(9.0, True, 100.0) == {"deadline": 0.0, "stop": True}
    assert translated(9.0, False, 100.0) == {"deadline": 109.0, "stop": False}


@pytest.mark.parametrize("on_the_way", [0.0, 0.2, 8.0])
def test_the_machine_s_deadline_is_early_by_the_way_of_its_answer_and_never_late(away: Away, on_the_way: float) -> None:
    away.answer(on_the_way=on_the_way)
    deadline = read(str(away.path))[0]
    sent = float(str(away.copy.to_send()["deadline"]))
    assert sent == pytest.approx(deadline + 5000 - on_the_way)
    # however long the request lies on its way: the moment stays
    away.clock.sleep(30)
    assert float(str(away.copy.to_send()["deadline"])) == pytest.approx(sent)


def test_renewals_go_on_while_the_machine_answers(away: Away) -> None:
    away.answer()
    for _number in range(5):
        away.clock.sleep(10)
        away.write(away.clock.steady() + 50)
        away.copy.to_send()
        away.answer()
        assert away.copy.left == pytest.approx(50) and away.copy.silent_seconds == 0


def test_a_machine_that_does_not_answer_gets_no_more_than_it_may_have_read(away: Away) -> None:
    away.answer()
    away.copy.to_send()
    away.copy.unanswered()
    deadline = read(str(away.path))[0]
    for _number in range(6):
        away.clock.sleep(10)
        away.write(away.clock.steady() + 50)
        assert float(str(away.copy.to_send()["deadline"])) == pytest.approx(deadline + 5000)
        away.copy.unanswered()
    assert away.copy.left == 0 and away.copy.silent_seconds == pytest.approx(60)
    away.answer()
    away.copy.to_send()
    assert away.copy.left == pytest.approx(50)


def test_a_lease_that_was_lost_is_stopped_there(away: Away) -> None:
    away.answer()
    away.write(0, stop=True)
    assert away.copy.to_send() == {"deadline": 0.0, "stop": True} and away.copy.left == 0
    away.path.unlink()
    assert away.copy.to_send()["stop"] is True
