"""What is wanted: blank is nothing, hostile texts are kept whole and harmless, and what is wrong is named."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.module_utils._redact import Redactor
from ansible_collections.steady.ops.plugins.plugin_utils._incidents.wish import (
    Wish,
    channel_of,
    is_id,
    later,
    new_id,
    read_wish,
)
from tests.unit.plugins.plugin_utils._incidents.incident_world import NOW, wish

NAMES = (
    *("id", "severity", "users_percent", "function", "owner", "systems", "title", "message"),
    *("mitigation", "revert_by", "reverted", "resolution"),
)


@pytest.mark.parametrize("blank", ["", None, "  ", [], [""], " , "])
def test_what_a_survey_leaves_empty_is_nothing(blank: Any) -> None:
    texts = {name: blank if isinstance(blank, (str, type(None))) and blank != " , " else "" for name in NAMES}
    assert wish("open", **{**texts, "systems": blank}) == Wish("open")


def test_texts_are_read_as_they_were_meant() -> None:
    read = wish(
        "note",
        users_percent="60",
        function="minor",
        systems=["a", "b ", "a", ""],
        title="two\n lines\t here",
        message="one\r\ntwo\rthree; rm -rf / 'x' \"y\" {{ z }} ünï 🔥",
        revert_by="2026-11-22T08:00:00+01:00",
        reverted="2, 1,2",
    )
    assert (read.by_rule, read.systems, read.title) == ("P1", ("a", "b"), "two lines here")
    assert read.message == "one\ntwo\nthree; rm -rf / 'x' \"y\" {{ z }} ünï 🔥"
    assert (read.revert_by, read.reverted) == ("2026-11-22T07:00:00Z", (1, 2))
    assert wish("open", systems="shop, shop/api").systems == ("shop", "shop/api")


def test_nothing_steers_a_terminal_or_breaks_the_ledger() -> None:
    assert wish("note", message="a\x1b[2Jb\x00c\ud800d\u202ee\x85f").message == "a�[2Jb�c�de�f"


def test_a_long_title_loses_nothing() -> None:
    long = "x" * 10_000
    read = wish("open", title=long, message="and this")
    assert (len(read.title), read.title[-1]) == (200, "…")
    assert read.message == f"{long}\nand this"
    assert wish("open", title=long).message == long


def test_a_text_that_cannot_be_kept_is_refused_and_not_cut() -> None:
    with pytest.raises(
        InvalidInput, match=r"incident_message has 16385 characters, and 16384 are kept\. Put the whole"
    ):
        wish("note", message="x" * 16385)
    with pytest.raises(InvalidInput, match="incident_owner has 201 characters"):
        wish("open", owner="x" * 201)


def test_secrets_are_masked_before_anything_is_kept() -> None:
    read = read_wish("note", {"message": "it is hush-hush, password=abc"}, Redactor(["hush-hush"]))
    assert read.message == "it is ********, password=********"


@pytest.mark.parametrize("id", ["a b", "-x", "x" * 65, "a/b", "ü", "x\ny"])
def test_an_id_is_a_word(id: str) -> None:
    assert not is_id(id)
    with pytest.raises(InvalidInput, match="incident_id is "):
        wish("open", id=id)


def test_times_and_numbers_that_are_none_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"incident_revert_by: 'tomorrow' is not a time\. Write it as 2026-"):
        wish("note", mitigation="m", revert_by="tomorrow")
    with pytest.raises(InvalidInput, match="incident_revert_by: The time '2026-11-22T08:00' has no offset"):
        wish("note", mitigation="m", revert_by="2026-11-22T08:00")
    for text in ("all", "-1", "1.5", "9" * 9, "²"):
        with pytest.raises(InvalidInput, match="incident_reverted is "):
            wish("note", reverted=text)


@pytest.mark.parametrize(
    ("title", "channel"),
    [
        ("The API is down!", "incident-20261121-the-api-is-down"),
        ("Café & Zürich: 100 %", "incident-20261121-cafe-zurich-100"),
        ("Всё упало", "incident-20261121-inc-1"),
        ("x" * 200, f"incident-20261121-{'x' * 62}"),
        (f"{'x' * 61} y", f"incident-20261121-{'x' * 61}"),
    ],
)
def test_a_channel_is_lower_case_and_short(title: str, channel: str) -> None:
    assert channel_of(title, "INC-1", "20261121") == channel
    assert len(channel) <= 80


def test_ids_count_up_by_the_day() -> None:
    assert new_id([], NOW) == "INC-20261121-1"
    known = ["INC-20261121-9", "INC-20261121-10", "INC-20261120-77", "INC-20261121-x", "mine"]
    assert new_id(known, NOW) == "INC-20261121-11"
    assert later(NOW) == "2026-11-22T03:00:00Z"
