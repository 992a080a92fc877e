"""From what a play says to a request."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import Batch, Component, Policy, Request, Says
from ansible_collections.steady.ops.plugins.plugin_utils._runs.arguments import Asked
from ansible_collections.steady.ops.plugins.plugin_utils._runs.asking import (
    Value,
    components_of,
    objects_of,
    read_policy,
    request_of,
    softened,
)
from ansible_collections.steady.ops.plugins.plugin_utils._runs.contract import validate
from ansible_collections.steady.ops.plugins.plugin_utils._runs.next_command import Commands

GOOD = {"ops_system": "toy", "ops_environment": "lab", "ops_ledger": "file:///l"}
COMMANDS = Commands(["ansible-playbook", "x.yml"])
WHERE = Policy("toy", "lab", "file:///l")


def values(**hosts: dict[str, object]) -> Value:
    return lambda host, name: hosts[host].get(name)


def test_one_policy_of_all_hosts() -> None:
    value = values(api={**GOOD, "ops_approvers": ""}, web={**GOOD, "ops_freezes": ["x"]})
    groups = {"api": ["lab"], "web": ["lab"]}
    assert read_policy(["api", "web"], value, groups, ["value"]) == (replace(WHERE, freezes=["x"]), [])


def test_typed_policy_hides_what_the_inventory_says_and_is_refused_first() -> None:
    policy, verdicts = read_policy(["api"], values(api={}), {"api": ["lab", "production"]}, ["ops_ledger"])
    assert policy is None and [verdict.sentence.split(" ")[0] for verdict in verdicts] == ["ops_ledger"]


def test_groups_and_keys_are_judged_together() -> None:
    policy, verdicts = read_policy(["api"], values(api={}), {"api": ["lab", "production"]}, [])
    assert policy is None and len(verdicts) == 4
    policy, verdicts = read_policy(["api"], values(api=dict(GOOD)), {"api": ["staging"]}, [])
    assert policy == WHERE and [verdict.sentence for verdict in verdicts] == [
        "api is in the group staging but its ops_environment is lab"
    ]
    (soft,) = softened(verdicts)
    assert (soft.says, soft.sentence, soft.remedy) == (Says.UNKNOWN, verdicts[0].sentence, verdicts[0].remedy)


def test_components_are_described_and_connections_read_only_for_an_identity() -> None:
    asked: list[tuple[str, str]] = []
    connection = {"profile": "p"}
    known: dict[str, dict[str, object]] = {
        "api": {"component_identity": {"aws_account": "1"}, "aws_connection": connection, "component_platform": "x"},
        "edge": {"component_identity": {"region": "r"}, "aws_connection": "no dictionary"},
        "web": {"component_identity": "no dictionary", "aws_connection": connection},
        "cache": {"component_identity": {"machine_id": "m"}, "component_platform_role": "acme.x.deploy"},
    }

    def value(host: str, name: str) -> object:
        asked.append((host, name))
        return known[host].get(name)

    api, edge, web, cache = components_of(list(known), value, {name: ["lab", name] for name in known})
    assert (api.identity, api.aws_connection, api.platform) == ({"aws_account": "1"}, connection, "x")
    assert (edge.identity, edge.aws_connection) == ({"region": "r"}, {})
    assert (web.identity, web.aws_connection, web.groups) == ({}, {}, {"lab", "web"})
    assert (cache.identity, cache.platform, cache.platform_role) == ({"machine_id": "m"}, "", "acme.x.deploy")
    assert [host for host, name in asked if name == "aws_connection"] == ["api", "edge"]


@pytest.mark.parametrize(("said", "fleet"), [(None, ""), ("api", "api"), (" api ", "api")])
def test_a_host_may_belong_to_a_fleet(said: object, fleet: str) -> None:
    (found,) = components_of(["api-1"], values(**{"api-1": {"component_fleet": said}}), {"api-1": ["lab"]})
    assert found.fleet == fleet


@pytest.mark.parametrize("said", ["", " ", ["api"], True, 3])
def test_a_fleet_without_a_name_is_refused(said: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        components_of(["api-1"], values(**{"api-1": {"component_fleet": said}}), {"api-1": ["lab"]})
    assert str(caught.value) == (
        f"component_fleet of api-1 is {said!r}, which is no name. Write one word, such as component_fleet: api, for the"
        " group that holds the fleet's hosts."
    )


CONTRACT = validate(
    "swap",
    {
        "purpose": "Swap.",
        "place": "controller",
        "procedures": ["SU-1"],
        "platforms": ["apprunner"],
        "actions": {
            "show": {"risk": "read"},
            "swap": {
                "risk": "destructive",
                "disruptive": True,
                "objects": ["component", "environment"],
                "extra_gates": ["freeze"],
            },
        },
    },
)
HOSTS = (Component("api"), Component("web"))


def test_a_runbooks_request_is_what_its_contract_says() -> None:
    typed = {"ops_confirm": " toy/lab/api , toy/lab", "ops_override": ["window", " "]}
    asked = Asked("swap", tool=False)
    request = request_of(asked, CONTRACT, "swap", WHERE, HOSTS, typed, check=True, commands=COMMANDS)
    assert request == Request(
        runbook="swap",
        action="swap",
        risk="destructive",
        policy=WHERE,
        objects=("toy/lab", "toy/lab/api", "toy/lab/web"),
        components=HOSTS,
        check=True,
        disruptive=True,
        extra_gates=frozenset({"freeze"}),
        platforms=("apprunner",),
        procedures=("SU-1",),
        confirm="toy/lab/api,toy/lab",
        override=("window",),
        commands=COMMANDS,
    )
    shown = request_of(asked, CONTRACT, "", WHERE, HOSTS, typed, check=False, commands=COMMANDS)
    assert (shown.action, shown.risk, shown.check, shown.disruptive) == ("show", "read", False, False)


@pytest.mark.parametrize(("said", "batch"), [("25%", Batch("swap_batch", "25%")), ("", None)])
def test_a_request_over_a_unit_says_what_is_wanted_of_it_and_of_how_much(said: str, batch: Batch | None) -> None:
    action = {
        "risk": "change",
        "unit": {"release": "swap_release"},
        "batch": "swap_batch",
        "requires": ["swap_release", "swap_reason"],
    }
    contract = validate("swap", {"purpose": "Swap.", "place": "controller", "actions": {"swap": action}})
    wishes = {"swap_release": "2", "swap_batch": said, "swap_reason": ""}
    asked = Asked("swap", tool=False)
    request = request_of(asked, contract, "", WHERE, HOSTS, {}, check=False, commands=COMMANDS, wish=wishes.__getitem__)
    assert (request.wish, request.batch) == ({"release": "2"}, batch)
    assert request.lacks == ("swap_reason",)


def test_a_tools_request_is_what_its_play_says() -> None:
    asked = Asked("inspect", True, "break", "change", ("web",), True)
    request = request_of(asked, None, "", WHERE, HOSTS, {}, check=False, commands=COMMANDS)
    assert request == Request(
        runbook="inspect",
        action="break",
        risk="change",
        policy=WHERE,
        objects=("toy/lab/web",),
        components=HOSTS,
        tool=True,
        disruptive=True,
        commands=COMMANDS,
    )
    assert request_of(asked, None, "", WHERE, (), {}, check=False, commands=COMMANDS).objects == ("toy/lab/web",)


@pytest.mark.parametrize("flag", [True, "true", ["true"], 1])
def test_a_flag_never_becomes_a_path(flag: object) -> None:
    request = request_of(
        Asked("swap", tool=False),
        CONTRACT,
        "swap",
        WHERE,
        HOSTS,
        {"ops_confirm": flag},
        check=False,
        commands=COMMANDS,
    )
    assert not set(request.confirm.split(",")) & set(request.objects)


def test_what_keeps_the_ledgers_books_has_no_object_and_meets_the_gates_of_a_tool() -> None:
    actions = {"open": {"risk": "change", "objects": ["ledger"]}}
    contract = validate("incident", {"purpose": "x", "place": "controller", "actions": actions})
    asked = Asked("incident", tool=False)
    request = request_of(asked, contract, "open", WHERE, (), {}, check=False, commands=COMMANDS)
    assert (request.objects, request.tool, request.pinned, request.changes) == ((), True, "the ledger", True)


def test_objects_are_full_paths_in_one_order() -> None:
    words = ["component", "environment", "database", "toy/lab/x"]
    assert objects_of(words, Policy("toy", "lab", ""), ["web", "api"]) == (
        "toy/lab",
        "toy/lab/api",
        "toy/lab/database",
        "toy/lab/web",
        "toy/lab/x",
    )


def test_a_placeholder_that_was_copied_is_nothing_said() -> None:
    asked = Asked("inspect", True, "break", "change", ("web",), True)
    typed = {"ops_incident": "ID", "ops_reason": "REASON", "ops_override": "hold"}
    request = request_of(asked, None, "", WHERE, HOSTS, typed, check=False, commands=COMMANDS)
    assert (request.incident, request.reason, request.override) == ("", "", ("hold",))
