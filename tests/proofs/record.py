"""Proofs of procedures as docs/proofs.json keeps them: what was shown, by which test, over which files."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tools.treehash import ROOT, tree_hash

OWN_MODULE = re.compile(r"^\s*(?:- )?(?:ansible\.builtin\.)?(?:steady\.ops\.)(\w+):", re.MULTILINE)


@dataclass(frozen=True)
class Proof:
    """One row shown by one test; ``paths`` are relative to the root of the checkout."""

    row: str
    runbook: str
    test: str
    observation: str
    paths: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values, as pytest-xdist can carry them."""
        return asdict(self) | {"paths": list(self.paths)}


def names_row(entries: Iterable[dict[str, Any]], runbook: str, row: str) -> bool:
    """Say whether one journal entry of ``runbook`` carries ``row`` in its ``procedures``."""
    return any(entry.get("runbook") == runbook and row in entry.get("procedures", ()) for entry in entries)


def covered_paths(runbook: str, test_file: str, root: Path = ROOT) -> tuple[str, ...]:
    """Return what a proof covers: the runbook's role and playbook, the modules these name, and the test file."""
    role, playbook = f"roles/{runbook}", f"playbooks/{runbook}.yml"
    sources = [*(root / role).rglob("*.yml"), root / playbook]
    names = {name for source in sources for name in OWN_MODULE.findall(source.read_text())}
    modules = [path for name in names if (root / (path := f"plugins/modules/{name}.py")).is_file()]
    return tuple(sorted({role, playbook, test_file, *modules}))


def write(proofs: Iterable[Proof], root: Path = ROOT) -> None:
    """Merge ``proofs`` into docs/proofs.json; rows that are not among them keep their older proof."""
    page = root / "docs" / "proofs.json"
    rows = json.loads(page.read_text())["rows"] if page.exists() else {}
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for proof in proofs:
        value = proof.as_dict()
        row = value.pop("row")
        rows[row] = value | {"tree": tree_hash(proof.paths, root), "recorded_at": now}
    page.parent.mkdir(exist_ok=True)
    beside = page.with_suffix(".json.new")
    beside.write_text(json.dumps({"rows": dict(sorted(rows.items()))}, indent=2) + "\n")
    beside.replace(page)
