"""A module's documentation, argument spec, examples and results agree, and a change wants a permit."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from tests.contract.documents import (
    MODULES,
    changes,
    constant,
    documentation,
    documentation_alone,
    fragments,
    is_documentation_only,
    load,
    module_names,
)
from tests.contract.tree import Tree, Violation

# fragments that describe no connection, and so make no action group
NO_GROUP = {"attributes", "findings", "permit", "release"}
ATTRIBUTES = ("check_mode", "diff_mode", "idempotent", "platform")
# the type of each result that has one meaning everywhere
RESULTS = {
    "diff": "dict",
    "duration_seconds": "float",
    "explanation": "list",
    "findings": "list",
    "operations": "list",
    "plan": "list",
    "plan_hash": "str",
    "previous": "dict",
    "probe": "dict",
    "release": "dict",
    "rolled_back": "bool",
    "serving": "dict",
    "severity": "str",
}
RESULTS_OF_A_CHANGE = ("diff", "findings", "plan", "plan_hash")
RESULTS_OF_A_RELEASE = (
    "duration_seconds", "explanation", "operations", "previous", "probe", "release", "rolled_back", "serving",
)  # fmt: skip


def options_equal_the_argument_spec(tree: Tree) -> Iterator[Violation]:
    for name in module_names(tree):
        path = f"{MODULES}{name}.py"
        if is_documentation_only(tree, name):
            continue
        spec = getattr(load(tree, name), "OPTIONS", None)
        if spec is None:
            yield Violation(path, "has no constant OPTIONS", "keep the argument spec in OPTIONS above main()")
            continue
        documented = documentation(tree, name).get("options") or {}
        for what in _differences(documented, spec, ""):
            yield Violation(path, what, "make documentation and OPTIONS say the same")


def _differences(documented: dict[str, Any], spec: dict[str, Any], prefix: str) -> Iterator[str]:
    for name in sorted(set(documented) - set(spec)):
        yield f"documents {prefix}{name}, which it does not accept"
    for name in sorted(set(spec) - set(documented)):
        yield f"accepts {prefix}{name}, which it does not document"
    for name in sorted(set(spec) & set(documented)):
        said, done = documented[name], spec[name]
        for key, otherwise in (("type", "str"), ("required", False), ("default", None), ("elements", None)):
            stated, real = said.get(key, otherwise), done.get(key, otherwise)
            if stated != real:
                yield f"{prefix}{name}: {key} is documented {stated!r} and is {real!r}"
        for key in ("choices", "aliases"):
            if sorted(map(str, said.get(key) or [])) != sorted(map(str, done.get(key) or [])):
                yield f"{prefix}{name}: {key} are documented {said.get(key)!r} and are {done.get(key)!r}"
        if not said.get("description"):
            yield f"{prefix}{name}: has no description"
        yield from _differences(said.get("suboptions") or {}, done.get("options") or {}, f"{prefix}{name}.")


def modules_are_fully_documented(tree: Tree) -> Iterator[Violation]:
    for name in module_names(tree):
        path, said = f"{MODULES}{name}.py", documentation(tree, name)
        if said.get("module") != name:
            yield Violation(path, f"documents the module {said.get('module')!r}", f"write module: {name}")
        for key in ("short_description", "description", "version_added", "author", "seealso"):
            if not said.get(key):
                yield Violation(path, f"documents no {key}", "add it to DOCUMENTATION")
        for attribute in ATTRIBUTES:
            stated = (said.get("attributes") or {}).get(attribute) or {}
            if not (stated.get("support") or stated.get("platforms")):
                yield Violation(path, f"does not state the attribute {attribute}", "extend steady.ops.attributes")


def options_are_described_once(tree: Tree) -> Iterator[Violation]:
    for name in module_names(tree):
        own = documentation_alone(tree, name).get("options") or {}
        for fragment in fragments(tree, name):
            file, _rest, part = fragment.partition(".")
            path = f"plugins/doc_fragments/{file}.py"
            if not tree.has(path):
                yield Violation(f"{MODULES}{name}.py", f"extends {fragment}, which is not there", f"write {path}")
                continue
            shared = constant(tree, path, part.upper() or "DOCUMENTATION").get("options") or {}
            # a default of its own has to be said where it holds
            same = {option for option in own if own[option].get("default") == shared.get(option, {}).get("default")}
            for option in sorted(same & set(shared)):
                remedy = f"leave it to the fragment {fragment}"
                yield Violation(f"{MODULES}{name}.py", f"describes {option} a second time", remedy)


def examples_are_tasks_one_could_keep(tree: Tree) -> Iterator[Violation]:
    for name in module_names(tree):
        path = f"{MODULES}{name}.py"
        tasks = list(_tasks(constant(tree, path, "EXAMPLES")))
        own = [task for task in tasks if f"steady.ops.{name}" in task]
        # a front end without options is not called by its own name
        if not own and documentation(tree, name).get("options"):
            yield Violation(path, "shows no example of itself", f"add a task with steady.ops.{name}")
        elif own and not is_documentation_only(tree, name) and not own[-1].get("check_mode"):
            yield Violation(path, "the last example does not show check mode", "end with check_mode: true")
        for task in tasks:
            yield from (Violation(path, *found) for found in _faults_of_example(tree, task))


def _faults_of_example(tree: Tree, task: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if not task.get("name"):
        yield f"an example has no name: {sorted(task)}", "name every task"
    for action in task:
        module = action.removeprefix("steady.ops.")
        if module not in module_names(tree):
            continue
        if module == action:
            yield f"an example calls {action} by its short name", f"write steady.ops.{action}"
        options, given = documentation(tree, module).get("options") or {}, task[action] or {}
        if not isinstance(given, dict):
            continue
        for key in sorted(set(given) - set(options)):
            yield f"an example sets {module}: {key}, which does not exist", "correct the example"
        if module != "run_module":
            for key in sorted(key for key, option in options.items() if option.get("required") and key not in given):
                yield f"an example of {module} lacks the required {key}", "complete the example"


def _tasks(value: Any) -> Iterator[dict[str, Any]]:
    for item in value if isinstance(value, list) else []:
        nested = [item[key] for key in ("block", "rescue", "always", "tasks", "pre_tasks") if key in item]
        for tasks in nested:
            yield from _tasks(tasks)
        if not nested:
            yield item


def results_are_documented(tree: Tree) -> Iterator[Violation]:
    for name in module_names(tree):
        path, said = f"{MODULES}{name}.py", constant(tree, f"{MODULES}{name}.py", "RETURN")
        for key, result in said.items():
            for part in ("description", "returned", "type"):
                if not result.get(part):
                    yield Violation(path, f"the result {key} has no {part}", "describe every result fully")
            if key in RESULTS and result.get("type") != RESULTS[key]:
                what = f"the result {key} is documented as {result.get('type')}"
                yield Violation(path, what, f"it is a {RESULTS[key]} everywhere")
        for key in _demanded(tree, name):
            if key not in said:
                yield Violation(path, f"does not document the result {key}", "describe it in RETURN")


def _demanded(tree: Tree, module: str) -> list[str]:
    extended = fragments(tree, module)
    demanded = {"findings"} if "findings" in extended else set()
    if changes(tree, module):
        demanded |= set(RESULTS_OF_A_CHANGE)
    if "release" in extended:
        demanded |= set(RESULTS_OF_A_RELEASE)
    return sorted(demanded)


def action_groups_equal_fragment_users(tree: Tree) -> Iterator[Violation]:
    path = "meta/runtime.yml"
    groups = (tree.yaml(path) or {}).get("action_groups") or {}
    connections = {file.split("/")[-1].removesuffix(".py") for file in tree.under("plugins/doc_fragments/", ".py")}
    for group in sorted((connections - NO_GROUP) | set(groups)):
        members = {item for item in groups.get(group) or [] if isinstance(item, str)}
        users = {name for name in module_names(tree) if group in fragments(tree, name)}
        for name in sorted(users - members):
            yield Violation(path, f"the action group {group} lacks {name}", f"add it: it extends steady.ops.{group}")
        for name in sorted(members - users):
            what = f"the action group {group} holds {name}, which does not extend steady.ops.{group}"
            yield Violation(path, what, "remove it there, or extend the fragment")


def changing_modules_go_through_the_front_end(tree: Tree) -> Iterator[Violation]:
    routing = ((tree.yaml("meta/runtime.yml") or {}).get("plugin_routing") or {}).get("modules") or {}
    for name in module_names(tree):
        path = f"{MODULES}{name}.py"
        if not changes(tree, name):
            if _says_changed(tree.python(path)):
                yield Violation(path, "says changed and has no diff mode", "a module that changes shows its diff")
            continue
        if "permit" not in (documentation(tree, name).get("options") or {}):
            yield Violation(path, "can change and has no option permit", "extend steady.ops.permit")
        if documentation(tree, name)["attributes"].get("check_mode", {}).get("support") != "full":
            yield Violation(path, "can change and has no full check mode", "a plan is shown before it is done")
        if (routing.get(name) or {}).get("action_plugin") != "steady.ops.run_module":
            remedy = f"route it in plugin_routing.modules.{name}.action_plugin"
            yield Violation("meta/runtime.yml", f"{name} does not go through run_module", remedy)


def _says_changed(module: ast.Module) -> bool:
    keywords = [node for node in ast.walk(module) if isinstance(node, ast.keyword) and node.arg == "changed"]
    return any(not (isinstance(word.value, ast.Constant) and word.value.value is False) for word in keywords)


RULES = (
    options_equal_the_argument_spec,
    modules_are_fully_documented,
    options_are_described_once,
    examples_are_tasks_one_could_keep,
    results_are_documented,
    action_groups_equal_fragment_users,
    changing_modules_go_through_the_front_end,
)
