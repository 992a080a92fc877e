"""Say which of the catalogued procedures are live (`make procedures`).

A row of docs/procedures.yml is *claimed* when a contract, roles/*/meta/runbook.yml, lists it under ``procedures``, and
*live* when docs/proofs.json holds a proof of it by that runbook over files that have not changed since. A proof over
files that have changed is STALE. A row that is claimed and not proved makes the answer red (exit code 1).

Other repositories are read beside this one: each argument is a directory of roles, whose parent may hold
docs/procedures.yml and docs/proofs.json of its own.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tools.treehash import ROOT, is_stale

STATES = ("live", "stale", "missing", "unclaimed")
ROW = re.compile(r"^(?P<head>[A-Z]{2,}-\d+: \{.*\brunbook: )(?P<runbook>\w+)(?P<tail>\}.*)$")


@dataclass(frozen=True)
class Row:
    """One procedure: what it is called, who claims it, and how far that is proved (one of ``STATES``)."""

    id: str
    title: str
    system: str
    capability: str
    runbook: str | None
    state: str


@dataclass
class Map:
    """All rows, and the sentences about what is wrong with the claims themselves."""

    rows: list[Row] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def red(self) -> bool:
        """Whether a claim is not proved at all, or cannot be right."""
        return bool(self.problems) or any(row.state == "missing" for row in self.rows)

    def counts(self, key: str) -> dict[str, Counter[str]]:
        """Return the number of rows by state for each value of ``key`` (``system`` or ``capability``)."""
        table: dict[str, Counter[str]] = {}
        for row in self.rows:
            table.setdefault(getattr(row, key), Counter())[row.state] += 1
        return table


def claims_of(roles: Path) -> list[tuple[str, str]]:
    """Return (row, runbook) for every row that a contract below ``roles`` claims."""
    claims = []
    for contract in sorted(roles.glob("*/meta/runbook.yml")):
        content = yaml.safe_load(contract.read_text()) or {}
        claims += [(str(row), contract.parent.parent.name) for row in content.get("procedures") or []]
    return claims


def read_map(roles: Iterable[Path]) -> Map:
    """Read the claims below each directory of roles, with the rows and proofs of the house each belongs to."""
    catalogue: dict[str, dict[str, Any]] = {}
    claimed: dict[str, str] = {}
    proofs: dict[str, tuple[dict[str, Any], Path]] = {}
    result = Map()
    for directory in roles:
        house = directory.resolve().parent
        catalogue |= _yaml(house / "docs" / "procedures.yml")
        proofs |= {row: (proof, house) for row, proof in _proofs(house / "docs" / "proofs.json").items()}
        for row, runbook in claims_of(directory):
            if claimed.setdefault(row, runbook) != runbook:
                result.problems.append(
                    f"{row} is claimed by {claimed[row]} and by {runbook}: leave it in the contract that runs it."
                )
    result.problems += _wrong_claims(catalogue, claimed)
    for row, entry in catalogue.items():
        claimant = claimed.get(row)
        state = _state(claimant, proofs.get(row))
        result.rows.append(Row(row, entry["title"], entry["system"], entry["capability"], claimant, state))
    return result


def _wrong_claims(catalogue: dict[str, dict[str, Any]], claimed: dict[str, str]) -> list[str]:
    """Return a sentence for each claim of no known row, and for each row that the map itself tells differently."""
    unknown = [
        f"{runbook} claims {row}, which docs/procedures.yml does not list: correct its contract."
        for row, runbook in claimed.items()
        if row not in catalogue
    ]
    drifted = [
        f"docs/procedures.yml says runbook {entry.get('runbook') or 'null'} for {row}, the contracts say "
        f"{claimed.get(row) or 'null'}: run `python -m tools.procedures --claim`."
        for row, entry in catalogue.items()
        if entry.get("runbook") != claimed.get(row)
    ]
    return unknown + drifted


def _state(runbook: str | None, proof: tuple[dict[str, Any], Path] | None) -> str:
    if runbook is None:
        return "unclaimed"
    if proof is None or proof[0].get("runbook") != runbook or not proof[0].get("paths"):
        return "missing"
    record, house = proof
    return "stale" if is_stale(str(record.get("tree", "")), record["paths"], house) else "live"


def write_claims(page: Path, claimed: dict[str, str]) -> int:
    """Write into ``page`` which runbook claims each row; return how many lines changed."""
    before = page.read_text().splitlines()
    after = []
    for line in before:
        match = ROW.match(line)
        if match:
            row = line.split(":", 1)[0]
            line = f"{match['head']}{claimed.get(row, 'null')}{match['tail']}"
        after.append(line)
    page.write_text("\n".join(after) + "\n")
    return sum(old != new for old, new in zip(before, after, strict=True))


def table(title: str, counts: dict[str, Counter[str]]) -> list[str]:
    """Return the lines of one table: rows by state for each value, and their total."""
    lines = [f"{title:<18}{'rows':>6}" + "".join(f"{state:>11}" for state in STATES)]
    total: Counter[str] = Counter()
    for name, count in sorted(counts.items()):
        total.update(count)
        lines.append(_line(name, count))
    return [*lines, _line("total", total)]


def _line(name: str, count: Counter[str]) -> str:
    return f"{name:<18}{count.total():>6}" + "".join(f"{count[state]:>11}" for state in STATES)


def describe(found: Map) -> list[str]:
    """Return what a person reads: two tables, the live rows, one line for each row or claim that is not in order."""
    lines = [*table("system", found.counts("system")), "", *table("capability", found.counts("capability")), ""]
    lines += [f"live {row.id} {row.title}: {row.runbook}" for row in found.rows if row.state == "live"]
    for row in found.rows:
        if row.state == "missing":
            lines.append(f"NOT PROVED {row.id} {row.title}: {row.runbook} claims it and no recorded test proves it.")
        elif row.state == "stale":
            lines.append(f"STALE {row.id} {row.title}: what its proof covers has changed; run its test again.")
    live = sum(row.state == "live" for row in found.rows)
    return [*lines, *(f"WRONG {problem}" for problem in found.problems), f"{live} of {len(found.rows)} procedures live"]


def as_json(found: Map) -> dict[str, Any]:
    """Return the same as plain values."""
    return {
        "rows": {row.id: asdict(row) for row in found.rows},
        "systems": {name: dict(count) for name, count in found.counts("system").items()},
        "capabilities": {name: dict(count) for name, count in found.counts("capability").items()},
        "problems": found.problems,
        "red": found.red,
    }


def _yaml(page: Path) -> dict[str, dict[str, Any]]:
    return (yaml.safe_load(page.read_text()) or {}) if page.is_file() else {}


def _proofs(page: Path) -> dict[str, dict[str, Any]]:
    return dict(json.loads(page.read_text())["rows"]) if page.is_file() else {}


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Print the map; return 1 when a claim is not proved or wrong."""
    parser = argparse.ArgumentParser(prog="python -m tools.procedures", description=__doc__.splitlines()[0])
    parser.add_argument("roles", nargs="*", type=Path, help="directories of roles in other repositories")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--claim", action="store_true", help="write the claims into docs/procedures.yml first")
    options = parser.parse_args(arguments)
    if options.claim:
        changed = write_claims(root / "docs" / "procedures.yml", dict(claims_of(root / "roles")))
        print(f"{changed} rows changed in docs/procedures.yml", file=sys.stderr)
    found = read_map([root / "roles", *options.roles])
    print(json.dumps(as_json(found), indent=2) if options.json else "\n".join(describe(found)))
    return 1 if found.red else 0


if __name__ == "__main__":
    sys.exit(main())
