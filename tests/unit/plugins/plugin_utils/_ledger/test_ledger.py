"""Opening, initialising and verifying ledgers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput, OpsError, Refused
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.chain import Chain
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.file_store import FileStore
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import (
    Ledger,
    initialise,
    open_ledger,
    store_of,
    verify,
)
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.store import CHECK, INITIALISE, SHOW, Unusable
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


def lose_identity(root: Path) -> None:
    (root / "identity").unlink()


def damage_identity(root: Path) -> None:
    (root / "identity").write_text("{")


def begin_anew(root: Path) -> None:
    shutil.rmtree(root / "releases")
    Chain(FileStore(f"file://{root}"), "releases").begin("another")


def lose_leases(root: Path) -> None:
    (root / "leases").unlink()


def damage_leases(root: Path) -> None:
    (root / "leases").write_text("{")


def damage_holds(root: Path) -> None:
    (root / "holds").write_text("{")


def open_to_all(root: Path) -> None:
    root.chmod(0o777)


def unmount(root: Path) -> None:
    root.parent.rename(root.parent.with_name("unmounted"))


def break_disk(root: Path) -> None:
    (root / "identity").unlink()
    (root / "identity").mkdir()


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        (lose_identity, CHECK),
        (damage_identity, CHECK),
        (begin_anew, CHECK),
        (lose_leases, SHOW),
        (damage_leases, SHOW),
        (damage_holds, SHOW),
        (open_to_all, SHOW),
        (unmount, INITIALISE),
        (break_disk, SHOW),
    ],
)
def test_every_refusal_names_the_way_on(
    tmp_path: Path, harm: Callable[[Path], None], expected: dict[str, object]
) -> None:
    root = tmp_path / "disk" / "ledger"
    root.parent.mkdir()
    initialise(f"file://{root}", "toy", "lab")[0].journal.append({"event": "opened", "run": "01"})
    harm(root)
    with pytest.raises(OpsError) as caught:
        ledger = initialise(f"file://{root}", "toy", "lab")[0]
        ledger.leases.all()
        ledger.holds.standing()
        verify(ledger)
    assert caught.value.next == expected


@pytest.mark.parametrize("url", ["s3://bucket/ledger", "file:relative", "mysql://x"])
def test_a_url_that_is_none_is_corrected_in_the_inventory(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        open_ledger(url, "toy", "lab")
    assert caught.value.next == {"playbook": "inventory_check"}
