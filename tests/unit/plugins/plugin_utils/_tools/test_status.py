"""The tool status in process; its playbook runs in tests/integration/test_status.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Policy
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import initialise
from tests.unit.plugins.plugin_utils._status.status_world import parse
from tests.unit.plugins.plugin_utils._tools.tool_world import around, do


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    made = Policy("toy", "lab", f"file://{tmp_path}/ledger")
    do("ledger", made, "initialise")
    return made


def test_the_inventorys_own_ledger_where_none_is_named(policy: Policy) -> None:
    told = do("status", policy, "")
    assert told.lines[0] == "OK       toy/lab  nothing is recorded" and not told.red and not told.changed
    assert told.ledger is not None and told.event == {"status": "1 system: 1 ok", "lines": []}


@pytest.mark.parametrize("as_list", [False, True])
def test_ledgers_are_named_as_a_list_or_with_commas(policy: Policy, tmp_path: Path, as_list: bool) -> None:
    initialise(f"file://{tmp_path}/other", "other", "lab")
    urls = [policy.ledger, f"file://{tmp_path}/other", f"file://{tmp_path}/none", policy.ledger]
    told = do("status", policy, "show", ledgers=urls if as_list else ", ".join(urls))
    assert told.lines[0].startswith(f"UNKNOWN  file://{tmp_path}"[:30])
    assert told.red == "The status is red (status_fail_on=critical): 3 systems: 1 unknown, 2 ok"
    assert not do("status", policy, "show", ledgers=urls, fail_on="never").red


def test_a_hold_is_no_reason_to_be_red_but_an_unverified_release_may_be(policy: Policy) -> None:
    ledger = do("status", policy, "").ledger
    assert ledger is not None
    release = {"kind": "release", "component": "new", "id": "1" * 12, "digest": f"sha256:{'1' * 12}"}
    ledger.releases.append([release])
    assert not do("status", policy, "").red and do("status", policy, "", fail_on="warning").red


def test_an_unreadable_ledger_of_its_own_stops_nothing(policy: Policy, tmp_path: Path) -> None:
    (tmp_path / "ledger" / "identity").unlink()
    told = do("status", policy, "")
    assert told.ledger is None and "there is no ledger" in told.lines[1] and told.red


def test_numbers_are_written_and_a_full_disk_is_red(policy: Policy, tmp_path: Path) -> None:
    path = tmp_path / "steady.prom"
    do("status", policy, "", check=True, textfile=str(path))
    assert not path.exists()
    do("status", policy, "", textfile=str(path))
    assert parse(path.read_text())
    told = do("status", policy, "", textfile=str(tmp_path / "no" / "steady.prom"), fail_on="never")
    assert told.red == told.lines[-1].removeprefix("textfile: ") and "was not written" in told.red


def test_a_heartbeat_that_is_not_delivered_is_a_line(policy: Policy, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("http://127.0.0.1:1/canary")
    told = do("status", policy, "", heartbeat_url_file=str(tmp_path / "url"))
    assert told.lines[-1] == "heartbeat not delivered: nothing listens there" and not told.red
    assert "heartbeat" not in str(do("status", policy, "", check=True, heartbeat_url_env="BEAT").lines)
    assert around(policy).environment == {}


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"fail_on": "crtical"}, "status_fail_on is 'crtical'"),
        ({"heartbeat_url_file": "a", "heartbeat_url_env": "b"}, "The heartbeat's address is named twice"),
    ],
)
def test_wrong_options_are_named(policy: Policy, said: dict[str, str], sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        do("status", policy, "", **said)
