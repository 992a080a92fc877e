"""Notices in a ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import Refused, Unreachable
from ansible_collections.steady.ops.plugins.plugin_utils._calendar.notices import Notice, Notices
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger
from tests.unit.plugins.plugin_utils._ledger.ledger_world import ledger

__all__ = ["ledger"]

HOUR = timedelta(hours=1)


@pytest.fixture
def notices(ledger: Ledger) -> Iterator[Notices]:
    yield Notices(ledger.store)


def made(ledger: Ledger, window: str = "weekly", hours: int = 3) -> Notice:
    now = ledger.store.now().replace(microsecond=0)
    return Notice(window, now + hours * HOUR, now + (hours + 1) * HOUR, now, "ann", "disks")


def test_a_ledger_where_none_was_given_has_none(notices: Notices, ledger: Ledger) -> None:
    assert notices.standing() == () and not notices.withdraw(made(ledger))
    assert ledger.store.read("notices") is None


def test_giving_and_withdrawing_repeat_without_change(notices: Notices, ledger: Ledger) -> None:
    notice, other = made(ledger), made(ledger, hours=5)
    assert notices.give(notice) and not notices.give(replace(notice, at=notice.at + HOUR))
    assert notices.give(other) and notices.standing() == (notice, other)
    assert notices.withdraw(notice) and not notices.withdraw(notice)
    assert notices.standing() == (other,)


def test_another_message_counts_from_when_notice_was_given_and_another_end_stands_beside_it(
    notices: Notices, ledger: Ledger
) -> None:
    first, elsewhere = made(ledger), made(ledger, "other")
    later = replace(first, at=first.at + HOUR, message="more disks", by="bob")
    assert notices.give(elsewhere) and notices.give(first) and notices.give(later)
    assert notices.standing() == (elsewhere, replace(later, at=first.at))
    longer = replace(later, closes=first.closes + HOUR)
    assert notices.give(longer) and notices.standing() == (elsewhere, replace(later, at=first.at), longer)
    assert notices.withdraw(first) and notices.standing() == (elsewhere,)


def test_what_is_over_is_not_kept(notices: Notices, ledger: Ledger) -> None:
    over, now = made(ledger, hours=-3), made(ledger)
    assert notices.give(over) and notices.standing() == ()
    assert notices.give(now) and notices.standing() == (now,)
    stored = ledger.store.read("notices")
    assert stored is not None and stored.data.count(b"weekly") == 1


@pytest.mark.parametrize("data", ["", "{}", "[]", '{"notices": [{"window": "x"}]}', '{"notices": [{"opens": "x"}]}'])
def test_damaged_notices_are_a_refusal_and_never_none(notices: Notices, tmp_path: Path, data: str) -> None:
    (tmp_path / "ledger" / "notices").write_text(data)
    with pytest.raises(Refused, match=r"are damaged\. Put the key 'notices' back"):
        notices.standing()


def test_givers_at_once_lose_nothing(notices: Notices, ledger: Ledger) -> None:
    each = [made(ledger, hours=number) for number in range(2, 10)]
    threads = [Thread(target=notices.give, args=(notice,)) for notice in each]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(notices.standing()) == set(each)


def test_a_race_that_is_never_won_ends(notices: Notices, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    notices.give(made(ledger))
    monkeypatch.setattr(ledger.store, "compare_and_swap", lambda *_words: False)
    with pytest.raises(Unreachable, match="too many writers at once"):
        notices.give(made(ledger, hours=9))
