"""The stand-in of a ledger that cannot be reached."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import Refused
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.holds import Hold
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger, initialise
from ansible_collections.steady.ops.plugins.plugin_utils._spool.copies import Copies, Copy
from ansible_collections.steady.ops.plugins.plugin_utils._spool.spool import Spool, begin, existing, is_of_run
from tests.unit.plugins.plugin_utils._ledger.lease_world import holder


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made, _new = initialise(f"file://{tmp_path}/ledger", "toy", "lab")
    made.releases.append([{"kind": "served", "component": "api", "release": "1"}])
    now = made.store.now()
    made.holds.place(Hold("toy/lab/web", "why", now + timedelta(hours=1), "ann", now))
    return made


def copied(tmp_path: Path, ledger: Ledger) -> Copy | None:
    copies = Copies(tmp_path / "copies")
    copies.keep(ledger)
    return copies.last(ledger.url)


def test_it_begins_with_what_was_known_last(tmp_path: Path, ledger: Ledger) -> None:
    home = tmp_path / "a home with a blank"
    spool = begin(home, ledger.url, "toy", "lab", copied(tmp_path, ledger))
    assert spool.ledger.releases.history("api") == ledger.releases.history("api")
    assert [hold.message for hold in spool.ledger.holds.standing()] == ["why"]
    assert (spool.copied, spool.id) == (2, ledger.identity.id) and spool.copied_at
    spool.ledger.releases.append([{"kind": "served", "component": "api", "release": "2"}])
    again = begin(home, ledger.url, "toy", "lab", None)
    assert again.ledger.releases.history("api") == spool.ledger.releases.history("api") and again.copied == 2
    assert spool.directory.stat().st_mode & 0o777 == 0o700


def test_without_a_copy_nothing_is_known(tmp_path: Path, ledger: Ledger) -> None:
    assert existing(tmp_path / "home", ledger.url) is None
    spool = begin(tmp_path / "home", ledger.url, "toy", "lab", None)
    assert (spool.copied, spool.copied_at, spool.id) == (1, "", "")
    assert spool.ledger.releases.history("api") == []


def test_one_that_was_half_begun_is_begun_anew(tmp_path: Path, ledger: Ledger) -> None:
    copy = copied(tmp_path, ledger)
    spool = begin(tmp_path / "home", ledger.url, "toy", "lab", copy)
    (spool.directory / "begun.json").unlink()
    assert existing(tmp_path / "home", ledger.url) is None
    again = begin(tmp_path / "home", ledger.url, "toy", "lab", copy)
    assert again.copied == 2 and len(again.ledger.releases.chain.entries()) == 2


def test_two_that_need_one_at_once_get_the_same(tmp_path: Path, ledger: Ledger) -> None:
    with ThreadPoolExecutor(4) as pool:
        ids = {each.ledger.identity.id for each in pool.map(lambda _each: _begun(tmp_path, ledger), range(8))}
    assert len(ids) == 1


def _begun(tmp_path: Path, ledger: Ledger) -> Spool:
    return begin(tmp_path / "home", ledger.url, "toy", "lab", None)


@pytest.mark.parametrize("name", ["begun.json", "ledger/identity"])
def test_a_damaged_one_is_refused_and_kept(tmp_path: Path, ledger: Ledger, name: str) -> None:
    spool = _begun(tmp_path, ledger)
    (spool.directory / name).write_text("")
    for look in (lambda: existing(tmp_path / "home", ledger.url), lambda: _begun(tmp_path, ledger)):
        with pytest.raises(Refused, match="is damaged"):
            look()
    (spool.directory / name).unlink()
    if name == "ledger/identity":
        # for a moment it looks so to whoever sees it being brought in
        assert existing(tmp_path / "home", ledger.url) is None
        with pytest.raises(Refused, match="has no identity"):
            _begun(tmp_path, ledger)
        assert spool.directory.exists()


def test_a_run_that_began_there_goes_on_there(tmp_path: Path, ledger: Ledger) -> None:
    spool = begin(tmp_path / "home", ledger.url, "toy", "lab", None)
    assert not is_of_run(None, "01") and not is_of_run(spool, "01")
    spool.ledger.leases.acquire(["toy/lab/api"], holder("01", tmp_path))
    assert is_of_run(spool, "01") and not is_of_run(spool, "02")
