"""What holds for every inventory, each rule a function from one inventory to sentences about what breaks it.

An inventory is a system's directory and an environment. Rules read the files, and Ansible's own answer to what a host's
variables are; nothing is templated, so neither a lab nor a collection has to be there.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.vars.manager import VariableManager

from ansible_collections.steady.ops.plugins.module_utils._inventory.check import find_circle
from ansible_collections.steady.ops.plugins.module_utils._inventory.vocabulary import ENVIRONMENTS, GROUPS, KIND_FACTS
from ansible_collections.steady.ops.plugins.module_utils._redact import redact_shapes

SECRET_NAME = re.compile(r"password|secret|token|access_key|private_key|credential", re.IGNORECASE)
REFERENCE_ONLY = re.compile(r"^\s*\{\{.*\}\}\s*$", re.DOTALL)
# What a lab's fakes accept in place of a credential: any word will do, and this one says that it is none.
NO_CREDENTIAL = "no-credential-in-the-lab"
LOCAL_PYTHON = "{{ ansible_playbook_python }}"
PINNED_PYTHON = re.compile(r"^/[\w/.-]*python3[\d.]*$")


@dataclass(frozen=True)
class Inventory:
    """One environment of one system, as its files and as Ansible see it."""

    directory: Path
    environment: str

    @property
    def name(self) -> str:
        return f"{self.directory.name}/{self.environment}"

    @cached_property
    def file(self) -> dict[str, Any]:
        return self.read(f"{self.environment}.yml")

    @cached_property
    def children(self) -> dict[str, Any]:
        return dict(self.file["all"]["children"])

    @cached_property
    def hosts(self) -> dict[str, dict[str, Any]]:
        """Each host's variables, untemplated."""
        loader = DataLoader()
        manager = InventoryManager(loader=loader, sources=[str(self.directory / f"{self.environment}.yml")])
        variables = VariableManager(loader=loader, inventory=manager)
        return {
            host.name: dict(variables.get_vars(host=host, include_hostvars=False)) for host in manager.get_hosts("all")
        }

    def read(self, path: str) -> dict[str, Any]:
        """A file below the system's directory; nothing when it does not exist."""
        file = self.directory / path
        return (yaml.safe_load(file.read_text()) or {}) if file.is_file() else {}

    def values(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        """Every file of group and host variables."""
        for file in sorted(self.directory.glob("*_vars/*.yml")):
            yield file, yaml.safe_load(file.read_text()) or {}

    def required(self) -> set[str]:
        """The key paths that any component of the inventory requires."""
        lists = [host.get(key) or [] for host in self.hosts.values() for key in ("ops_required", "ops_required_system")]
        return {path for paths in lists for path in paths}


def parses(inventory: Inventory) -> Iterator[str]:
    """It is YAML that Ansible takes, and holds a host."""
    if not inventory.hosts:
        yield "holds no host"


def same_groups(inventory: Inventory) -> Iterator[str]:
    """The file holds the same groups everywhere, in order, its environment's group last."""
    wanted = [*GROUPS, inventory.environment]
    if list(inventory.children) != wanted:
        yield f"has the groups {list(inventory.children)}, wanted {wanted}"
    if set(inventory.file) != {"all"} or set(inventory.file["all"]) != {"children"}:
        yield "holds more than groups"


def groups_and_hosts_only(inventory: Inventory) -> Iterator[str]:
    """Values stand in group_vars and host_vars; only the environment's group carries its priority."""
    for group, body in inventory.children.items():
        wanted = {"hosts", "vars"} if group in ENVIRONMENTS else {"hosts"}
        if not set(body) <= wanted:
            yield f"group {group} holds {sorted(set(body) - wanted)}: groups are flat and values stand in group_vars"
        for host, values in (body.get("hosts") or {}).items():
            if values:
                yield f"host {host} in {group} holds values: they stand in host_vars/{host}.yml"


def environment_is_flat_and_complete(inventory: Inventory) -> Iterator[str]:
    """The environment's group lists every host once, with priority 10, and no host stands in another environment."""
    body = inventory.children.get(inventory.environment) or {}
    if (body.get("vars") or {}) != {"ansible_group_priority": 10}:
        yield f"group {inventory.environment} lacks vars: {{ansible_group_priority: 10}} in the file itself"
    listed = set(body.get("hosts") or {})
    components = {host for group in GROUPS for host in (inventory.children.get(group) or {}).get("hosts") or {}}
    if listed != components:
        yield f"group {inventory.environment} and the component groups differ in {sorted(listed ^ components)}"
    for name, values in inventory.hosts.items():
        among = [group for group in values["group_names"] if group in ENVIRONMENTS]
        if among != [inventory.environment]:
            yield f"host {name} stands in the environment groups {among}"


def environment_wins(inventory: Inventory) -> Iterator[str]:
    """A value that every component group and `all` set too is the environment's."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / inventory.directory.name
        shutil.copytree(inventory.directory, copy)
        for group in ("all", *GROUPS, inventory.environment):
            page = copy / "group_vars" / f"{group}.yml"
            before = page.read_text() if page.is_file() else "---\n"
            page.write_text(f"{before}planted_key: {group}\n")
        for name, values in Inventory(copy, inventory.environment).hosts.items():
            if values.get("planted_key") != inventory.environment:
                yield f"host {name} takes the value of {values.get('planted_key')}"


def interpreter_is_pinned(inventory: Inventory) -> Iterator[str]:
    """No host leaves its Python to discovery; in the lab, and on a local connection, it is Ansible's own."""
    for name, values in inventory.hosts.items():
        python = _followed(values, "ansible_python_interpreter")
        local = inventory.environment == "lab" or _followed(values, "ansible_connection") == "local"
        if local and python != LOCAL_PYTHON:
            yield f"host {name} has the interpreter {python}, wanted {LOCAL_PYTHON}"
        if not local and not PINNED_PYTHON.match(str(python)):
            yield f"host {name} has the interpreter {python}, wanted an absolute path"


def no_secret(inventory: Inventory) -> Iterator[str]:
    """No value is a secret or looks like one."""
    for file, values in inventory.values():
        for path, value in _leaves(values):
            named = bool(SECRET_NAME.search(path[-1])) and not path[-1].endswith("_file")
            if named and value not in (None, NO_CREDENTIAL) and not REFERENCE_ONLY.match(str(value)):
                yield f"{file.name} sets {'.'.join(path)}"
            elif redact_shapes(str(value)) != str(value):
                yield f"{file.name} holds what looks like a secret in {'.'.join(path)}"


def dependencies_exist(inventory: Inventory) -> Iterator[str]:
    """Dependencies name hosts of the same inventory, and never in a circle."""
    needs = {name: tuple(values.get("component_depends_on") or ()) for name, values in inventory.hosts.items()}
    for name, others in needs.items():
        yield from (f"host {name} depends on {other}, no host" for other in others if other not in needs)
    if circle := find_circle(needs):
        yield f"dependencies in a circle: {' -> '.join(circle)}"


def components_say_what_they_are(inventory: Inventory) -> Iterator[str]:
    """Each component has a known kind and the variables that every reader expects; a service has a platform."""
    for name, values in inventory.hosts.items():
        if values.get("component_kind") not in KIND_FACTS:
            yield f"host {name} has the component_kind {values.get('component_kind')}"
        for key in ("component_depends_on", "component_reach", "component_identity", "ops_required"):
            if key not in values:
                yield f"host {name} has no {key}"
        if "services" in values["group_names"] and not values.get("component_platform"):
            yield f"host {name} is a service without component_platform"
        if name in (*GROUPS, *ENVIRONMENTS):
            yield f"host {name} is called like a group: Ansible warns in every run"


def system_and_environment_are_said_once(inventory: Inventory) -> Iterator[str]:
    """ops_system is the directory's name, from group_vars/all.yml; ops_environment the group's, from its own file."""
    places = {"ops_system": "all.yml", "ops_environment": f"{inventory.environment}.yml"}
    wanted = {"ops_system": inventory.directory.name, "ops_environment": inventory.environment}
    for key, place in places.items():
        if inventory.read(f"group_vars/{place}").get(key) != wanted[key]:
            yield f"group_vars/{place} does not say {key}: {wanted[key]}"
        for file, values in inventory.values():
            expected = place if key == "ops_system" else f"{values.get(key)}.yml"
            if key in values and (file.name != expected or file.parent.name != "group_vars"):
                yield f"{file.parent.name}/{file.name} says {key}, which belongs into group_vars/{place}"


def facts_of_the_lab_are_stated_or_required(inventory: Inventory) -> Iterator[str]:
    """What the lab states, each other environment states too, or requires: nothing is forgotten unseen."""
    stated = set(inventory.read(f"group_vars/{inventory.environment}.yml"))
    required = {path.split(".")[0] for path in inventory.required()} | {"ops_ledger"}
    for key in sorted(set(inventory.read("group_vars/lab.yml")) - stated - required):
        yield f"group_vars/{inventory.environment}.yml does not state {key} and no ops_required names it"
    lab = yaml.safe_load((inventory.directory / "lab.yml").read_text())["all"]["children"]["lab"]["hosts"]
    for host in sorted(set(lab) - set(inventory.hosts)):
        yield f"host {host} exists in the lab only"


def required_facts_are_used(inventory: Inventory) -> Iterator[str]:
    """Every key path that is required is read by a component's variables, or is a contact or URL for people."""
    text = "\n".join(file.read_text() for file in inventory.directory.glob("*_vars/*.yml"))
    for path in sorted(inventory.required()):
        root = path.split(".")[0]
        if root not in ("ops_contacts", "ops_urls", "component_identity") and not re.search(
            rf"\{{\{{[^}}]*\b{root}\b", text
        ):
            yield f"ops_required names {path}, which nothing reads"


def nothing_is_empty_text(inventory: Inventory) -> Iterator[str]:
    """An unknown fact is absent or null, never an empty or invented text that would pass for a value."""
    invented = re.compile(r"^$|example\.(com|org)|yourdomain|<[\w-]+>|\bTODO\b|changeme", re.IGNORECASE)
    for file, values in inventory.values():
        for path, value in _leaves(values):
            if isinstance(value, str) and invented.search(value):
                yield f"{file.name} invents {'.'.join(path)}: {value!r}"


RULES: tuple[Callable[[Inventory], Iterator[str]], ...] = (
    parses,
    same_groups,
    groups_and_hosts_only,
    environment_is_flat_and_complete,
    environment_wins,
    interpreter_is_pinned,
    no_secret,
    dependencies_exist,
    components_say_what_they_are,
    system_and_environment_are_said_once,
    facts_of_the_lab_are_stated_or_required,
    required_facts_are_used,
    nothing_is_empty_text,
)


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _leaves(below, (*path, str(key)))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _leaves(below, (*path, str(index)))
    else:
        yield path or ("",), value


def _followed(values: dict[str, Any], key: str) -> Any:
    """A value, through templates that only name another variable of the host."""
    value = values.get(key)
    while isinstance(value, str) and (match := re.fullmatch(r"\{\{ (\w+) \}\}", value)) and match[1] in values:
        value = values[match[1]]
        if match[1] == "ansible_playbook_python":
            return LOCAL_PYTHON
    return value
