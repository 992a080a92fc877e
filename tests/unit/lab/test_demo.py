"""What the demo hides of a run: Ansible's banners, and nothing else; and what it sees from outside."""

from __future__ import annotations

import pytest

from lab.demo import unit
from lab.demo.watching import BANNERS


@pytest.mark.parametrize(
    "line",
    [
        "PLAY [Deploy a release] *******************",
        "TASK [steady.ops.deploy : Deploy to api] ****",
        "PLAY RECAP *********************************",
        "ok: [api]",
        "changed: [api]",
        "included: steady.ops.deploy for api",
        "api                        : ok=5    changed=1    unreachable=0",
        "",
    ],
)
def test_banners_are_left_out(line: str) -> None:
    assert BANNERS.fullmatch(line)


@pytest.mark.parametrize(
    "line",
    [
        "  api | plan: Serve 2.0.0 instead of 1.0.0",
        "failed: [api] api went back to 2.0.0",
        "fatal: [api]: UNREACHABLE!",
        "[WARNING]: Could not match supplied host pattern",
        "--- before: demo/lab/api",
        "+serving: 2.0.0",
        "ERROR! the playbook could not be found",
        "demo/lab | deploy: deploy | run 01M7Z0 | ok after 12 s | LAB: no real system was touched",
    ],
)
def test_everything_else_is_shown(line: str) -> None:
    assert not BANNERS.fullmatch(line)


def test_what_a_component_answers_in_turn_is_written_down(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["1.7.0", "1.7.0", "", "1.8.0", "", "1.7.0", "1.7.0"])
    monkeypatch.setattr(unit, "_version", lambda _url: next(answers))
    # only what is noted at the end, and by hand
    monkeypatch.setattr(unit, "PAUSE_SECONDS", 1000.0)
    seen = unit.Unit({"api": "http://nowhere"})
    with seen.watched():
        for _turn in range(6):
            seen.note()
    assert seen.answered == {"api": ["1.7.0", "1.8.0", "1.7.0"]}, "restarts are no answer, and no answer twice in a row"
