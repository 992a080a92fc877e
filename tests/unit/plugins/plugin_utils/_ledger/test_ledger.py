"""Opening, initialising and verifying ledgers, and the holds in them."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput, Refused
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.holds import Hold
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import (
    Ledger,
    initialise,
    open_ledger,
    store_of,
    verify,
)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return initialise(url(tmp_path), "toy", "lab")[0]


def url(base: Path) -> str:
    return f"file://{base}/ledger"


@pytest.mark.parametrize("kind", ["s3://bucket/x", "postgresql://host/x", "ftp://x", ""])
def test_other_stores_are_not_there_yet(kind: str) -> None:
    with pytest.raises(InvalidInput, match=r"Write it as file:///|Use file:///"):
        store_of(kind)


def test_it_is_initialised_once(ledger: Ledger, tmp_path: Path) -> None:
    again, changed = initialise(url(tmp_path), "toy", "lab")
    assert not changed and again.identity == ledger.identity
    assert verify(ledger) == {"journal": 1, "releases": 1}


def test_a_killed_initialisation_is_finished(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "ledger" / "identity").unlink()
    (tmp_path / "ledger" / "holds").unlink()
    again, changed = initialise(url(tmp_path), "toy", "lab")
    assert changed and again.identity.genesis == ledger.identity.genesis


def test_a_ledger_that_lost_its_identity_is_not_begun_anew(ledger: Ledger, tmp_path: Path) -> None:
    ledger.journal.append({"event": "opened", "run": "01"})
    (tmp_path / "ledger" / "identity").unlink()
    with pytest.raises(Refused, match="has entries but lost its identity"):
        initialise(url(tmp_path), "toy", "lab")


def test_a_chain_begun_anew_is_found(ledger: Ledger, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "ledger" / "releases")
    ledger.releases.chain.begin("another")
    with pytest.raises(Refused, match=r"The chain releases of the ledger .* was begun anew"):
        verify(ledger)


@pytest.mark.parametrize("data", ["", "{}", json.dumps({"system": "toy", "environment": "lab", "id": "1"})])
def test_a_damaged_identity_is_a_sentence(ledger: Ledger, tmp_path: Path, data: str) -> None:
    (tmp_path / "ledger" / "identity").write_text(data)
    with pytest.raises(Refused, match=r"The identity of the ledger .* is damaged"):
        open_ledger(url(tmp_path), "toy", "lab")


def test_history_is_one_components(ledger: Ledger) -> None:
    ledger.releases.append([{"kind": "served", "component": "api"}, {"kind": "served", "component": "web"}])
    ledger.releases.append([{"kind": "intent", "components": {"api": {}}, "state": "open"}])
    assert [record["kind"] for record in ledger.releases.history("api")] == ["served", "intent"]
    assert [record["kind"] for record in ledger.releases.history("web")] == ["served"]


def test_events_are_redacted_and_found_by_run(ledger: Ledger) -> None:
    ledger.journal.append({"event": "opened", "run": "01", "msg": "password=hunter2"})
    ledger.journal.append({"event": "opened", "run": "02"})
    (event,) = ledger.journal.events("01")
    assert (event["sequence"], event["msg"]) == (1, "password=********")
    assert len(ledger.journal.events()) == 2


def test_holds_stand_until_they_end(ledger: Ledger) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    hold = Hold("toy/lab/api", "why", now + timedelta(hours=1), "ann", now)
    assert ledger.holds.place(hold) and not ledger.holds.place(hold)
    assert ledger.holds.against(["toy/lab"]) == [hold] == ledger.holds.against(["toy/lab/api"])
    assert ledger.holds.against(["toy/lab/web"]) == []
    past = Hold("toy/lab/api", "old", now - timedelta(hours=1), "ann", now)
    assert ledger.holds.place(past) and ledger.holds.standing() == []
    assert ledger.holds.lift("toy/lab/api") and not ledger.holds.lift("toy/lab/api")


@pytest.mark.parametrize("data", [None, "", "{}", '{"holds": [{"object": "x"}]}'])
def test_damaged_holds_are_a_refusal_and_never_no_hold(ledger: Ledger, tmp_path: Path, data: str | None) -> None:
    path = tmp_path / "ledger" / "holds"
    path.unlink()
    if data is not None:
        path.write_text(data)
    with pytest.raises(Refused, match="are missing or damaged"):
        ledger.holds.standing()
