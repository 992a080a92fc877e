"""One hash over the files that a recorded result covers: the result is stale when the hash has changed.

Shared by the proofs of procedures (docs/proofs.json) and the results of soak runs (tests/soak/results).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEFT_BY_TOOLS = ("__pycache__",)


def tree_hash(paths: Iterable[str], root: Path = ROOT) -> str:
    """Return the SHA-256 (hex) over relative path and content of every file at or below ``paths``.

    ``paths`` are relative to ``root``; their order and repetition do not matter. A path that does not exist raises
    FileNotFoundError: what a result covers can be changed, but not vanish unseen.
    """
    total = hashlib.sha256()
    for path in sorted(set(_files(paths, root))):
        name = path.relative_to(root).as_posix()
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{name}\0{content}\n".encode())
    return total.hexdigest()


def is_stale(recorded: str, paths: Iterable[str], root: Path = ROOT) -> bool:
    """Say whether ``recorded`` is no longer the hash of ``paths``; vanished paths make it stale too."""
    try:
        return tree_hash(paths, root) != recorded
    except FileNotFoundError:
        return True


def _files(paths: Iterable[str], root: Path) -> Iterator[Path]:
    for relative in paths:
        path = root / relative
        if path.is_dir():
            yield from (file for file in path.rglob("*") if file.is_file() and not _left_by_tools(file))
        elif path.is_file():
            yield path
        else:
            raise FileNotFoundError(f"{relative} does not exist below {root}")


def _left_by_tools(file: Path) -> bool:
    return any(part in LEFT_BY_TOOLS for part in file.parts)
