"""A planted violation: a few files, the rule they break, and words of the sentence that must come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Plant:
    """Files of a small tree in which exactly one thing is wrong."""

    rule: str
    expected: str
    files: Mapping[str, str] = field(default_factory=dict)

    def grow(self, root: Path) -> None:
        for path, text in self.files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")

    def __str__(self) -> str:
        return f"{self.rule}: {self.expected}"
