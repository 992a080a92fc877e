"""The gate of units: a run over part of an unfinished one, and over all of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import (
    Batch,
    Component,
    Policy,
    Request,
    Says,
)
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import initialise
from ansible_collections.steady.ops.plugins.plugin_utils._runs.next_command import Commands
from ansible_collections.steady.ops.plugins.plugin_utils._runs.unit_gate import course_of, judge
from ansible_collections.steady.ops.plugins.plugin_utils._runs.units import Unit
from tests.unit.plugins.plugin_utils._runs.fleet_ledger import intent, release, returned, served


def request(*components: str) -> Request:
    return Request(
        runbook="deploy",
        action="deploy",
        risk="change",
        policy=Policy("shop", "lab", "file:///nowhere"),
        objects=(),
        components=tuple(Component(name) for name in components),
        wish={"release": "2"},
    )


def test_a_part_of_an_unfinished_unit_is_refused_and_all_of_it_passes(tmp_path: Path) -> None:
    ledger, _made = initialise(f"file://{tmp_path}/ledger", "shop", "lab")
    ledger.releases.append([Unit("r1", "deploy", ("web", "api"), {"release": "2"}).record("shop/lab", "open")])
    (verdict,) = judge(request("api"), "now", ledger)
    assert (verdict.gate, verdict.says, verdict.firm) == ("unit", Says.REFUSE, True)
    assert "this run leaves out web" in verdict.sentence
    assert judge(request("web", "api"), "now", ledger) == []
    found = course_of(request("web", "api"), "now", ledger)
    assert found is not None
    assert [step.unit.run for step in found.switch] == ["r1", "r1"]


def test_without_a_ledger_nothing_is_known_to_be_unfinished() -> None:
    found = course_of(request("web"), "now", None)
    assert found is not None
    assert [step.component for step in found.switch] == ["web"]


def test_where_each_stands_for_itself_there_are_no_steps() -> None:
    assert course_of(replace(request("web"), wish=None), "now", None) is None


def fleet(said: str, *, name: str = "api") -> Request:
    asked = request("web", "api-1", "api-2")
    hosts = tuple(replace(each, fleet=name if each.name.startswith("api") else "") for each in asked.components)
    commands = Commands(["ansible-playbook", "deploy.yml", "-e", f"deploy_batch={said}", "-e", "deploy_release=2"])
    return replace(asked, components=hosts, batch=Batch("deploy_batch", said), commands=commands)


def test_a_share_of_a_fleet_is_taken() -> None:
    found = course_of(fleet("1"), "now", None)
    assert found is not None
    assert [step.component for step in found.switch] == ["web", "api-1"]
    assert found.told == ("fleet api: 1 of 2 hosts serve 2; run the same command again for the next share",)
    assert judge(fleet("1"), "now", None) == []


def test_the_unfinished_share_of_another_release_is_settled_whole(tmp_path: Path) -> None:
    ledger, _made = initialise(f"file://{tmp_path}/ledger", "shop", "lab")
    ledger.releases.append([Unit("r1", "deploy", ("api-1", "api-2"), {"release": "1"}).record("shop/lab", "open")])
    found = course_of(fleet("1"), "now", ledger)
    assert found is not None
    assert [step.component for step in found.settle] == ["api-2", "api-1"]
    assert [step.component for step in found.switch] == ["web", "api-1"]


def test_a_host_with_a_killed_deploy_leaves_that_release_and_no_other(tmp_path: Path) -> None:
    ledger, _made = initialise(f"file://{tmp_path}/ledger", "shop", "lab")
    ledger.releases.append([*served("1", "api-1", "api-2"), *intent("api-2", "1", "2")])
    wanted = replace(fleet("1"), action="rollback", wish={}, batch=None)
    found = course_of(wanted, "now", ledger)
    assert found is not None
    assert [(step.component, dict(step.options)) for step in found.switch] == [
        ("web", {"state": "rolled_back"}),
        ("api-2", {"state": "rolled_back", "rollback_from": release("2").id}),
    ]


def test_a_rollback_with_nothing_to_bring_back_names_the_way_further_back(tmp_path: Path) -> None:
    ledger, _made = initialise(f"file://{tmp_path}/ledger", "shop", "lab")
    ledger.releases.append([*served("1", "api-1", "api-2"), *served("2", "api-1"), *returned("2", "1", "api-1")])
    wanted = replace(fleet("1"), action="rollback", wish={}, batch=None)
    (verdict,) = judge(wanted, "now", ledger)
    assert verdict.sentence.endswith("never came to api-2, so there is nothing to bring back.")
    assert verdict.next.endswith(f"rollback -e rollback_from={release('1').id}")


@pytest.mark.parametrize(
    ("said", "name", "sentence", "following"),
    [
        ("half", "api", "deploy_batch is 'half', neither", "deploy.yml -e deploy_release=2 -e deploy_batch=1"),
        ("1", "", "deploy_batch is '1', and no host of this run belongs to a fleet", "deploy.yml -e deploy_release=2"),
    ],
)
def test_a_share_that_says_nothing_is_refused_with_a_whole_command(
    said: str, name: str, sentence: str, following: str
) -> None:
    (verdict,) = judge(fleet(said, name=name), "now", None)
    assert (verdict.gate, verdict.says, verdict.firm) == ("unit", Says.REFUSE, True)
    assert verdict.sentence.startswith(sentence)
    assert verdict.next == f"ansible-playbook {following}"
