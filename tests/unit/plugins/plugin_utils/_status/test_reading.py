"""Reading a ledger of which nothing is known but its address."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._clock import parse_time
from ansible_collections.steady.ops.plugins.plugin_utils._incidents.standing import remember_override
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.chain import canonical
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.holds import Hold
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger
from ansible_collections.steady.ops.plugins.plugin_utils._schedules.register import Register
from ansible_collections.steady.ops.plugins.plugin_utils._status.reading import read_system
from ansible_collections.steady.ops.plugins.plugin_utils._status.system import Component, Unfinished
from tests.unit.plugins.plugin_utils._ledger.lease_world import holder
from tests.unit.plugins.plugin_utils._ledger.ledger_world import ledger
from tests.unit.plugins.plugin_utils._schedules.schedule_world import expected

__all__ = ["ledger"]


def serve(ledger: Ledger, number: int, **more: object) -> None:
    id = str(number) * 12
    release = {"kind": "release", "component": "api", "id": id, "digest": f"sha256:{id}", "version": f"1.{number}"}
    ledger.releases.append(
        [
            release,
            {"kind": "verdict", "component": "api", "release": id, "verdict": "verified"},
            {"kind": "served", "component": "api", "release": id, "how": "deploy", **more},
        ]
    )


def test_a_new_ledger_tells_that_there_is_nothing(ledger: Ledger) -> None:
    found = read_system(ledger.url)
    assert found.path == "toy/lab" and found.unread == () and found.components == ()
    assert (found.unfinished, found.leases, found.holds, found.incidents, found.overrides, found.missed) == ((),) * 6


def test_everything_that_stands_there_is_told(ledger: Ledger, tmp_path: Path) -> None:
    serve(ledger, 1)
    serve(ledger, 2, at="2026-11-19T12:00:00Z")
    change = {"kind": "intent", "run": "01", "runbook": "deploy", "components": {"web": {}}, "state": "open"}
    ledger.releases.append([change])
    now = ledger.store.now()
    ledger.holds.place(Hold("toy/lab/api", "why", now + timedelta(hours=1), "ann", now))
    ledger.leases.acquire(["toy/lab/api"], holder("02", tmp_path))
    Register(ledger.store).expect([expected().registered("desk", now - timedelta(days=3))])
    found = read_system(ledger.url)
    assert found.components is not None and found.unread == ()
    assert found.components[0] == Component(
        "api", "1.2", parse_time("2026-11-19T12:00:00Z"), "verified", way_back="1.1"
    )
    assert found.unfinished == (Unfinished("deploy", "01", ("web",)),) and found.leases == ("toy/lab/api",)
    assert found.holds is not None and found.holds[0].text == "why (ann)"
    assert found.missed is not None and found.missed[0].count in (2, 3)


def test_an_override_stays_until_it_is_acknowledged(ledger: Ledger) -> None:
    used = {
        "run": "01C",
        "incident": "INC-1",
        "overrides": [{"gate": "window"}],
        "runbook": "rollback",
        "reason": "why",
    }
    remember_override(ledger, {**used, "who": {"user": "ann"}, "action": "rollback"})
    (told,) = read_system(ledger.url).overrides or ()
    assert told.about == "01C" and "window by ann" in told.text and told.text.endswith(": why")


@pytest.mark.parametrize(
    ("key", "data", "part"),
    [
        ("holds", "{}", "holds"),
        ("leases", "[]", "leases"),
        ("incidents", "{", "incidents"),
        ("schedules", "{", "schedules"),
        ("releases/head", "{", "releases"),
    ],
)
def test_a_damaged_part_hides_no_other(ledger: Ledger, tmp_path: Path, key: str, data: str, part: str) -> None:
    path = tmp_path / "ledger" / key
    path.unlink(missing_ok=True)
    path.write_text(data)
    found = read_system(ledger.url)
    assert part in [name for name, _why in found.unread] and found.path == "toy/lab"
    assert sum(each is None for each in (found.holds, found.leases, found.incidents, found.missed)) <= 1


def test_a_corrupt_history_is_that_components_own(ledger: Ledger) -> None:
    serve(ledger, 1)
    ledger.releases.append([{"kind": "served", "component": "web", "release": "none", "how": "deploy"}])
    ledger.releases.append([{"kind": "served", "component": 7, "release": "none"}])
    api, web = read_system(ledger.url).components or ()
    assert api.release == "1.1" and "which was never recorded" in web.unknown


def test_a_component_that_never_served_and_what_is_no_record(ledger: Ledger) -> None:
    release = {"kind": "release", "component": "new", "id": "1" * 12, "digest": f"sha256:{'1' * 12}"}
    ledger.releases.append([release])
    assert read_system(ledger.url).components == (Component("new"),)
    found = ledger.store.read("releases/head")
    assert found is not None
    entry = {"sequence": 2, "previous": json.loads(found.data)["hash"], "at": "x", "records": ["none"]}
    ledger.store.put_if_absent(f"releases/entries/{2:012d}", canonical(entry))
    told = read_system(ledger.url)
    assert ("releases", "it is damaged (AttributeError)") in told.unread and told.components is None


@pytest.mark.parametrize(
    ("identity", "why"),
    [("{", "its identity is damaged"), ("{}", "its identity is damaged"), ("[]", "its identity is damaged")],
)
def test_what_keeps_a_ledger_from_telling_is_said(ledger: Ledger, tmp_path: Path, identity: str, why: str) -> None:
    (tmp_path / "ledger" / "identity").unlink()
    assert read_system(ledger.url).unknown == "there is no ledger."
    (tmp_path / "ledger" / "identity").write_text(identity)
    assert read_system(ledger.url).unknown == why


def test_no_address_shows_its_password() -> None:
    found = read_system("postgresql://ops:hunter2@db/ledger")
    assert "hunter2" not in repr(found) and found.unknown
    assert read_system("nonsense").unknown
