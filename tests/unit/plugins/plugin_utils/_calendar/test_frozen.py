"""What an inventory may declare as a freeze, and the one sentence for each thing that is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._calendar.frozen import read_freezes

ONE: dict[str, Any] = {"name": "x", "zone": "UTC", "from": "12-20", "to": "01-03"}


def test_what_is_declared() -> None:
    assert read_freezes(None) == read_freezes([]) == read_freezes("") == ()
    text = """
    - {name: once, zone: Europe/Berlin, from: 2026-12-20, to: 2027-01-03T06:00:00, reason: away}
    - {name: again, zone: UTC, from: "2026-12-20 18:00", to: 2026-12-20}
    - {name: yearly, zone: UTC, from: 12-20T10:00, to: 01-03}
    """
    once, again, yearly = read_freezes(yaml.safe_load(text))
    assert (f"{once.begins:%c}", f"{once.ends:%c}", once.reason) == (
        "Sun Dec 20 00:00:00 2026",
        "Sun Jan  3 06:00:00 2027",
        "away",
    )
    assert (once.whole, again.whole, yearly.whole) == (False, True, True)
    assert (once.yearly, yearly.yearly, yearly.ends.year - yearly.begins.year) == (False, True, 1)


def one(**change: object) -> list[dict[str, Any]]:
    return [{key: value for key, value in {**ONE, **change}.items() if value is not None}]


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ("christmas", "ops_freezes is 'christmas'. Write a list with {name: christmas,"),
        ({"a": 1}, "ops_freezes is {'a': 1}. Write a list"),
        ([1], "ops_freezes[0] is 1. Write {name: christmas,"),
        (one(name=None), "ops_freezes[0].name is not set."),
        (one(zone=None), "ops_freezes[x].zone is not set. Name the zone by whose clock it holds"),
        (one(zone="x"), "ops_freezes[x].zone is 'x', which is no IANA zone."),
        (one(until="x"), "ops_freezes[x] has 'until'. It may have name, zone, from, to, reason."),
        (one(reason=7), "ops_freezes[x].reason is 7. Write a text."),
        (one(to=None), 'ops_freezes[x].to is not set. Write "2026-12-20",'),
        (one(to="soon"), "ops_freezes[x].to is 'soon', which is no date. Write it by the clock of zone,"),
        (one(to="13-40"), "ops_freezes[x].to is '13-40', which is no date."),
        (one(to="2026-13-40"), "ops_freezes[x].to is '2026-13-40', which is no date."),
        (one(to="2026-12-20T06:00:00+01:00"), "ops_freezes[x].to is '2026-12-20T06:00:00+01:00', which is no date."),
        (one(to="02-29"), 'ops_freezes[x].to is 02-29, and most years have no such day. Write "02-28" or "03-01".'),
        (one(to="9999-12-31"), "ops_freezes[x].to is 9999-12-31. Name a day of this millennium; what has no end is a"),
        (one(to="2027-01-03"), "ops_freezes[x] is yearly at one end only. Give both from and to a year, or neither."),
        (one(**{"from": "2027-01-03", "to": "2027-01-02"}), "ops_freezes[x].to is not after from. Name an end"),
        (one(**{"from": "2027-01-03", "to": "2027-01-03T00:00"}), "ops_freezes[x].to is not after from."),
    ],
)
def test_what_is_wrong_is_one_sentence_that_names_the_key(declared: object, told: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_freezes(declared)
    assert str(caught.value).startswith(told)
