"""Who may import what, and what a library may not do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.contract.tree import Tree, Violation

LIBRARIES = "plugins/module_utils/"
DRIVERS = {"psycopg", "boto3", "botocore", "redis", "docker", "kubernetes", "httpx"}
PLATFORMS = ("apprunner", "app_runner", "ecs", "compose", "kubernetes", "release_dir", "render", "vercel", "aws")
_PLATFORM = re.compile(rf"(?i)(?<![a-z])(?:{'|'.join(PLATFORMS)})(?![a-z])")


def imports(tree: Tree, path: str) -> Iterator[tuple[str, ast.stmt]]:
    """Yield what a file imports: absolute names as they are, relative ones as C(plugins/...) paths."""
    package = path.split("/")[:-1]
    for node in ast.walk(tree.python(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if not node.level:
                yield node.module or "", node
                continue
            base = package[: len(package) - node.level + 1] + (node.module.split(".") if node.module else [])
            # `from . import driver` names a file, `from .driver import call` a thing in one
            inner = ["/".join([*base, alias.name]) for alias in node.names]
            names = {name if tree.has(f"{name}.py") else "/".join(base) for name in inner}
            yield from ((name, node) for name in sorted(names))


def libraries_do_not_import_ansible(tree: Tree) -> Iterator[Violation]:
    for path in tree.under(LIBRARIES, ".py"):
        for name, node in imports(tree, path):
            if name.split(".")[0] == "ansible":
                yield Violation(
                    f"{path}:{node.lineno}", f"imports {name}", "domain code takes protocols, never Ansible"
                )


def drivers_stay_in_driver_py(tree: Tree) -> Iterator[Violation]:
    for path in tree.under("plugins/", ".py"):
        guarded = _guarded_lines(tree.python(path))
        for name, node in imports(tree, path):
            if name.split(".")[0] not in DRIVERS:
                continue
            where = f"{path}:{node.lineno}"
            if not path.endswith("/driver.py"):
                yield Violation(where, f"imports {name}", "move the call into driver.py of its domain")
            elif node.lineno not in guarded:
                yield Violation(where, f"imports {name} unguarded", "put it into try/except ImportError")


def domains_do_not_know_each_other(tree: Tree) -> Iterator[Violation]:
    for path in tree.under(f"{LIBRARIES}_", ".py"):
        own = _domain(path)
        for name, node in imports(tree, path):
            other = _domain(f"{name}.py" if tree.has(f"{name}.py") else f"{name}/__init__.py")
            if own and other and own != other and not name.endswith("/protocol"):
                remedy = "take a protocol that the module wires, or move what both need into the grammar"
                yield Violation(f"{path}:{node.lineno}", f"domain {own} imports {other} ({name})", remedy)


def the_engine_knows_no_platform(tree: Tree) -> Iterator[Violation]:
    for path in tree.under(f"{LIBRARIES}_release/", ".py"):
        for number, line in enumerate(tree.lines(path), 1):
            if found := _PLATFORM.search(line):
                yield Violation(f"{path}:{number}", f"names the platform {found[0]}", "say it in the platform's words")


def plugins_do_not_import_workshop(tree: Tree) -> Iterator[Violation]:
    for path in tree.under("plugins/", ".py"):
        for name, node in imports(tree, path):
            if name.split(".")[0] in ("lab", "tests", "tools"):
                yield Violation(f"{path}:{node.lineno}", f"imports {name}", "what a user installs has no workshop")


def plugin_imports_are_relative_and_static(tree: Tree) -> Iterator[Violation]:
    for path in tree.under("plugins/", ".py"):
        for name, node in imports(tree, path):
            where = f"{path}:{node.lineno}"
            if name.split(".")[0] == "ansible_collections":
                yield Violation(where, f"imports {name}", "write it as a relative import")
            if name.split(".")[0] in ("importlib", "pkgutil", "imp"):
                yield Violation(where, f"imports {name}", "import statically: nothing is found by name")


def libraries_hold_no_data_files(tree: Tree) -> Iterator[Violation]:
    remedy = "AnsiballZ carries only imported Python files: make it a constant"
    for path in tree.under(LIBRARIES):
        if not path.endswith(".py"):
            yield Violation(path, "is no Python file", remedy)
            continue
        for node in ast.walk(tree.python(path)):
            if isinstance(node, ast.Name) and node.id in ("__import__", "__file__"):
                yield Violation(f"{path}:{node.lineno}", f"uses {node.id}", remedy)


def libraries_raise(tree: Tree) -> Iterator[Violation]:
    for path in tree.under(LIBRARIES, ".py"):
        for node in ast.walk(tree.python(path)):
            name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
            if name in ("fail_json", "exit_json"):
                yield Violation(f"{path}:{node.lineno}", f"calls {name}", "raise OpsError; main() ends the module")


def check_mode_is_read_once(tree: Tree) -> Iterator[Violation]:
    for path in tree.under("plugins/modules/", ".py"):
        read = [
            node.lineno
            for node in ast.walk(tree.python(path))
            if isinstance(node, ast.Attribute) and node.attr == "check_mode"
        ]
        if len(read) > 1:
            yield Violation(f"{path}:{read[1]}", "reads check_mode again", "pass check= once, apply() decides")


def only_apply_branches_on_check(tree: Tree) -> Iterator[Violation]:
    # the permit is the one other place: without one a module may look, but not change
    allowed = {(f"{LIBRARIES}_plan.py", "apply"), (f"{LIBRARIES}_permit.py", "from_option")}
    for path in tree.under("plugins/mod", ".py"):
        for function, test in _conditions(tree.python(path)):
            names = {getattr(node, "id", getattr(node, "attr", "")) for node in ast.walk(test)}
            if names & {"check", "check_mode"} and (path, function) not in allowed:
                remedy = "make it a step of the plan; only apply() in _plan.py knows check mode"
                yield Violation(f"{path}:{test.lineno}", f"{function} branches on check mode", remedy)


def _conditions(module: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Yield every condition with the name of the function it stands in."""

    def walk(node: ast.AST, function: str) -> Iterator[tuple[str, ast.expr]]:
        for child in ast.iter_child_nodes(node):
            inner = child.name if isinstance(child, ast.FunctionDef) else function
            if isinstance(child, (ast.If, ast.IfExp, ast.While, ast.Assert)):
                yield inner, child.test
            elif isinstance(child, ast.BoolOp):
                yield from ((inner, value) for value in child.values[:-1])
            elif isinstance(child, ast.comprehension):
                yield from ((inner, test) for test in child.ifs)
            yield from walk(child, inner)

    yield from walk(module, "the module")


def _guarded_lines(module: ast.Module) -> set[int]:
    guarded: set[int] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Try) and any("ImportError" in ast.dump(handler) for handler in node.handlers):
            guarded |= {inner.lineno for inner in ast.walk(node) if isinstance(inner, ast.stmt)}
    return guarded


def _domain(path: str) -> str:
    parts = path.removeprefix(LIBRARIES).split("/")
    return parts[0] if path.startswith(LIBRARIES) and len(parts) > 1 else ""


RULES = (
    libraries_do_not_import_ansible,
    drivers_stay_in_driver_py,
    domains_do_not_know_each_other,
    the_engine_knows_no_platform,
    plugins_do_not_import_workshop,
    plugin_imports_are_relative_and_static,
    libraries_hold_no_data_files,
    libraries_raise,
    check_mode_is_read_once,
    only_apply_branches_on_check,
)
