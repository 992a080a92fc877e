"""Values of a declaration."""

from __future__ import annotations

from datetime import time

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._calendar.reading import (
    clock_time,
    known_keys,
    name_of,
    number,
    required_text,
    text,
)


def test_what_is_right_is_taken() -> None:
    item: dict[object, object] = {"name": "a.b-c_1", "from": " 9:05 ", "to": "24:00", "hours": 2, "note": " x "}
    known_keys(item, ("name", "from", "to", "hours", "note"), "where")
    assert (name_of(item, "where"), text(item, "note", "where"), text(item, "none", "where")) == ("a.b-c_1", "x", "")
    assert required_text(item, "note", "where", "") == "x"
    assert (clock_time(item, "from", "where"), clock_time(item, "to", "where")) == (time(9, 5), time())
    assert (number(item, "hours", "where", most=2), number(item, "none", "where", most=2)) == (2, 0)


@pytest.mark.parametrize("value", [2.5, "9:5", "09:60", "29:00", "9", "", True, None])
def test_what_is_no_time_of_day_is_named(value: object) -> None:
    with pytest.raises(InvalidInput, match=r"where\.from is "):
        clock_time({"from": value}, "from", "where")
