"""The table of faults is what it says: enough rows, no two alike, each judged by somebody who stands outside."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

from tests.faults import case, observer, table

HERE = Path(__file__).parent


def test_there_are_at_least_forty_cases() -> None:
    assert len(table.CASES) >= 40


def test_no_two_cases_agree_in_fault_and_injection_point() -> None:
    pairs = Counter((row.fault, row.point) for row in table.CASES)
    assert [pair for pair, count in pairs.items() if count > 1] == []


def test_no_two_cases_have_one_name() -> None:
    assert len(table.BY_ID) == len(table.CASES)


def test_the_observer_shares_no_code_with_the_collection() -> None:
    for module in (observer, case, *(HERE / "rows").glob("*.py")):
        page = Path(module.__file__ or "") if not isinstance(module, Path) else module
        for node in ast.walk(ast.parse(page.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.startswith(("ansible", "tests.faults.driver"))], page.name


def test_every_kind_of_ending_is_in_the_table() -> None:
    assert {row.expect.outcome for row in table.CASES} == {
        case.OK,
        case.UNCHANGED,
        case.UNDONE,
        case.RED,
        case.REFUSED,
    }
