"""What other runs learn of incidents, and the overrides that they leave there."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import Refused, Unreachable
from ansible_collections.steady.ops.plugins.plugin_utils._incidents.standing import (
    incidents_now,
    open_ids,
    open_severities,
    remember_override,
    unacknowledged,
)
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.file_store import FileStore
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger
from tests.unit.plugins.plugin_utils._incidents.incident_world import OPEN, does, events, ledger

__all__ = ["ledger"]
OPENING = {
    "run": "R1",
    "runbook": "deploy",
    "action": "deploy",
    "incident": "A",
    "reason": "why",
    "overrides": [{"gate": "hold", "sentence": "one"}, {"gate": "hold", "sentence": "two"}, {"gate": "window"}],
    "who": {"user": "bob", "host": "box"},
}


def test_every_run_learns_what_is_open(ledger: Ledger) -> None:
    assert (open_ids(ledger), open_severities(ledger)) == ((), frozenset())
    does(ledger, "open", id="A", **OPEN)
    does(ledger, "open", id="B", severity="P0", title="x")
    assert (open_ids(ledger), open_severities(ledger)) == (("A", "B"), frozenset(("P0", "P1")))
    does(ledger, "close", id="A", resolution="x")
    assert open_ids(ledger) == ("B",)


def test_without_a_ledger_none_is_known() -> None:
    assert (open_ids(None), open_severities(None), incidents_now(None).opened) == ((), frozenset(), [])


def test_a_damaged_document_or_a_ledger_that_is_gone_stops_nobody_and_is_never_none(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ledger" / "incidents").write_text("{")
    assert (open_ids(ledger), open_severities(ledger)) == (("unknown",), frozenset())
    with pytest.raises(Refused, match="are damaged"):
        unacknowledged(ledger)

    def gone(*_args: object) -> None:
        raise Unreachable("gone")

    monkeypatch.setattr(FileStore, "read", gone)
    assert open_ids(ledger) == ("unknown",)


def test_an_override_stays_until_somebody_acknowledges_it(ledger: Ledger) -> None:
    does(ledger, "open", id="A", **OPEN)
    remember_override(ledger, OPENING)
    remember_override(ledger, OPENING)
    (use,) = unacknowledged(ledger)
    assert (use.run, use.gates, use.by, use.reason, use.incident) == ("R1", ("hold", "window"), "bob@box", "why", "A")
    does(ledger, "close", resolution="x")
    assert unacknowledged(ledger) == [use], "closing is not looking"
    does(ledger, "acknowledge")
    assert unacknowledged(ledger) == []
    assert [event["change"] for event in events(ledger)] == ["opened", "overridden", "closed", "acknowledged"]


@pytest.mark.parametrize("waived", [None, [], "hold", ""])
def test_a_run_that_waived_nothing_leaves_nothing(ledger: Ledger, waived: object) -> None:
    remember_override(ledger, {**OPENING, "overrides": waived if waived != "hold" else None})
    assert unacknowledged(ledger) == [] and events(ledger) == []
