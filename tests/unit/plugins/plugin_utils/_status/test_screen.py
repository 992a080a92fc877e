"""One screen for all systems."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._status.judging import judge
from ansible_collections.steady.ops.plugins.plugin_utils._status.screen import COLUMNS, LINES, age, screen
from ansible_collections.steady.ops.plugins.plugin_utils._status.system import System
from tests.unit.plugins.plugin_utils._status.status_world import API, BUSY, GONE, HOSTILE, NOW, TORN, WELL


def lines(*systems: System) -> list[str]:
    return screen([judge(system) for system in systems], NOW)


def test_a_well_system() -> None:
    assert lines(WELL) == [
        "OK       toy/production  1 component",
        "  api            1.8.0            2026-11-19 12:00Z    3 d  back: 1.7.9",
        "  unknown: backup age and RPO, last restore proof, certificate days",
        "2026-11-22T12:00:00Z: 1 system: 1 ok",
    ]


def test_what_cannot_be_read_is_a_line() -> None:
    assert lines(GONE)[:2] == ["UNKNOWN  file:///gone", "  unknown: there is no ledger"]
    assert lines(TORN)[:2] == [
        "UNKNOWN  torn/lab  components ?, leases ?, holds ?",
        "  unknown: holds: they are damaged",
    ]
    assert lines(replace(WELL, components=()))[0] == "OK       toy/production  nothing is recorded"


def test_five_systems_fit_and_the_worst_are_first() -> None:
    crowded = replace(BUSY, components=BUSY.components * 9)  # type: ignore[operator]
    shown = lines(WELL, TORN, crowded, GONE, replace(BUSY, path="b/x"))
    assert len(shown) <= LINES and max(map(len, shown)) <= COLUMNS
    assert shown[0].startswith("CRITICAL b/x") and any(
        "lines more: status_ledgers=file:///toy" in line for line in shown
    )
    assert shown[-1] == "2026-11-22T12:00:00Z: 5 systems: 2 critical, 2 unknown, 1 ok"


@pytest.mark.parametrize("count", [1, 5, 11, 12, 20, 35, 36, 100])
def test_any_number_of_systems_is_one_screen(count: int) -> None:
    shown = lines(*(replace(BUSY, path=f"s{number}/x") for number in range(count)))
    assert len(shown) <= LINES and max(map(len, shown)) <= COLUMNS
    named = sum(line.startswith("CRITICAL") for line in shown)
    more = [int(line.split()[2]) for line in shown if line.endswith("systems more")]
    assert named + sum(more) == count


def test_what_stands_in_a_ledger_moves_no_cursor_and_forges_no_line() -> None:
    shown = lines(HOSTILE, WELL)
    assert all(line.isprintable() and len(line) <= COLUMNS for line in shown)
    assert sum(line.startswith("OK") for line in shown) == 1


def test_what_has_the_shape_of_a_secret_is_masked() -> None:
    shown = lines(replace(WELL, holds=(replace(BUSY.holds[0], text="password=hunter2-canary"),)))  # type: ignore[index]
    assert any("hold on" in line for line in shown) and "canary" not in "".join(shown)


def test_wide_letters_are_counted_as_wide() -> None:
    (_head, row, *_rest) = lines(replace(WELL, components=(replace(API, name="字" * 90, release="字" * 90),)))
    assert len(row) + row.count("字") <= COLUMNS and row.endswith("...")


def test_a_release_without_a_time_is_told_so() -> None:
    assert "unknown since when" in lines(replace(WELL, components=(replace(API, since=None),)))[1]


@pytest.mark.parametrize(
    ("seconds", "text"), [(-5, "0 s"), (59, "59 s"), (60, "1 min"), (7199, "1 h"), (86400, "1 d"), (8640000, "100 d")]
)
def test_age(seconds: float, text: str) -> None:
    assert age(seconds) == text
