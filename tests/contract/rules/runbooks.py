"""A runbook is whole: contract, described variables, playbook, page, groups and values in inventories, tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

from tests.contract.tasks import playbooks, plays, roles
from tests.contract.tree import Tree, Violation

_SENTENCE = {"type": "string", "pattern": r"^[A-Z].+\.$"}
_CHANGE = {"required": ["risk", "objects", "deadline_minutes", "undo"]}
CONTRACT: dict[str, Any] = {
    "type": "object",
    "required": ["purpose", "place", "procedures", "actions"],
    "additionalProperties": False,
    "properties": {
        "purpose": _SENTENCE,
        "place": {"enum": ["controller", "machine", "platform"]},
        "procedures": {"type": "array", "uniqueItems": True, "items": {"pattern": r"^[A-Z]{2}-\d+$"}},
        "platforms": {"type": "array", "uniqueItems": True, "items": {"pattern": r"^[a-z_]+$"}},
        "actions": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": r"^[a-z][a-z_]*$"},
            "additionalProperties": {
                "type": "object",
                "required": ["risk"],
                "additionalProperties": False,
                "dependentRequired": {"batch": ["unit"]},
                "properties": {
                    "risk": {"enum": ["read", "change", "destructive"]},
                    "disruptive": {"type": "boolean"},
                    "without_ledger": {"type": "boolean"},
                    "unit": {"type": "object", "additionalProperties": {"type": "string", "minLength": 1}},
                    "batch": {"type": "string", "pattern": r"^[a-z][a-z_]*$"},
                    "requires": {"type": "array", "minItems": 1, "items": {"pattern": r"^[a-z][a-z_]*$"}},
                    "objects": {"type": "array", "minItems": 1, "items": {"type": "string"}},
                    "deadline_minutes": {"type": "integer", "minimum": 1},
                    "undo": {"type": "string", "minLength": 3},
                    "extra_gates": {"type": "array", "items": {"type": "string"}},
                },
                "if": {"properties": {"risk": {"const": "read"}}},
                "else": _CHANGE,
            },
        },
    },
}


def contracts_keep_the_schema(tree: Tree) -> Iterator[Violation]:
    validator = Draft202012Validator(CONTRACT)
    for role in roles(tree):
        path = f"roles/{role}/meta/runbook.yml"
        if not tree.has(path):
            yield Violation(path, "is not there", "write the runbook's contract")
            continue
        for error in sorted(validator.iter_errors(tree.yaml(path)), key=lambda error: error.json_path):
            yield Violation(path, f"{error.json_path} {error.message[:120]}", "see DESIGN section 7 or another role")
        procedures = tree.yaml("docs/procedures.yml") or {}
        for row in (tree.yaml(path) or {}).get("procedures") or []:
            if row not in procedures:
                yield Violation(path, f"claims {row}, which docs/procedures.yml does not list", "correct the id")


def role_variables_are_described(tree: Tree) -> Iterator[Violation]:
    for role in roles(tree):
        path = f"roles/{role}/meta/argument_specs.yml"
        specs = (tree.yaml(path) or {}).get("argument_specs") or {}
        if "main" not in specs:
            yield Violation(path, "does not describe main", "describe the role's variables there")
        for entry, spec in specs.items():
            for key in ("short_description", "description"):
                if not spec.get(key):
                    yield Violation(path, f"{entry} has no {key}", "say what the entry point does")
            for name, option in (spec.get("options") or {}).items():
                yield from (Violation(path, f"{name} {what}", remedy) for what, remedy in _faults(role, name, option))


def _faults(role: str, name: str, option: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if not name.startswith(f"{role}_"):
        yield "does not carry the role's name", f"call it {role}_..."
    if not option.get("description"):
        yield "has no description", "say what a run decides with it"
    if not option.get("type"):
        yield "has no type", "state it"
    if "default" in option:
        yield "has a default, which sets nothing", "leave it to the module"


def every_role_has_its_playbook_and_page(tree: Tree) -> Iterator[Violation]:
    for role in roles(tree):
        if not tree.has(f"playbooks/{role}.yml"):
            yield Violation(f"roles/{role}", "has no playbook", f"write playbooks/{role}.yml")
        if not _page(tree, role):
            yield Violation(f"roles/{role}", "has no page", f"write docs/{role}.md")


def pages_name_every_variable_and_action(tree: Tree) -> Iterator[Violation]:
    for role in roles(tree):
        page = _page(tree, role)
        specs = (tree.yaml(f"roles/{role}/meta/argument_specs.yml") or {}).get("argument_specs") or {}
        actions = (tree.yaml(f"roles/{role}/meta/runbook.yml") or {}).get("actions") or {}
        names = [*actions, *(name for spec in specs.values() for name in spec.get("options") or {})]
        for name in names:
            if page and not re.search(rf"`{name}[`:= ]", tree.text(page)):
                yield Violation(page, f"does not speak of `{name}`", "describe it, in backticks")


def readme_of_playbooks_lists_them_all(tree: Tree) -> Iterator[Violation]:
    path = "playbooks/README.md"
    text = tree.text(path) if tree.has(path) else ""
    for playbook in playbooks(tree):
        name = playbook.split("/")[-1]
        if name not in text:
            yield Violation(path, f"does not list {name}", "add its line")
    for name in re.findall(r"\b(\w+\.yml)\b", text):
        if not tree.has(f"playbooks/{name}"):
            yield Violation(path, f"lists {name}, which is not there", "remove its line")


def every_inventory_has_the_groups_of_every_play(tree: Tree) -> Iterator[Violation]:
    inventories = [path for path in tree.under("inventories/", ".yml") if path.count("/") == 2]
    wanted = {
        (group, path)
        for path in playbooks(tree)
        for play in plays(tree, path)
        for group in re.split(r"[:,]", str(play["hosts"]))
        if group.strip("&!") not in ("all", "localhost") and "{{" not in group
    }
    for inventory in inventories:
        groups = (((tree.yaml(inventory) or {}).get("all") or {}).get("children") or {}).keys()
        for group, path in sorted(wanted):
            if group.strip("&!") not in groups:
                yield Violation(inventory, f"has no group {group}, which {path} plays on", "add it, empty if need be")


def platforms_are_there_and_used(tree: Tree) -> Iterator[Violation]:
    values = "\n".join(tree.text(path) for path in tree.under("inventories/", ".yml"))
    for role in roles(tree):
        for platform in (tree.yaml(f"roles/{role}/meta/runbook.yml") or {}).get("platforms") or []:
            if not tree.has(f"roles/{role}/tasks/{platform}.yml"):
                remedy = f"write roles/{role}/tasks/{platform}.yml"
                yield Violation(
                    f"roles/{role}/meta/runbook.yml", f"promises {platform} and has no tasks for it", remedy
                )
            if not re.search(rf"component_platform: {platform}\b", values):
                remedy = "give it one, at least in a lab"
                yield Violation(f"roles/{role}/meta/runbook.yml", f"no inventory has a {platform} component", remedy)


def every_runbook_is_tested(tree: Tree) -> Iterator[Violation]:
    tests = [path for layer in ("integration", "faults") for path in tree.under(f"tests/{layer}/", ".py")]
    for role in roles(tree):
        played = re.compile(rf"\b{role}\.yml\b|[\"']{role}[\"']")
        named = [path for path in tests if path.split("/")[-1].startswith("test_")]
        if not any(played.search(tree.text(path)) for path in named):
            yield Violation(f"roles/{role}", "no test plays it", f"write tests/integration/test_{role}.py")


def _page(tree: Tree, role: str) -> str:
    return next((path for path in (f"docs/{role}.md", f"docs/runbooks/{role}.md") if tree.has(path)), "")


RULES = (
    contracts_keep_the_schema,
    role_variables_are_described,
    every_role_has_its_playbook_and_page,
    pages_name_every_variable_and_action,
    readme_of_playbooks_lists_them_all,
    every_inventory_has_the_groups_of_every_play,
    platforms_are_there_and_used,
    every_runbook_is_tested,
)
