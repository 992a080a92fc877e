"""How long somebody is waited for, and what is tried twice."""

from __future__ import annotations

import time

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._told import patience
from ansible_collections.steady.ops.plugins.plugin_utils._told.patience import Failed, twice


def test_nobody_is_waited_for_longer_than_promised() -> None:
    assert (patience.CONNECT_SECONDS, patience.ALL_SECONDS) == (5, 10)
    assert patience.left_of(time.monotonic() - 5) == 0.1


@pytest.mark.parametrize(
    ("failures", "seconds", "attempts", "came"),
    [
        ([], 10, 1, "there"),
        ([Failed("dark", again=True)], 10, 2, "there"),
        ([Failed("dark", again=True), Failed("darker", again=True)], 10, 2, "darker"),
        ([Failed("no")], 10, 1, "no"),
        ([Failed("dark", again=True)], 0, 1, "dark"),
    ],
)
def test_a_second_attempt_where_it_may_help(
    failures: list[Failed], seconds: float, attempts: int, came: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    made = []

    def attempt() -> str:
        made.append(1)
        if failures:
            raise failures.pop(0)
        return "there"

    assert (twice(attempt, time.monotonic() + seconds), len(made)) == (came, attempts)
