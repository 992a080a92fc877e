"""The expected runs of a ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import Refused, Unreachable
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.declared import Expected
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.register import Register, overdue, seen
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.rule import Rule
from tests.unit.plugins.plugin_utils._ledger.ledger_world import ledger

__all__ = ["ledger"]
NOW = datetime.fromisoformat("2026-11-01T12:00:00+00:00")
NIGHT = Expected("n", "unit", "health_check", "check", "api", Rule("UTC", ("daily",), ("02:30",)))


def test_a_ledger_without_schedules_costs_nothing(ledger: Ledger) -> None:
    assert not seen(ledger, "n", NOW) and overdue(ledger, NOW) == [] and Register(ledger.store).all() == []
    assert ledger.store.read("schedules") is None


def test_what_is_declared_is_expected_and_keeps_its_past(ledger: Ledger) -> None:
    book = Register(ledger.store)
    assert book.expect([NIGHT.registered("desk", NOW)], check=True) == ["n"] and book.all() == []
    assert book.expect([NIGHT.registered("desk", NOW)]) == ["n"]
    assert book.expect([NIGHT.registered("desk", NOW + timedelta(days=1))]) == []
    assert seen(ledger, "n", NOW + timedelta(hours=15)) and not seen(ledger, "other", NOW)
    later = replace(NIGHT, grace_minutes=5)
    assert book.expect([later.registered("desk", NOW + timedelta(days=2))]) == ["n"]
    (found,) = book.all()
    assert (found.since, found.seen, found.grace_minutes) == (NOW, NOW + timedelta(hours=15), 5)
    other = replace(NIGHT, rule=Rule("UTC", ("mon",), ("02:30",)))
    book.expect([other.registered("desk", NOW + timedelta(days=3))])
    (found,) = book.all()
    assert (found.since, found.seen) == (NOW + timedelta(days=3), NOW + timedelta(hours=15))
    assert book.expect([]) == ["n"] and book.all() == []


def test_one_asker_is_handed_what_never_started(ledger: Ledger) -> None:
    Register(ledger.store).expect([NIGHT.registered("desk", NOW)])
    now = NOW + timedelta(days=1)
    assert overdue(ledger, NOW) == []
    assert [each.name for each in overdue(ledger, now)] == ["n"] and overdue(ledger, now) == []
    assert [each.count for each in overdue(ledger, now + timedelta(days=1))] == [1]
    seen(ledger, "n", now + timedelta(days=1, hours=14, minutes=31))
    assert overdue(ledger, now + timedelta(days=1, hours=20)) == []


@pytest.mark.parametrize("data", [b"{", b"{}", b'{"schedules": [{"name": "n", "rule": {"zone": "x"}}]}', b"[]"])
def test_a_damaged_document_is_refused(ledger: Ledger, data: bytes) -> None:
    ledger.store.put_if_absent("schedules", data)
    with pytest.raises(Refused, match=r"The schedules of the ledger file:.* are damaged"):
        overdue(ledger, NOW)


def test_two_writers_lose_nothing(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    book = Register(ledger.store)
    book.expect([NIGHT.registered("desk", NOW)])
    swap = type(ledger.store).compare_and_swap
    calls = []

    def late(store: object, key: str, version: str | None, data: bytes) -> bool:
        calls.append(key)
        return swap(store, key, version, data) if len(calls) > 2 else False  # type: ignore[arg-type]

    monkeypatch.setattr(type(ledger.store), "compare_and_swap", late)
    assert seen(ledger, "n", NOW) and len(calls) == 3
    monkeypatch.setattr(type(ledger.store), "compare_and_swap", lambda *_arguments: False)
    with pytest.raises(Unreachable, match="too many writers at once"):
        seen(ledger, "n", NOW + timedelta(days=1))
