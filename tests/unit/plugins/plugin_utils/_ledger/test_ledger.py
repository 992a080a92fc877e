"""Opening, initialising and verifying ledgers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput, Refused
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import (
    Ledger,
    initialise,
    open_ledger,
    store_of,
    verify,
)
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.store import Unusable
from tests.unit.plugins.plugin_utils._ledger.ledger_world import ledger, url

__all__ = ["ledger"]


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


def test_a_place_without_a_ledger_says_what_is_there_and_to_restore_it_first(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    there = {
        "empty": f"{tmp_path}/empty holds none",
        "none": f"there is no directory {tmp_path}/none",
        "mount/none": f"there is no directory {tmp_path}/mount/none, only {tmp_path}",
    }
    for name, told in there.items():
        with pytest.raises(Unusable) as caught:
            open_ledger(f"file://{tmp_path}/{name}", "toy", "lab")
        assert str(caught.value) == (
            f"The ledger file://{tmp_path}/{name} of toy/lab is not initialised: {told}. If it existed before, mount or"
            " restore it; if it is new, initialise it."
        )
        assert caught.value.next == {"playbook": "ledger", "variables": {"ledger_action": "initialise"}}


def test_only_the_last_directory_is_made(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="mkdir -p"):
        initialise(f"file://{tmp_path}/mount/ledger", "toy", "lab")
    assert list(tmp_path.iterdir()) == []
