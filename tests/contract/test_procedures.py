"""The procedure map lists every row of the five runbooks, in words and with a capability."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
import yaml

from tools.procedures import claims_of
from tools.treehash import ROOT

ROWS = {
    "SU": ("smartunderwrite", 83),
    "AA": ("audit_app", 79),
    "AC": ("accu", 75),
    "SM": ("sanvi", 47),
    "AN": ("asset_anchor", 94),
}
CAPABILITIES = {f"C{number:02d}" for number in range(1, 37)}
KEYS = {"title", "system", "capability", "also", "runbook"}


def violations(rows: dict[str, dict[str, Any]]) -> list[str]:
    """What is wrong with the map, in sentences."""
    wanted = {f"{prefix}-{n:02d}" for prefix, (_rest, count) in ROWS.items() for n in range(1, count + 1)}
    found = [f"rows differ in {sorted(wanted ^ set(rows))}"] if wanted != set(rows) else []
    for row, entry in rows.items():
        if not isinstance(entry.get("title"), str) or not re.search(r"\w{2}", entry["title"]):
            found.append(f"{row} has no title")
        elif re.search(r"\(L\d|\\|\|", entry["title"]):
            found.append(f"{row} carries its source in its title")
        if entry.get("system") != ROWS.get(row.split("-")[0], ("",))[0]:
            found.append(f"{row} stands under system {entry.get('system')}")
        if not {entry.get("capability"), *entry.get("also", [])} <= CAPABILITIES:
            found.append(f"{row} has an unknown capability")
        if set(entry) - KEYS or not KEYS - {"also"} <= set(entry):
            found.append(f"{row} has the keys {sorted(entry)}")
    return found


@pytest.fixture(scope="module")
def rows() -> dict[str, dict[str, Any]]:
    return dict(yaml.safe_load((ROOT / "docs" / "procedures.yml").read_text()))


def test_the_map_is_complete(rows: dict[str, dict[str, Any]]) -> None:
    assert violations(rows) == []
    assert len(rows) == 378
    assert Counter(entry["system"] for entry in rows.values()) == dict(ROWS.values())


def test_every_capability_covers_a_row(rows: dict[str, dict[str, Any]]) -> None:
    assert {code for entry in rows.values() for code in (entry["capability"], *entry.get("also", []))} == CAPABILITIES


def test_the_map_says_what_the_contracts_claim(rows: dict[str, dict[str, Any]]) -> None:
    """`python -m tools.procedures --claim` writes it."""
    mapped = {row: entry["runbook"] for row, entry in rows.items() if entry["runbook"]}
    assert mapped == dict(claims_of(ROOT / "roles"))


@pytest.mark.parametrize(
    ("row", "change", "sentence"),
    [
        ("SU-10", None, "rows differ in ['SU-10']"),
        ("SU-10", {"title": ""}, "SU-10 has no title"),
        ("SU-10", {"title": None}, "SU-10 has no title"),
        ("SU-10", {"title": "Application rollback (L151-166)"}, "SU-10 carries its source in its title"),
        ("SU-10", {"system": "accu"}, "SU-10 stands under system accu"),
        ("SU-10", {"capability": "C37"}, "SU-10 has an unknown capability"),
        ("SU-10", {"colour": "blue"}, "SU-10 has the keys ['capability', 'colour', 'runbook', 'system', 'title']"),
    ],
)
def test_a_planted_violation_is_caught(
    rows: dict[str, dict[str, Any]], row: str, change: dict[str, Any] | None, sentence: str
) -> None:
    spoiled = {**rows, row: {**rows[row], **(change or {})}}
    if change is None:
        del spoiled[row]
    assert violations(spoiled) == [sentence]
