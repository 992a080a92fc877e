"""Write what pages can be told by contracts and argument specs: the facts of each runbook, between two marks.

    python -m tools.docs           write docs/<runbook>.md
    python -m tools.docs --check   name the pages that are not up to date, exit code 1

The prose around the marks is a person's. Other repositories are described likewise: --root names one.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
BEGIN = "<!-- written by tools/docs.py from roles/{role}/meta -->"
END = "<!-- end of what tools/docs.py writes -->"
# Ansible's markup for options, values and code, as Markdown has it
MARKUP = re.compile(r"\b[OVCER]\(([^)]*)\)")


def described(role: str, contract: Mapping[str, Any], specs: Mapping[str, Any]) -> str:
    """Return the generated part of a runbook's page.

    :param contract: meta/runbook.yml.
    :param specs: meta/argument_specs.yml.
    """
    options = specs["argument_specs"]["main"].get("options") or {}
    parts = [BEGIN.format(role=role), "", contract["purpose"], "", *_actions(role, contract)]
    parts += ["", *_variables(options), "", *_claims(contract), "", END]
    return "\n".join(parts)


def _actions(role: str, contract: Mapping[str, Any]) -> list[str]:
    actions = contract["actions"]
    read = [name for name, facts in actions.items() if facts["risk"] == "read"]
    default = (read or list(actions))[0]
    lines = ["| action | risk | leases | at most | undo |", "|---|---|---|---|---|"]
    for name, facts in actions.items():
        minutes = f"{facts['deadline_minutes']} minutes" if "deadline_minutes" in facts else ""
        named = f"`{name}`" + (" (the default)" if name == default and len(actions) > 1 else "")
        # what is only written into the ledger needs no lease
        leased = ", ".join(name for name in facts.get("objects", []) if name != "ledger") or "nothing"
        cells = [named, facts["risk"], leased, minutes, facts.get("undo", "")]
        lines.append(f"| {' | '.join(cells)} |")
    if len(actions) > 1:
        lines += ["", f"Another action than the default: `-e {role}_action=...`."]
    return lines


def _variables(options: Mapping[str, Any]) -> list[str]:
    if not options:
        return ["It takes no variables of its own."]
    lines = ["| variable (`-e name=value`) | type | does |", "|---|---|---|"]
    for name, option in options.items():
        said = option["description"]
        text = MARKUP.sub(r"`\1`", " ".join([said] if isinstance(said, str) else said))
        choices = [f"`{choice}`" for choice in option.get("choices", []) if choice != ""]
        one_of = f" One of {', '.join(choices)}." if choices else ""
        lines.append(f"| `{name}` | {option['type']} | {text}{one_of} |")
    quoting = [
        f"Text with blanks needs quotes of its own: `-e '{name}=\"two words\"'`."
        for name in options
        if name.endswith("_reason")
    ]
    return [*lines, "", " ".join(["An empty value is the same as none.", *quoting])]


def _claims(contract: Mapping[str, Any]) -> list[str]:
    platforms = contract.get("platforms")
    rows = contract.get("procedures")
    lines = [f"Platforms so far: {', '.join(f'`{name}`' for name in platforms)}."] if platforms else []
    return [*lines, f"Procedures: {', '.join(rows)}." if rows else "No procedure of the catalogue is claimed for it."]


def written(page: str, role: str, generated: str) -> str:
    """Return the page with its generated part replaced.

    :raises ValueError: the page lacks a mark.
    """
    before, begin, rest = page.partition(BEGIN.format(role=role))
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(
            f"docs/{role}.md lacks the marks: put\n{BEGIN.format(role=role)}\n{END}\nwhere its facts belong"
        )
    return before + generated + after


def main(arguments: list[str] | None = None) -> int:
    """Write or check all pages; 0 when they are up to date."""
    parser = argparse.ArgumentParser(prog="python -m tools.docs", description="Write the facts into docs/<runbook>.md.")
    parser.add_argument("--check", action="store_true", help="write nothing, name what is not up to date")
    parser.add_argument("--root", type=Path, default=ROOT, help="repository with roles/ and docs/ (default: this one)")
    options = parser.parse_args(arguments)
    stale = []
    for meta in sorted(options.root.glob("roles/*/meta/runbook.yml")):
        role, path = meta.parts[-3], options.root / "docs" / f"{meta.parts[-3]}.md"
        if not path.exists():
            stale.append(f"docs/{role}.md does not exist: write it, with the marks that another page has")
            continue
        specs = yaml.safe_load(meta.with_name("argument_specs.yml").read_text(encoding="utf-8"))
        page = path.read_text(encoding="utf-8")
        try:
            wanted = written(page, role, described(role, yaml.safe_load(meta.read_text(encoding="utf-8")), specs))
        except ValueError as error:
            stale.append(str(error))
            continue
        if page != wanted and options.check:
            stale.append(f"docs/{role}.md is not up to date: run python -m tools.docs")
        elif page != wanted:
            path.write_text(wanted, encoding="utf-8")
    print("\n".join(stale) or "All pages are up to date.")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
