"""Sizes, names, headers, the mirror of tests, and that no secret is in the tree."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.contract.tree import Tree, Violation

MODULE_CODE, LIBRARY, FUNCTION, TASKS, PLAYBOOK, DEFAULTS, TEMPLATE, README = 150, 250, 40, 60, 40, 40, 60, 150
HEADER = (
    "# Copyright (c) 2026 steady.ops contributors",
    "# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)",
    "# SPDX-License-Identifier: GPL-3.0-or-later",
)
DOCUMENTS = ("DOCUMENTATION", "EXAMPLES", "RETURN")
_SPLIT = "split it by topic"
_NAMELESS = re.compile(r"(?:^|_)(?:utils?|helpers?|common|misc)$")


def python_files_are_small(tree: Tree) -> Iterator[Violation]:
    for path in [path for top in ("plugins/", "lab/", "tools/") for path in tree.under(top, ".py")]:
        if path.startswith("plugins/modules/"):
            size, limit = _code_lines(tree, path), MODULE_CODE
        else:
            size, limit = len(tree.lines(path)), LIBRARY
        if size > limit:
            yield Violation(path, f"has {size} lines of {limit}", _SPLIT)


def functions_are_small(tree: Tree) -> Iterator[Violation]:
    """Docstrings do not count: they are asked for."""
    for path in [path for top in ("plugins/", "lab/", "tools/") for path in tree.under(top, ".py")]:
        for node in ast.walk(tree.python(path)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                size = (node.end_lineno or 0) - node.lineno + 1 - _docstring_lines(node)
                if size > FUNCTION:
                    where = f"{path}:{node.lineno}"
                    yield Violation(where, f"{node.name} has {size} lines of {FUNCTION}", "give its parts names")


def yaml_and_texts_are_small(tree: Tree) -> Iterator[Violation]:
    for path in tree.files:
        limit = _text_limit(path)
        if limit and (size := len(tree.lines(path))) > limit:
            yield Violation(path, f"has {size} lines of {limit}", _SPLIT)
        if re.fullmatch(r"roles/[^/]+/defaults/.*\.yml", path) and (count := len(tree.yaml(path) or {})) > DEFAULTS:
            yield Violation(path, f"has {count} variables of {DEFAULTS}", "let the module's own defaults decide")


def names_say_a_topic(tree: Tree) -> Iterator[Violation]:
    for path in tree.files:
        for part in path.split("/"):
            stem = part.split(".")[0]
            if _NAMELESS.search(stem) and stem not in ("module_utils", "plugin_utils", "test_module_utils"):
                yield Violation(path, f"{part} names no topic", "say what it is about")


def plugins_carry_the_licence(tree: Tree) -> Iterator[Violation]:
    for path in tree.under("plugins/", ".py"):
        lines = tree.lines(path)
        if path.endswith("/__init__.py"):
            if lines:
                yield Violation(path, "is not empty", "ansible-test wants empty __init__.py files: move the code out")
            continue
        if path.startswith("plugins/modules/"):
            if not lines or lines[0] != "#!/usr/bin/python":
                yield Violation(path, "does not begin with #!/usr/bin/python", "Ansible replaces that line")
            lines = lines[1:]
        if tuple(lines[:3]) != HEADER:
            yield Violation(path, "lacks the licence header", "copy the three lines from any other plugin")
        if "from __future__ import annotations" not in tree.lines(path):
            yield Violation(path, "lacks `from __future__ import annotations`", "add it above the imports")


def unit_tests_mirror_plugins(tree: Tree) -> Iterator[Violation]:
    for path in tree.under("plugins/", ".py"):
        if path.startswith("plugins/doc_fragments/") or not _has_logic(tree.python(path)):
            continue
        # the page of an action plugin only says that it is one
        if tree.has(path.replace("plugins/modules/", "plugins/action/", 1)) and path.startswith("plugins/modules/"):
            continue
        directory, name = path.rsplit("/", 1)
        twin = f"tests/unit/{directory}/test_{name}"
        if not tree.has(twin):
            yield Violation(path, "has logic and no unit tests", f"write {twin}")


_SECRETS = (
    ("an AWS access key id", re.compile(r"\b(?:AKIA|ASIA)(?![A-Z0-9]*EXAMPLE)[A-Z0-9]{16}\b")),
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s*(?:\\n)?[A-Za-z0-9+/=]{20}")),
    ("a JSON web token", re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.")),
    ("a token", re.compile(r"\b(?:ghp|gho|ghs|glpat|xoxb|xoxp|sk_live|rnd)[-_][A-Za-z0-9]{20,}")),
    ("a password in a URL", re.compile(r"[a-z]://[^\s:/@\"'{<$%]+:(?![{<$%*]|password@|secret@)[^\s@/{\"'<]{3,}@")),
)
_SECRET_KEY = re.compile(r"(?:password|passwd|secret|secret_key|access_key|token|api_key|private_key)$")


def no_secret_is_in_the_tree(tree: Tree) -> Iterator[Violation]:
    remedy = "take it from the vault, the environment or a file; examples write <...>"
    for path in tree.files:
        # tests plant canaries
        if path.startswith("tests/") or path.endswith((".lock", ".png")):
            continue
        for number, line in enumerate(tree.lines(path), 1):
            for kind, pattern in _SECRETS:
                if pattern.search(line):
                    yield Violation(f"{path}:{number}", f"looks like {kind}", remedy)
        # the lab's servers listen on loopback and hold nothing: its credentials are none
        if path.startswith(("inventories/", "roles/", "playbooks/")) and path.endswith(".yml") and "/lab" not in path:
            for key, value in _scalars(tree.yaml(path)):
                if _SECRET_KEY.search(key) and value and "{{" not in value and not value.startswith("$ANSIBLE_VAULT"):
                    yield Violation(path, f"{key} has a literal value", remedy)


def _scalars(value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, str):
                yield str(key), item
            else:
                yield from _scalars(item)
    elif isinstance(value, list):
        for item in value:
            yield from _scalars(item)


def _text_limit(path: str) -> int:
    if re.fullmatch(r"roles/[^/]+/(?:tasks|handlers)/.*\.yml", path):
        return TASKS
    if re.fullmatch(r"playbooks/[^/]+\.yml", path):
        return PLAYBOOK
    if path.endswith(".j2"):
        return TEMPLATE
    return README if path.split("/")[-1] == "README.md" else 0


def _code_lines(tree: Tree, path: str) -> int:
    documents = sum(
        (node.end_lineno or 0) - node.lineno + 1
        for node in tree.python(path).body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in DOCUMENTS
    )
    return len(tree.lines(path)) - documents


def _docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    if ast.get_docstring(node) is None:
        return 0
    return (node.body[0].end_lineno or 0) - node.body[0].lineno + 1


def _has_logic(module: ast.Module) -> bool:
    return any(
        not isinstance(statement, ast.Pass) and not _is_words(statement)
        for node in ast.walk(module)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        for statement in node.body
    )


def _is_words(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


RULES = (
    python_files_are_small,
    functions_are_small,
    yaml_and_texts_are_small,
    names_say_a_topic,
    plugins_carry_the_licence,
    unit_tests_mirror_plugins,
    no_secret_is_in_the_tree,
)
