"""Windows and freezes over twenty years against a second calendar that looks at the clock every minute.

A case is one to three random windows (weekly, n-th and last weekdays, daily, overnight, with supersession, DST shifted
or skipped) in random IANA zones, and up to two freezes. Every opening and closing has to be the same instant in both,
and the gates have to say the same at both ends of some of them, to the second.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.soak.plugin import Criterion
from tests.unit.plugins.plugin_utils._calendar.comparing import compare

CRITERION = {
    "count": 1000,
    "sample": 12,
    "seed": 20261121,
    "covers": [
        "plugins/plugin_utils/_calendar",
        "plugins/plugin_utils/_gates/window.py",
        "plugins/plugin_utils/_gates/within_window.py",
        "plugins/plugin_utils/_gates/freeze.py",
        "tests/unit/plugins/plugin_utils/_calendar/brute_force.py",
        "tests/unit/plugins/plugin_utils/_calendar/comparing.py",
    ],
}
# what zones did, and what they will do
STARTS = (datetime(2006, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
PARTS = 8


@pytest.mark.parametrize("part", range(PARTS))
def test_both_calendars_agree(part: int, criterion: Criterion, count_outcome: Callable[[str], None]) -> None:
    openings = 0
    for number in range(part, criterion.cases, PARTS):
        chance = random.Random(criterion.seed * 100_003 + number)
        start = chance.choice(STARTS)
        openings += compare(chance, start, start.replace(year=start.year + 20))
        count_outcome("20 years agreed")
    assert openings or criterion.cases < 100, "nothing ever opened"
