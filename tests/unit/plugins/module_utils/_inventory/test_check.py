"""What the facts of an inventory amount to, sentence by sentence."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.module_utils._findings import Finding
from ansible_collections.steady.ops.plugins.module_utils._inventory.check import Host, Inventory, find_circle, judge
from ansible_collections.steady.ops.plugins.module_utils._inventory.vocabulary import GROUPS

USUAL_GROUPS = ("all", "ungrouped", *GROUPS, "production")


def host(name: str = "api", **changes: Any) -> Host:
    values: dict[str, Any] = {
        "groups": ("production", "services"),
        "system": "accu",
        "environment": "production",
        "kind": "http",
        "platform": "kubernetes",
        "variables": ("ops_environment", "ops_system"),
    }
    return Host(name, **{**values, **changes})


def judged(*hosts: Host, groups: tuple[str, ...] = USUAL_GROUPS) -> list[Finding]:
    return judge(Inventory(groups, hosts))


def test_an_inventory_in_order_has_no_finding() -> None:
    assert judged(host(), host("database", groups=("production", "postgres"), platform=None, kind="postgres")) == []


@pytest.mark.parametrize(
    ("changes", "id", "message"),
    [
        ({"groups": ("services",)}, "group.environment", "api stands in no environment group"),
        (
            {"groups": ("lab", "production")},
            "group.environment",
            "api stands in the groups lab and production",
        ),
        (
            {"environment": "lab"},
            "group.environment",
            "api stands in the group production and its ops_environment is lab",
        ),
        (
            {"variables": ("ops_confirm",)},
            "policy.run_variable",
            "ops_confirm belongs to one run and not into an inventory",
        ),
        ({"variables": ("ops_window",)}, "policy.unknown", "No gate reads ops_window"),
        ({"kind": "website"}, "component.kind", "The component_kind of api is website"),
        ({"platform": None}, "component.platform", "api is a service and states no component_platform"),
        (
            {"depends_on": ("database",)},
            "depends_on.unknown",
            "api depends on database, which the inventory does not hold",
        ),
        ({"depends_on": ("api",)}, "depends_on.circle", "Components depend on each other in a circle: api -> api"),
        (
            {"missing": {"api_url": "nobody has stated it"}},
            "fact.missing",
            "api_url is missing for api: nobody has stated it",
        ),
        (
            {"broken": {"component_probe": "the lab is not up"}},
            "value.broken",
            "component_probe of api cannot be read: the lab is not up",
        ),
    ],
)
def test_one_thing_wrong_is_one_finding(changes: dict[str, Any], id: str, message: str) -> None:
    found = judged(host(**changes))
    assert [(finding.id, finding.message, finding.severity.value) for finding in found] == [(id, message, "critical")]
    assert found[0].remedy


def test_an_empty_inventory_is_no_inventory_in_order() -> None:
    assert [finding.message for finding in judged()] == ["The inventory holds no component"]


def test_a_part_of_a_group_is_no_unknown_group() -> None:
    fleet = host(groups=("services", "api_fleet", "production"))
    assert "group.unknown" not in [item.id for item in judged(fleet, groups=(*USUAL_GROUPS, "api_fleet"))]
    lost = host(groups=("servcies", "production"))
    assert "group.unknown" in [item.id for item in judged(lost, groups=(*USUAL_GROUPS, "servcies"))]


def test_groups_are_the_same_everywhere() -> None:
    found = judged(host(), groups=(*(group for group in USUAL_GROUPS if group != "redis"), "queues"))
    assert [(finding.message, finding.severity.value) for finding in found] == [
        ("The group redis is missing", "critical"),
        ("No play knows the group queues", "warning"),
    ]


def test_two_systems_in_one_inventory_are_named() -> None:
    found = judged(host(), host("frontend", system="sanvi"))
    assert [finding.message for finding in found] == ["The inventory mixes the systems accu, sanvi"]


def test_one_missing_fact_is_one_finding_for_all_that_lack_it() -> None:
    missing = {"kube_context": "nobody has stated it"}
    found = judged(host(missing=missing), host("frontend", missing=missing))
    assert [finding.message for finding in found] == [
        "kube_context is missing for every component: nobody has stated it"
    ]
    assert (found[0].value, found[0].remedy) == ("kube_context", "State it in group_vars/production.yml.")

    found = judged(host(missing=missing), host("frontend", missing=missing), host("gateway"))
    assert found[0].message == "kube_context is missing for api, frontend: nobody has stated it"


def test_a_fact_belongs_where_its_component_takes_it_from() -> None:
    path = "component_identity.aws_account"
    lacking = {path: "nobody has stated it"}
    taken = host(missing=lacking, taken_from={path: "api_identity.aws_account"})
    (found,) = judged(taken, host("web", missing=lacking))
    assert found.remedy == (
        "State api_identity.aws_account in group_vars/production.yml. State it in host_vars/web.yml."
    )
    (found,) = judged(host(missing={"aws_connection.region": "nobody has stated it"}))
    assert found.remedy == "State it in host_vars/api.yml."


def test_what_is_made_from_a_missing_fact_is_not_told_again() -> None:
    missing = {
        "machine_address": "nobody has stated it",
        "api_url": "'machine_address' is undefined",
        "cache_connection.login_host": "nobody has stated it",
    }
    broken = {
        "api_url": "'machine_address' is undefined",
        "ansible_host": "'machine_address' is undefined",
        "component_options": "object of type 'dict' has no attribute 'login_host'",
    }
    found = judged(host(missing=missing, broken=broken))
    assert [finding.value for finding in found] == ["cache_connection.login_host", "machine_address"]


def test_a_remedy_names_no_file_when_the_environment_is_unknown() -> None:
    found = judged(host(environment=None, missing={"ops_environment": "nobody has stated it"}))
    assert found[0].remedy == "State it in group_vars/<environment>.yml."


@pytest.mark.parametrize(
    ("needs", "circle"),
    [
        ({}, []),
        ({"a": ("b", "c"), "b": ("d",), "c": ("d",), "d": ()}, []),
        ({"a": ("elsewhere",)}, []),
        ({"a": ("b",), "b": ("c",), "c": ("b",)}, ["b", "c", "b"]),
    ],
)
def test_a_circle_is_found(needs: dict[str, tuple[str, ...]], circle: list[str]) -> None:
    assert find_circle(needs) == circle


def test_an_inventory_is_read_from_what_the_lookup_gives() -> None:
    facts = {"groups": ["all"], "hosts": [{"name": "b"}, {"name": "a", "groups": ["lab"], "missing": {"x": "y"}}]}
    read = Inventory.from_option(facts)
    assert [host.name for host in read.hosts] == ["a", "b"]
    assert read.hosts[0].groups == ("lab",) and read.hosts[0].missing == {"x": "y"}


@pytest.mark.parametrize("facts", [{}, {"groups": [], "hosts": [{"colour": "blue"}]}, {"groups": [], "hosts": ["api"]}])
def test_anything_else_is_refused_with_the_way_on(facts: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        Inventory.from_option(facts)
    assert refused.value.remedy == "Pass facts: \"{{ lookup('steady.ops.inventory_facts') }}\"."
