"""Days on which a window takes place."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._calendar.days import read_days


def matching(days: object, year: int = 2026, month: int = 11) -> list[int]:
    rules = read_days(days, "key")
    month_days = [date(year, month, 1) + timedelta(days=number) for number in range(31)]
    return [day.day for day in month_days if day.month == month and any(rule.matches(day) for rule in rules)]


@pytest.mark.parametrize(
    ("days", "found"),
    [
        (["sunday"], [1, 8, 15, 22, 29]),
        ("Sunday", [1, 8, 15, 22, 29]),
        (["first sunday"], [1]),
        (["second tuesday"], [10]),
        (["fifth sunday"], [29]),
        (["fifth tuesday"], []),
        (["last friday"], [27]),
        (["last sunday", "first  monday"], [2, 29]),
        ("daily", list(range(1, 31))),
    ],
)
def test_days(days: object, found: list[int]) -> None:
    assert matching(days) == found


def test_the_last_of_a_month_of_any_length() -> None:
    assert (matching("last sunday", 2028, 2), matching("last saturday", 2026, 2)) == ([27], [28])


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ([], "key is [], which names no days. Use weekdays"),
        (7, "key is 7, which names no days."),
        ([7], "key has 7, which is no day. Use weekdays"),
        ([""], "key has '', which is no day. Use weekdays"),
        (["sundy"], "key has 'sundy', which is no day. Did you mean sunday? Use weekdays"),
        (["first sundy"], "key has 'first sundy', which is no day. Did you mean first sunday?"),
        (["sixth sunday"], "key has 'sixth sunday', which is no day. Use weekdays"),
        (["very first sunday"], "key has 'very first sunday', which is no day. Use"),
    ],
)
def test_what_is_no_day_is_named(days: object, told: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_days(days, "key")
    assert str(caught.value).startswith(told)
