"""What an inventory may declare, and the one sentence for each thing that is wrong with it."""

from __future__ import annotations

import itertools
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._calendar.declared import read_windows
from ansible_collections.steady.ops.plugins.plugin_utils._calendar.frozen import read_freezes
from tools.treehash import ROOT

WEEKLY: dict[str, Any] = {"name": "weekly", "zone": "UTC", "days": ["sunday"], "from": "2:00", "to": "04:00"}


def test_what_is_declared() -> None:
    assert read_windows(None) is read_windows("") is read_windows([]) is None
    assert read_windows("always") == ()
    (weekly,) = read_windows([{**WEEKLY, "notice_hours": 1.5, "nonexistent": "skip"}]) or ()
    assert (weekly.opens, weekly.closes, weekly.notice) == (time(2), time(4), timedelta(minutes=90))
    assert weekly.skip and not weekly.announced
    emergency, named = (
        read_windows([{"name": "e", "announced": True}, {"name": "f", "announced": True, "zone": "Europe/Berlin"}])
        or ()
    )
    assert emergency.announced and (emergency.zone_name, named.zone_name) == ("UTC", "Europe/Berlin")


def one(**change: object) -> list[dict[str, Any]]:
    return [{key: value for key, value in {**WEEKLY, **change}.items() if value is not None}]


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ("nights", "ops_windows is 'nights'. Write always, or a list with {name: weekly,"),
        ({"a": 1}, "ops_windows is {'a': 1}. Write always, or a list"),
        (["x"], "ops_windows[0] is 'x'. Write {name: weekly,"),
        (one(name=None), "ops_windows[0].name is not set. Give it a name, such as weekly."),
        (one(name="two words"), "ops_windows[two words].name is 'two words'. Use letters,"),
        (one(name=7), "ops_windows[7].name is 7. Write a text."),
        (one(zone=None), "ops_windows[weekly].zone is not set. Name the zone by whose clock it opens,"),
        (one(zone="Berlin"), "ops_windows[weekly].zone is 'Berlin', which is no IANA zone. Name one, such as "),
        (one(days=None), "ops_windows[weekly].days is not set. Write days: [sunday], days: [first sunday]"),
        (one(days=["sundays"]), "ops_windows[weekly].days has 'sundays', which is no day. Did you mean sunday?"),
        (one(**{"from": None}), 'ops_windows[weekly].from is not set. Write a time of day in quotes, from: "02:00".'),
        (one(to=None), "ops_windows[weekly].to is not set."),
        (one(**{"from": 660}), 'ops_windows[weekly].from is the number 660. Put the time of day into quotes, from: "'),
        (one(**{"from": "24:00"}), "ops_windows[weekly].from is '24:00'. Write a time of day in quotes,"),
        (one(to="25:00"), "ops_windows[weekly].to is '25:00'. Write a time of day in quotes,"),
        (one(nonexistent="later"), "ops_windows[weekly].nonexistent is 'later'. Write shift or skip."),
        (one(notice_hours="3"), "ops_windows[weekly].notice_hours is '3'. Write a number from 0 to 8784."),
        (one(notice_hours=True), "ops_windows[weekly].notice_hours is True. Write a number"),
        (one(notice_hours=-1), "ops_windows[weekly].notice_hours is -1. Write a number"),
        (one(notice_hours=float("nan")), "ops_windows[weekly].notice_hours is nan. Write a number"),
        (
            one(notice_hour=3),
            "ops_windows[weekly] has 'notice_hour'. Did you mean notice_hours? It may have name, zone",
        ),
        (one(qqqqq=3), "ops_windows[weekly] has 'qqqqq'. It may have name, zone"),
        (one(announced="yes"), "ops_windows[weekly].announced is 'yes'. Write true, or leave it out."),
        (one(announced=True), "ops_windows[weekly] is announced, so its days would never be used. Leave out days, or"),
        (one(supersedes=3), "ops_windows[weekly].supersedes is 3. Write a list of names of other windows."),
        (one(supersedes=[3]), "ops_windows[weekly].supersedes is [3]. Write a list of names of other windows."),
        (
            one(supersedes="dayly"),
            "ops_windows[weekly].supersedes names dayly, which is none of the windows. There",
        ),
        (one(supersedes="weekly"), "ops_windows[weekly].supersedes leads back to weekly, so none of them would count."),
        (one() + one(), "ops_windows has two windows named weekly. Give each a name of its own."),
        (
            [*one(supersedes=["e"]), {"name": "e", "announced": True}],
            "ops_windows[weekly].supersedes names e, which has no days. Leave it out",
        ),
        (
            [*one(supersedes=["b"]), *one(name="b", supersedes=["c"]), *one(name="c", supersedes=["b"])],
            "ops_windows[b].supersedes leads back to b, so none of them would count. Let only one of them",
        ),
    ],
)
def test_what_is_wrong_is_one_sentence_that_names_the_key(declared: object, told: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_windows(declared)
    assert str(caught.value).startswith(told)


def test_yaml_without_quotes_is_told() -> None:
    value = yaml.safe_load("[{name: a, zone: UTC, days: daily, from: 11:00, to: 13:00}]")
    with pytest.raises(InvalidInput, match=r"ops_windows\[a\]\.from is the number 660"):
        read_windows(value)


FILES = sorted((ROOT / "inventories").glob("*/group_vars/*.yml"))


@pytest.mark.parametrize("page", FILES, ids=lambda page: f"{page.parent.parent.name}/{page.stem}")
def test_what_our_inventories_declare_can_be_read(page: Path) -> None:
    values = yaml.safe_load(page.read_text()) or {}
    read_windows(values.get("ops_windows"))
    read_freezes(values.get("ops_freezes"))


def windows_of(system: str, environment: str) -> list[str]:
    values = yaml.safe_load((ROOT / f"inventories/{system}/group_vars/{environment}.yml").read_text())
    found = read_windows(values.get("ops_windows"))
    return ["always"] if found == () else [f"{each.name} {each.notice // timedelta(hours=1)}" for each in found or ()]


def test_the_windows_that_runbooks_state_are_declared() -> None:
    """AC-46, AC-47, AN-71."""
    systems = itertools.product(("accu", "asset_anchor"), ("production", "staging", "lab"))
    assert {f"{system} {environment}": windows_of(system, environment) for system, environment in systems} == {
        "accu production": ["weekly 0", "monthly 0", "emergency 2"],
        "accu staging": [],
        "accu lab": [],
        "asset_anchor production": ["weekly 72", "backup 72"],
        "asset_anchor staging": ["weekly 24", "backup 24"],
        "asset_anchor lab": ["always"],
    }
