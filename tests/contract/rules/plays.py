"""Playbooks and task files: the guard comes first, a rescue ends red, inputs are handed on as they came."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from ansible_collections.steady.ops.plugins.plugin_utils._tools.all import TOOLS
from tests.contract.tasks import playbooks, plays, role_task_files, roles, tasks_of_file, tasks_of_play, walk
from tests.contract.tree import Tree, Violation

GUARD = "steady.ops.guard"
_DEFAULT = re.compile(r"\|\s*(?:default|d)\(([^()]*(?:\([^()]*\))?[^()]*)\)")
_ROLE_DEFAULT = re.compile(r"\b(\w+)\s*\|\s*(?:default|d)\(\s*omit\s*(,\s*true)?\s*\)")
_TEXTS = {"str", "path", "list", "dict"}
_NOT_GIVEN = "<<omitted>>"


def every_play_passes_the_guard_first(tree: Tree) -> Iterator[Violation]:
    for path in playbooks(tree):
        stem = path.split("/")[-1].removesuffix(".yml")
        for number, play in enumerate(plays(tree, path), 1):
            where = f"{path} play {number}"
            if play.get("gather_facts") is not False:
                yield Violation(where, "gathers facts before the guard", "set gather_facts: false")
            first = next((found for found in walk(tasks_of_play(play)) if "block" not in found.task), None)
            call = first.task.get(GUARD) if first else None
            if first is None or not isinstance(call, dict) or play.get("roles"):
                yield Violation(where, "does not begin with the guard", f"make {GUARD} its first task")
                continue
            if not first.run_once:
                yield Violation(where, "passes the guard once per host", "set run_once: true")
            if first.task.get("register") != "ops_run":
                yield Violation(where, "does not keep what the guard hands out", "set register: ops_run")
            if stem not in (call.get("runbook"), call.get("tool")):
                yield Violation(where, "names another playbook to the guard", f"say runbook: {stem} or tool: {stem}")
            if "when" in first.task or "tags" in first.task:
                yield Violation(where, "can leave the guard out", "take when and tags from its task")


def every_playbook_is_a_runbook_or_a_tool(tree: Tree) -> Iterator[Violation]:
    for path in playbooks(tree):
        stem = path.split("/")[-1].removesuffix(".yml")
        calls = [found.task[GUARD] for found in walk(tasks_of_file(tree, path)) if GUARD in found.task]
        tool = any(isinstance(call, dict) and call.get("tool") for call in calls)
        if not tool and stem not in roles(tree):
            yield Violation(path, "is neither a runbook nor a tool", f"write roles/{stem}, or pass the guard as a tool")
        # what the guard itself carries out states the risk of each action in its own file
        if tool and stem not in TOOLS and any("risk" not in call for call in calls):
            yield Violation(path, "does not state its risk to the guard", "add risk: read, change or destructive")


def plays_have_no_tags(tree: Tree) -> Iterator[Violation]:
    for path in [*playbooks(tree), *role_task_files(tree)]:
        for found in walk(tasks_of_file(tree, path)):
            if "tags" in found.task:
                what = f"the task {found.task.get('name')!r} has tags"
                yield Violation(path, what, "remove them: a run is whole, and --check is its plan")


def every_rescue_ends_in_fail(tree: Tree) -> Iterator[Violation]:
    for path in [*playbooks(tree), *role_task_files(tree)]:
        for found in walk(tasks_of_file(tree, path)):
            rescue = found.task.get("rescue")
            if rescue and not ({"ansible.builtin.fail", "fail"} & set(rescue[-1]) and "when" not in rescue[-1]):
                what = f"the rescue of {found.task.get('name')!r} does not end in fail"
                yield Violation(path, what, "end it with ansible.builtin.fail: a rescued run is red")


def roles_default_to_omit_only(tree: Tree) -> Iterator[Violation]:
    """Module options decide; an empty survey answer is no answer, but 0 and false are."""
    for role in roles(tree):
        types = _types(tree, role)
        for path in role_task_files(tree, role):
            for number, line in enumerate(tree.lines(path), 1):
                where = f"{path}:{number}"
                for found in _DEFAULT.finditer(line):
                    if not re.fullmatch(r"\s*omit\s*(?:,\s*true\s*)?", found[1]):
                        yield Violation(where, f"sets the default {found[1]}", "let the module's own default decide")
                for name, blank in _ROLE_DEFAULT.findall(line):
                    wanted = "default(omit, true)" if types.get(name) in _TEXTS else "default(omit)"
                    if name in types and bool(blank) != (wanted == "default(omit, true)"):
                        yield Violation(where, f"{name} is a {types[name]}", f"write {name} | {wanted}")


def inputs_are_never_set(tree: Tree) -> Iterator[Violation]:
    for role in roles(tree):
        for path in role_task_files(tree, role):
            for found in walk(tasks_of_file(tree, path)):
                set_here = found.task.get("ansible.builtin.set_fact") or found.task.get("set_fact") or {}
                for name in [*set_here, found.task.get("register") or f"__{role}_"]:
                    if name != "cacheable" and not name.startswith(f"__{role}_"):
                        yield Violation(path, f"sets {name}", f"inputs stay as they came; own facts are __{role}_...")


def blank_survey_answers_change_nothing(tree: Tree) -> Iterator[Violation]:
    for role in roles(tree):
        blank = [name for name, kind in _types(tree, role).items() if kind in _TEXTS]
        for path in role_task_files(tree, role):
            for found in walk(tasks_of_file(tree, path)):
                for module, arguments in found.task.items():
                    if not module.startswith("steady.ops.") or not isinstance(arguments, dict):
                        continue
                    for option, value in arguments.items():
                        for name in blank:
                            if re.search(rf"\b{name}\b", str(value)) and not _same(value, name):
                                what = f"{module}: {option} differs when {name} is empty"
                                yield Violation(path, what, f"write {name} | default(omit, true)")


def _same(template: object, name: str) -> bool:
    return _templated(template, {name: ""}) == _templated(template, {})


def _templated(template: object, variables: dict[str, str]) -> object:
    templar = Templar(loader=DataLoader(), variables={**variables, "omit": _NOT_GIVEN})
    try:
        return templar.template(trust_as_template(template) if isinstance(template, str) else template)
    except Exception as error:  # what a template raises is its answer here
        return type(error).__name__


def _types(tree: Tree, role: str) -> dict[str, str]:
    specs = (tree.yaml(f"roles/{role}/meta/argument_specs.yml") or {}).get("argument_specs") or {}
    options = [option for spec in specs.values() for option in (spec.get("options") or {}).items()]
    return {name: option.get("type", "str") for name, option in options}


RULES = (
    every_play_passes_the_guard_first,
    every_playbook_is_a_runbook_or_a_tool,
    plays_have_no_tags,
    every_rescue_ends_in_fail,
    roles_default_to_omit_only,
    inputs_are_never_set,
    blank_survey_answers_change_nothing,
)
