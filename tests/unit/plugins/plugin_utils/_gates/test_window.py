"""The gate window."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._gates import (
    window,
)
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import (
    Request,
)
from tests.unit.plugins.plugin_utils._gates.gate_world import LAB, LIVE, asks, text

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("request_", "names"),
    [
        (asks(), []),
        (asks(where=replace(LIVE, windows=[{"days": "sat"}])), []),
        (asks(where=replace(LIVE, windows=[{"days": "sat"}]), disruptive=True), ["ops_windows"]),
        (asks(where=replace(LIVE, windows="always"), disruptive=True), []),
        (asks(where=replace(LIVE, windows="nights"), extra_gates=frozenset({"window"})), ["ops_windows"]),
        (asks(where=replace(LIVE, freezes=["xmas"])), ["ops_freezes"]),
        (asks(where=replace(LAB, freezes=["xmas"])), []),
        (replace(asks(where=replace(LIVE, freezes=["xmas"])), runbook="rollback"), []),
        (
            replace(asks(where=replace(LIVE, freezes=["x"]), extra_gates=frozenset({"freeze"})), runbook="x"),
            ["ops_freezes"],
        ),
    ],
)
def test_window(request_: Request, names: list[str]) -> None:
    expected = [
        f"refuse: {name} is declared for toy/production and evaluating it is not available yet" for name in names
    ]
    assert text(window.judge(request_, NOW)) == (expected or ["pass"])


def test_a_reader_meets_no_window_and_no_approval() -> None:
    where = replace(LIVE, windows=["x"], freezes=["x"], approvers=["ann"])
    assert window.judge(asks("read", where), NOW) == []
