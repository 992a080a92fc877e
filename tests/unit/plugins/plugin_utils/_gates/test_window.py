"""The gate window."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._calendar.notices import Notice, Notices
from ansible_collections.steady.ops.plugins.plugin_utils._gates import window
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Says
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import initialise
from tests.unit.plugins.plugin_utils._gates.gate_world import LIVE, asks, text

# a Saturday
NOW = datetime(2026, 11, 21, tzinfo=UTC)
INSIDE = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
WEEKLY = {"name": "weekly", "zone": "Europe/Berlin", "days": ["sunday"], "from": "02:00", "to": "04:00"}


@pytest.mark.parametrize("declared", [None, "", [], "always", [WEEKLY], "nonsense"])
def test_what_disturbs_nobody_needs_no_window(declared: object) -> None:
    where = replace(LIVE, windows=declared)
    assert text(window.judge(asks(where=where), NOW)) == ["pass"]
    assert window.judge(asks("read", where, disruptive=True), NOW) == []
    assert text(window.judge(replace(asks(where=where), runbook="rollback"), NOW)) == ["pass"]


def test_a_contract_may_ask_for_it() -> None:
    request = asks(where=replace(LIVE, windows=[WEEKLY]), extra_gates=frozenset({"window"}))
    assert window.judge(request, NOW)[0].says is Says.REFUSE
    assert window.judge(request, INSIDE)[0].says is Says.PASS


def test_an_override_keeps_what_was_typed() -> None:
    request = asks(
        where=replace(LIVE, windows=[WEEKLY]), disruptive=True, override=("hold",), incident="I7", reason="two words"
    )
    (verdict,) = window.judge(request, NOW)
    assert verdict.next == (
        "ansible-playbook x.yml -e ops_override=hold,window -e ops_incident=I7 -e 'ops_reason=\"two words\"'"
        " -e ops_override_confirm=toy/production/override"
    )


def test_notices_are_read_where_a_window_is_asked_for(tmp_path: Path) -> None:
    ledger, _made = initialise(f"file://{tmp_path}/ledger", "toy", "production")
    now = ledger.store.now().replace(microsecond=0)
    given = Notice("weekly", now + timedelta(days=4), now + timedelta(days=5), now, "ann", "disks")
    Notices(ledger.store).give(given)
    where = replace(LIVE, windows=[WEEKLY])
    assert window.notices_of(asks(where=where, disruptive=True), ledger) == (given,)
    assert window.notices_of(asks(where=where, disruptive=True), None) == ()
    (tmp_path / "ledger" / "notices").write_text("damaged")
    assert window.notices_of(asks(where=where), ledger) == ()
    for declared in (None, "always"):
        where = replace(LIVE, windows=declared)
        assert window.notices_of(asks(where=where, disruptive=True), ledger) == ()
