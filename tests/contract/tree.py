"""A repository as the rules see it: its files, parsed once, and the violations they are told about."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[2]
_NOT_OURS = {
    ".git",
    ".venv",
    ".ansible",
    ".lab",
    ".cache",
    ".ruff_cache",
    ".hypothesis",
    "build",
    "dist",
    "__pycache__",
}


class Violation(NamedTuple):
    """Where a rule is broken, how, and what to do."""

    path: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}: {self.remedy}"


class Tree:
    """Read access to one repository root. Paths are relative to it, with forward slashes."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def files(self) -> list[str]:
        """Return every file of the repository that git would keep."""
        found = []
        for directory, names, files in os.walk(self.root):
            names[:] = sorted(set(names) - _NOT_OURS)
            found += [(Path(directory) / name).relative_to(self.root).as_posix() for name in sorted(files)]
        return found

    def under(self, prefix: str, suffix: str = "") -> list[str]:
        """Return the files whose path begins and ends so."""
        return [path for path in self.files if path.startswith(prefix) and path.endswith(suffix)]

    def has(self, path: str) -> bool:
        return (self.root / path).is_file()

    def text(self, path: str) -> str:
        return _text(self.root / path)

    def lines(self, path: str) -> list[str]:
        return self.text(path).splitlines()

    def python(self, path: str) -> ast.Module:
        return _python(self.root / path)

    def yaml(self, path: str) -> Any:
        """Return the document; C(None) when the file does not exist. C(!vault) and its kind become their text."""
        return _yaml(self.root / path) if self.has(path) else None


Rule = Callable[[Tree], Iterator[Violation]]


class _Loader(yaml.SafeLoader):
    """Reads Ansible's own tags as plain text."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: str(node.value))


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


@cache
def _python(path: Path) -> ast.Module:
    return ast.parse(_text(path), str(path))


@cache
def _yaml(path: Path) -> Any:
    return yaml.load(_text(path), _Loader)
