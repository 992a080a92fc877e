"""Every inventory keeps every rule, and every rule is seen failing once on a planted violation.

STEADY_INVENTORIES names directories of systems in other repositories (separated like PATH) that are held to the same.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._inventory.check import Inventory as Facts
from ansible_collections.steady.ops.plugins.module_utils._inventory.check import judge
from tests.contract import inventory_rules as rules
from tests.contract.inventory_rules import ENVIRONMENTS, RULES, Inventory
from tests.unit.plugins.lookup.test_inventory_facts import lookup
from tools.treehash import ROOT

OWN = ROOT / "inventories"
SYSTEMS = ("smartunderwrite", "audit_app", "accu", "sanvi", "asset_anchor")
OUTSIDE = [Path(path) for path in os.environ.get("STEADY_INVENTORIES", "").split(os.pathsep) if path]


def directories() -> list[Path]:
    return sorted(path for house in (OWN, *OUTSIDE) for path in house.iterdir() if path.is_dir())


ALL = [Inventory(directory, environment) for directory in directories() for environment in ENVIRONMENTS]


def test_the_five_systems_are_there() -> None:
    assert {path.name for path in OWN.iterdir() if path.is_dir()} == set(SYSTEMS)


@pytest.mark.parametrize("inventory", ALL, ids=lambda inventory: inventory.name)
def test_inventory_keeps_every_rule(inventory: Inventory) -> None:
    broken = [f"{rule.__name__}: {inventory.name} {sentence}" for rule in RULES for sentence in rule(inventory)]
    assert not broken, "\n".join(broken)


@pytest.fixture
def planted(tmp_path: Path) -> Inventory:
    """A copy of smartunderwrite's production to spoil."""
    shutil.copytree(OWN / "smartunderwrite", tmp_path / "smartunderwrite")
    return Inventory(tmp_path / "smartunderwrite", "production")


Rule = Callable[[Inventory], Iterator[str]]
FILE = "production.yml"
VALUES = "group_vars/production.yml"
API = "host_vars/api.yml"
# rule, file, what stands there, what is planted instead ("" adds to the end)
VIOLATIONS: list[tuple[Rule, str, str, str]] = [
    (rules.parses, FILE, "", "\n broken: ["),
    (rules.same_groups, FILE, "    monitoring: {}\n", ""),
    (rules.same_groups, FILE, "    redis: {}\n", "    redis: {}\n    queues: {}\n"),
    (rules.same_groups, FILE, "", "  vars: {api_url: somewhere}\n"),
    (rules.groups_and_hosts_only, FILE, "    redis: {}\n", "    redis: {vars: {component_kind: redis}}\n"),
    (rules.groups_and_hosts_only, FILE, "services: {hosts: {api: {}}}", "services: {hosts: {api: {port: 1}}}"),
    (rules.groups_and_hosts_only, FILE, "    production:\n", "    production:\n      children: {services: {}}\n"),
    (rules.environment_is_flat_and_complete, FILE, "database: {}, documents: {}}", "database: {}}"),
    (rules.environment_is_flat_and_complete, FILE, "ansible_group_priority: 10", "ansible_group_priority: 1"),
    (
        rules.environment_is_flat_and_complete,
        FILE,
        "    redis: {}\n",
        "    redis: {}\n    staging: {hosts: {api: {}}}\n",
    ),
    (rules.environment_wins, FILE, "      vars: {ansible_group_priority: 10}\n", ""),
    (rules.environment_wins, API, "", "planted_key: api\n"),
    (rules.interpreter_is_pinned, VALUES, 'ansible_python_interpreter: "{{ ansible_playbook_python }}"\n', ""),
    (rules.interpreter_is_pinned, API, "", "ansible_python_interpreter: auto_silent\n"),
    (rules.interpreter_is_pinned, API, "", "ansible_connection: ssh\n"),
    (rules.no_secret, VALUES, "", "database_password: hunter2\n"),
    (rules.no_secret, VALUES, "", "api_settings: {url: 'postgresql://u:hunter2hunter2@db/x'}\n"),
    (rules.no_secret, VALUES, "", "notes: AKIAIOSFODNN7EXAMPLE\n"),
    (rules.dependencies_exist, API, "[database, documents]", "[database, cache]"),
    (rules.dependencies_exist, "host_vars/database.yml", "component_depends_on: []", "component_depends_on: [api]"),
    (rules.components_say_what_they_are, API, "component_kind: http", "component_kind: website"),
    (rules.components_say_what_they_are, API, "component_platform: apprunner\n", ""),
    (rules.components_say_what_they_are, API, "component_reach: {via: direct}\n", ""),
    (rules.system_and_environment_are_said_once, "group_vars/all.yml", "ops_system: smartunderwrite", "ops_system: su"),
    (rules.system_and_environment_are_said_once, VALUES, "ops_environment: production", "ops_environment: prod"),
    (rules.system_and_environment_are_said_once, API, "", "ops_environment: production\n"),
    (rules.facts_of_the_lab_are_stated_or_required, VALUES, "api_service: smartunderwrite-api\n", ""),
    (rules.facts_of_the_lab_are_stated_or_required, "group_vars/lab.yml", "", "api_colour: blue\n"),
    (rules.required_facts_are_used, API, "ops_required: [api_service,", "ops_required: [api_colour,"),
    (rules.nothing_is_empty_text, VALUES, "", 'api_url: ""\n'),
    (rules.nothing_is_empty_text, VALUES, "", "api_url: https://smartunderwrite.example.com\n"),
]


def test_every_rule_has_a_planted_violation() -> None:
    assert {rule for rule, *_rest in VIOLATIONS} == set(RULES)


@pytest.mark.parametrize(("rule", "file", "old", "new"), VIOLATIONS)
def test_a_planted_violation_is_caught(planted: Inventory, rule: Rule, file: str, old: str, new: str) -> None:
    if rule is rules.facts_of_the_lab_are_stated_or_required and file == VALUES:
        # It is required as well, which would excuse its absence.
        page = planted.directory / API
        page.write_text(page.read_text().replace("ops_required: [api_service, ", "ops_required: ["))
    page = planted.directory / file
    text = page.read_text()
    assert old in text
    page.write_text(text.replace(old, new) if old else text + new)
    assert list(rule(planted)), f"{rule.__name__} does not see it"


def test_a_host_called_like_its_group_is_caught(planted: Inventory) -> None:
    for page in (planted.directory / FILE, planted.directory / API):
        page.write_text(page.read_text().replace("api: {}", "services: {}"))
    (planted.directory / API).rename(planted.directory / "host_vars/services.yml")
    assert any("called like a group" in sentence for sentence in rules.components_say_what_they_are(planted))


@pytest.mark.parametrize(
    "inventory", [each for each in ALL if each.directory.parent == OWN], ids=lambda each: each.name
)
def test_what_inventory_check_names_is_what_is_required_and_not_stated(inventory: Inventory, tmp_path: Path) -> None:
    """The lab states everything; elsewhere every finding is a missing fact, and each one's absence is on purpose."""
    copy = tmp_path / inventory.directory.name
    shutil.copytree(inventory.directory, copy)
    page = copy / "group_vars" / "lab.yml"
    page.write_text(re.sub(r"lookup\('steady\.ops\.lab', ('[^']+')\)", r"\1", page.read_text()))
    findings = judge(Facts.from_option(lookup(copy / f"{inventory.environment}.yml")))
    if inventory.environment == "lab":
        assert findings == []
    else:
        identity = {path for path in (str(each.value) for each in findings) if path.startswith("component_identity.")}
        assert {each.id for each in findings} == {"fact.missing"}
        assert {each.value for each in findings} <= inventory.required() | {"ops_ledger"} | identity
        assert "ops_ledger" in {each.value for each in findings}
        assert all("nobody has stated it" in each.message for each in findings)
