"""Bringing in what was done while the ledger could not be reached."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._incidents.book import Draft, book_of
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.chain import Chain
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger, initialise
from ansible_collections.steady.ops.plugins.plugin_utils._spool.copies import Copies
from ansible_collections.steady.ops.plugins.plugin_utils._spool.importing import bring_in
from ansible_collections.steady.ops.plugins.plugin_utils._spool.spool import Spool, begin
from tests.unit.plugins.plugin_utils._ledger.lease_world import GONE, holder


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made, _new = initialise(f"file://{tmp_path}/ledger", "toy", "lab")
    made.releases.append([{"kind": "served", "component": "api", "release": "1"}])
    return made


@pytest.fixture
def spool(tmp_path: Path, ledger: Ledger) -> Spool:
    copies = Copies(tmp_path / "copies")
    copies.keep(ledger)
    made = begin(tmp_path / "home", ledger.url, "toy", "lab", copies.last(ledger.url))
    made.ledger.releases.append([{"kind": "served", "component": "api", "release": "2"}])
    made.ledger.journal.append({"event": "opened", "run": "01"})
    made.ledger.journal.append({"event": "closed", "run": "01"})
    return made


def served(ledger: Ledger) -> list[object]:
    return [record.get("release") for record in ledger.releases.history("api")]


def test_only_what_is_new_is_brought_in_and_only_once(tmp_path: Path, ledger: Ledger, spool: Spool) -> None:
    (line,) = bring_in(tmp_path / "home", ledger)
    assert line.endswith("entries 1 of releases, 2 of journal")
    assert served(ledger) == ["1", "2"] and not spool.directory.exists()
    events = ledger.journal.events("01")
    assert [event["event"] for event in events] == ["opened", "closed"]
    assert events[0]["spooled"]["entry"] == 1 and events[0]["spooled"]["at"]  # type: ignore[index]
    assert bring_in(tmp_path / "home", ledger) == [] and served(ledger) == ["1", "2"]


@pytest.mark.parametrize("after", [0, 1, 2])
def test_killed_anywhere_it_is_finished_by_the_next(
    tmp_path: Path, ledger: Ledger, spool: Spool, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    done = []
    append = Chain.append

    def dies(self: Chain, records: object, **more: object) -> int:
        if len(done) == after:
            raise KeyboardInterrupt
        done.append(append(self, records, **more))  # type: ignore[arg-type]
        return done[-1]

    with monkeypatch.context() as patched:
        patched.setattr(Chain, "append", dies)
        if after == 2:
            patched.setattr(Path, "rename", lambda *_args: dies(ledger.journal.chain, []))
        with pytest.raises(KeyboardInterrupt):
            bring_in(tmp_path / "home", ledger)
    assert spool.directory.exists()
    bring_in(tmp_path / "home", ledger)
    assert served(ledger) == ["1", "2"] and len(ledger.journal.events("01")) == 2


def test_a_run_that_still_works_there_is_left(tmp_path: Path, ledger: Ledger, spool: Spool) -> None:
    spool.ledger.leases.acquire(["toy/lab/api"], holder("01", tmp_path))
    (line,) = bring_in(tmp_path / "home", ledger)
    assert "a run still works without this ledger" in line and served(ledger) == ["1"]


def test_what_a_dead_run_left_there_is_brought_in(tmp_path: Path, ledger: Ledger, spool: Spool) -> None:
    spool.ledger.leases.acquire(["toy/lab/api"], holder("01", tmp_path, GONE))
    spool.ledger.releases.append([{"kind": "intent", "components": {"api": {}}, "state": "open", "run": "01"}])
    bring_in(tmp_path / "home", ledger)
    assert ledger.releases.history("api")[-1]["state"] == "open"


def test_another_ledger_in_its_place_gets_nothing(tmp_path: Path, ledger: Ledger, spool: Spool) -> None:
    shutil.rmtree(tmp_path / "ledger")
    anew, _new = initialise(ledger.url, "toy", "lab")
    (line,) = bring_in(tmp_path / "home", anew)
    assert f"another ledger ({ledger.identity.id})" in line and served(anew) == []
    assert spool.directory.exists()


def test_a_spool_that_holds_nothing_new_goes(tmp_path: Path, ledger: Ledger) -> None:
    made = begin(tmp_path / "home", ledger.url, "toy", "lab", None)
    (line,) = bring_in(tmp_path / "home", ledger)
    assert line.endswith("entries 0 of releases, 0 of journal") and not made.directory.exists()
    (tmp_path / "home" / made.directory.name).mkdir()
    assert bring_in(tmp_path / "home", ledger) == []


def test_an_incident_of_that_time_is_brought_in(tmp_path: Path, ledger: Ledger, spool: Spool) -> None:
    fields = {"title": "outage", "channel": "", "severity": "P1", "owner": "ann", "systems": []}
    book_of(spool.ledger).change(lambda _state, _now: [Draft("INC-1", "opened", fields)], by="ann", run="01")
    bring_in(tmp_path / "home", ledger)
    assert [incident.id for incident in book_of(ledger).state().opened] == ["INC-1"]


def test_an_incident_that_was_open_before_counts_there(tmp_path: Path, ledger: Ledger) -> None:
    fields = {"title": "outage", "channel": "", "severity": "P1", "owner": "ann", "systems": []}
    book_of(ledger).change(lambda _state, _now: [Draft("INC-1", "opened", fields)], by="ann", run="01")
    copies = Copies(tmp_path / "copies")
    copies.keep(ledger)
    made = begin(tmp_path / "home", ledger.url, "toy", "lab", copies.last(ledger.url))
    assert [incident.id for incident in book_of(made.ledger).state().opened] == ["INC-1"]
    bring_in(tmp_path / "home", ledger)
    assert len(book_of(ledger).state().entries["INC-1"]) == 1
