"""How the hosts of a fleet stand, as the ledger tells it."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._runs.standings import last_left, newest, standings
from ansible_collections.steady.ops.plugins.plugin_utils._runs.units import Unit
from tests.unit.plugins.plugin_utils._runs.fleet_ledger import intent, release, returned, served

HOSTS = ("api-1", "api-2")


def test_a_host_that_nobody_deployed_to_serves_nothing_known() -> None:
    known = standings(HOSTS, [], [*served("1", "api-1"), *served("9", "web")])
    assert [standing.id for standing in known.values()] == [release("1").id, ""]
    assert newest(known) == release("1").id
    assert newest(standings(HOSTS, [], [])) == ""


def test_a_switch_outside_of_an_open_unit_is_unfinished() -> None:
    records = [*served("1", *HOSTS), *intent("api-1", "1", "2", unit="r1"), *intent("api-2", "1", "3")]
    known = standings(HOSTS, [Unit("r1", "deploy", HOSTS)], records)
    assert [standing.unfinished is not None for standing in known.values()] == [False, True]
    assert [standing.id for standing in known.values()] == [release("1").id, release("3").id]
    assert newest(known) == release("3").id


def test_an_unfinished_rollback_is_finished() -> None:
    records = [*served("1", *HOSTS), *served("2", *HOSTS), *intent("api-1", "2", "1", runbook="rollback", unit="r1")]
    known = standings(HOSTS, [Unit("r1", "rollback", HOSTS)], records)
    assert [standing.id for standing in known.values()] == [release("1").id, release("2").id]


def test_the_newest_switch_is_about_what_it_brought_or_left() -> None:
    records = [*intent("api-1", "1", "2"), *intent("web", "1", "5"), {"kind": "intent", "components": {"api-1": {}}}]
    assert last_left(HOSTS, records) == release("2")
    assert last_left(HOSTS, [*records, *intent("api-2", "4", "1", runbook="undo")]) == release("4")
    assert last_left(HOSTS, [*records, *intent("api-2", "", "1", runbook="undo")]) is None
    assert last_left(HOSTS, [{"kind": "intent"}]) is None


@pytest.mark.parametrize(("selector", "left"), [("2", True), ("1", False), ("3", False)])
def test_a_release_is_left_by_a_rollback_from_it(selector: str, left: bool) -> None:
    records = [*served("1", "api-1"), *served("2", "api-1"), *returned("2", "1", "api-1")]
    assert standings(["api-1"], [], records)["api-1"].left(selector) is left


def test_a_corrupt_history_names_its_host() -> None:
    with pytest.raises(InvalidInput, match="of api-2 lacks or misstates"):
        standings(HOSTS, [], [{"kind": "served", "component": "api-2"}])
