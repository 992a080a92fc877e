"""Runs that are expected."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import Refused, Unreachable
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.file_store import FileStore
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger, initialise
from ansible_collections.steady.ops.plugins.plugin_utils._runs.expected import missed_runs, note_start
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.missed import Registered
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.register import Register
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.rule import rule_of


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return initialise(f"file://{tmp_path}/ledger", "toy", "lab")[0]


def expect(ledger: Ledger, *, since_days: int) -> None:
    since = ledger.store.now() - timedelta(days=since_days)
    rule = rule_of({"zone": "UTC", "days": ["daily"], "at": "00:00"}, "ops_schedules nightly")
    Register(ledger.store).expect([Registered("nightly", rule, 0, 60, since)])


def result(ledger: Ledger, *, mode: str = "real", url: str | None = None) -> dict[str, object]:
    where = ledger.url if url is None else url
    return {"mode": mode, "ledger": where, "system": "toy", "environment": "lab"}


def test_where_nothing_is_expected_nothing_is_missed(ledger: Ledger) -> None:
    assert note_start({"schedule": "nightly"}, ledger) == "" == note_start({}, ledger) == note_start({}, None)
    assert missed_runs(result(ledger)) == [] == missed_runs(result(ledger, url=""))


def test_what_never_started_is_noticed_once(ledger: Ledger) -> None:
    expect(ledger, since_days=3)
    assert missed_runs(result(ledger, mode="check")) == []
    (found,) = missed_runs(result(ledger))
    assert found.name == "nightly" and found.count >= 2
    assert missed_runs(result(ledger)) == []


def test_what_started_is_not_missed(ledger: Ledger) -> None:
    expect(ledger, since_days=3)
    assert note_start({"schedule": "nightly"}, ledger) == ""
    assert missed_runs(result(ledger)) == []


def test_what_cannot_be_noted_stops_no_run(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "ledger" / "schedules").write_text("torn")
    assert "could not be noted" in note_start({"schedule": "nightly"}, ledger)
    with pytest.raises(Refused, match="are damaged"):
        missed_runs(result(ledger))
    assert missed_runs(result(ledger, url=f"file://{tmp_path}/none")) == []


def test_a_ledger_that_goes_away_meanwhile_is_asked_by_the_next_run(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect(ledger, since_days=3)

    def gone(_store: FileStore) -> None:
        raise Unreachable("The store is gone")

    with monkeypatch.context() as patched:
        patched.setattr(FileStore, "now", gone)
        assert missed_runs(result(ledger)) == []
    assert len(missed_runs(result(ledger))) == 1
