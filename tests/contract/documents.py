"""What a module says about itself (documentation with its fragments) and what it accepts (its argument spec)."""

from __future__ import annotations

import ast
import importlib.util
from types import ModuleType
from typing import Any

import yaml

from tests.contract.tree import Tree

MODULES = "plugins/modules/"
PACKAGE = "ansible_collections.steady.ops.plugins.modules"


def module_names(tree: Tree) -> list[str]:
    return [path.removeprefix(MODULES).removesuffix(".py") for path in tree.under(MODULES, ".py")]


def constant(tree: Tree, path: str, name: str) -> Any:
    """Return the YAML in a string constant of a module or a class in it; an empty dict when there is none."""
    for node in ast.walk(tree.python(path)):
        named = isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name
        if named and isinstance(node.value, ast.Constant):
            return yaml.safe_load(str(node.value.value)) or {}
    return {}


def fragments(tree: Tree, module: str) -> list[str]:
    """Return the fragments that a module extends, C(attributes.full) and so on."""
    names = documentation_alone(tree, module).get("extends_documentation_fragment") or []
    names = [names] if isinstance(names, str) else names
    return [name.removeprefix("steady.ops.") for name in names]


def documentation_alone(tree: Tree, module: str) -> dict[str, Any]:
    return dict(constant(tree, f"{MODULES}{module}.py", "DOCUMENTATION"))


def documentation(tree: Tree, module: str) -> dict[str, Any]:
    """Return the documentation with the options, attributes and references of its fragments."""
    merged = documentation_alone(tree, module)
    for fragment in fragments(tree, module):
        file, _rest, part = fragment.partition(".")
        path = f"plugins/doc_fragments/{file}.py"
        inherited = constant(tree, path, part.upper() or "DOCUMENTATION") if tree.has(path) else {}
        for section in ("options", "attributes"):
            for name, value in (inherited.get(section) or {}).items():
                own = merged.setdefault(section, {}).get(name)
                merged[section][name] = {**value, **own} if own else value
    return merged


def is_documentation_only(tree: Tree, module: str) -> bool:
    """Tell whether the module documents an action plugin, which does the work on the controller."""
    return tree.has(f"plugins/action/{module}.py")


def changes(tree: Tree, module: str) -> bool:
    """Tell whether the module can change something: it then has a before and an after."""
    diff = (documentation(tree, module).get("attributes") or {}).get("diff_mode") or {}
    return diff.get("support") not in (None, "none", "N/A") and not is_documentation_only(tree, module)


def load(tree: Tree, module: str) -> ModuleType:
    """Import the module from this tree; its relative imports find the collection of this checkout."""
    path = tree.root / f"{MODULES}{module}.py"
    spec = importlib.util.spec_from_file_location(f"{PACKAGE}.{module}", path)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded
