"""The lookup inventory_facts on real inventory files: what is there, what is not, and never a value."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager

from ansible_collections.steady.ops.plugins.lookup.inventory_facts import LookupModule

Gather = Callable[..., dict[str, Any]]
INVENTORY = """
all:
  children:
    services: {hosts: {api: {}}}
    postgres: {hosts: {database: {}}}
    lab: {hosts: {api: {}, database: {}}}
"""
LAB = """
ops_system: accu
ops_environment: lab
ops_ledger: file:///nowhere
api_connection: {region: us-east-1, secret_key: canary-secret}
api_identity: {}
"""
API = """
component_kind: http
component_platform: kubernetes
component_options: {context: "{{ kube_context }}", namespace: "{{ 1 / 0 }}"}
component_probe: {url: "{{ api_url }}/health", max_ms: "{{ 'x' | int_of }}"}
component_depends_on: [database]
component_identity: "{{ api_identity }}"
aws_connection: "{{ api_connection }}"
ops_required: [kube_context, api_connection.region, aws_connection.secret_key, api_identity, api_url]
ops_required_system: [ops_contacts.owner]
"""


def lookup(inventory: Path) -> dict[str, Any]:
    """Run the lookup as a play of this inventory would."""
    loader = DataLoader()
    manager = InventoryManager(loader=loader, sources=[str(inventory)])
    variables = VariableManager(loader=loader, inventory=manager)
    hostvars = HostVars(manager, variables, loader)
    known = {"hostvars": hostvars, "groups": manager.get_groups_dict()}
    return dict(LookupModule(loader=loader, templar=Templar(loader=loader)).run([], variables=known)[0])


@pytest.fixture
def gather(tmp_path: Path) -> Gather:
    def write(api: str = API, lab: str = LAB) -> dict[str, Any]:
        for folder in ("group_vars", "host_vars"):
            (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / "lab.yml").write_text(INVENTORY)
        (tmp_path / "group_vars/lab.yml").write_text(lab)
        (tmp_path / "host_vars/api.yml").write_text(api)
        facts = lookup(tmp_path / "lab.yml")
        return {"groups": facts["groups"], **{host["name"]: host for host in facts["hosts"]}}

    return write


def test_each_component_says_what_it_is(gather: Gather) -> None:
    facts = gather()
    assert set(facts["groups"]) == {"all", "ungrouped", "services", "postgres", "lab"}
    api = facts["api"]
    assert (api["system"], api["environment"], api["kind"], api["platform"]) == ("accu", "lab", "http", "kubernetes")
    assert (api["groups"], api["depends_on"]) == (["lab", "services"], ["database"])
    assert api["variables"] == ["ops_environment", "ops_ledger", "ops_required", "ops_required_system", "ops_system"]


def test_what_nobody_stated_is_missing_and_what_is_stated_is_not(gather: Gather) -> None:
    missing = gather()["api"]["missing"]
    not_stated = {path for path, reason in missing.items() if reason == "nobody has stated it"}
    assert not_stated == {"kube_context", "api_url", "api_identity", "ops_contacts.owner"}
    assert missing["component_probe.url"] == "'api_url' is undefined"
    assert set(missing) - not_stated == {"component_probe.url"}


def test_a_missing_fact_is_traced_to_where_its_value_is_taken_from(gather: Gather) -> None:
    asked = "ops_required: [aws_connection.region, aws_connection.x, component_options.a.b, round.x]\n"
    given = (
        "aws_connection: '{{ api_connection }}'\ncomponent_options: {a: '{{ api_options }}'}\nround: '{{ round }}'\n"
        "component_kind: http\ncomponent_probe: '{{ probes.api }}'\n"
    )
    taken = gather(given + asked)["api"]["taken_from"]
    assert taken == {
        "aws_connection.x": "api_connection.x",
        "component_probe.url": "probes.api.url",
    }


def test_one_value_that_cannot_be_templated_leaves_the_others_readable(gather: Gather) -> None:
    broken = gather()["api"]["broken"]
    assert set(broken) == {"component_options", "component_probe"}
    assert "kube_context" in broken["component_options"]
    stated = API.replace('"{{ kube_context }}"', "here").replace("{{ api_url }}", "http://localhost")
    broken = gather(stated)["api"]["broken"]
    assert "division by zero" in broken["component_options"]
    assert "int_of" in broken["component_probe"]


def test_a_component_that_states_nothing_lacks_its_kind(gather: Gather) -> None:
    assert gather(lab="ops_system: accu\n")["database"]["missing"] == {
        "ops_environment": "nobody has stated it",
        "ops_ledger": "nobody has stated it",
        "component_kind": "nobody has stated it",
    }


def test_no_value_leaves_the_inventory(gather: Gather) -> None:
    assert "canary-secret" not in repr(gather())


def test_what_the_guard_registers_is_no_part_of_the_inventory(gather: Gather) -> None:
    assert "ops_run" not in gather(API + "ops_run: {run: 1}\n")["api"]["variables"]
