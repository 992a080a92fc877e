# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: lab
author: steady.ops contributors (@steady-ops)
version_added: 0.1.0
short_description: Tell where a part of the lab listens
description:
  - Reads C(.lab/status.json), which C(python -m lab up) writes, so that a lab inventory follows the lab's free ports.
  - The file is looked for upward from the inventory, then from the playbook, then from the current directory.
options:
  _terms:
    description:
      - What to tell, as words with dots between them. The first word is a part (V(postgres.port)) or a key of the
        whole lab (V(ledger)).
      - When there is no such key but a file of that name (V(postgres.password) with C(password_file)), the file's
        content is returned.
    type: list
    elements: string
    required: true
notes:
  - The environment variable E(STEADY_LAB) names another checkout, its C(.lab) directory or a status file to read.
"""

EXAMPLES = r"""
- name: Point the connection at the lab's PostgreSQL
  ansible.builtin.set_fact:
    postgres_connection:
      login_host: "{{ lookup('steady.ops.lab', 'postgres.host') }}"
      login_port: "{{ lookup('steady.ops.lab', 'postgres.port') }}"
      login_password_file: "{{ lookup('steady.ops.lab', 'postgres.password_file') }}"

- name: Keep the ledger of this environment with the lab
  ansible.builtin.set_fact:
    ops_ledger: "file://{{ lookup('steady.ops.lab', 'ledger') }}/smartunderwrite"
"""

RETURN = r"""
_raw:
  description: One value for each term, with the type it has in the status file.
  type: list
  elements: raw
"""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

START = "start it with `make lab`"


class LookupModule(LookupBase):
    """`lookup('steady.ops.lab', 'postgres.port')`."""

    def run(self, terms: list[str], variables: Mapping[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        """One value per term; raises AnsibleError with one sentence."""
        self.set_options(var_options=variables, direct=kwargs)
        status = read_status(search_from(variables or {}), os.environ.get("STEADY_LAB", ""))
        return [value_of(status, str(term)) for term in terms]


def search_from(variables: Mapping[str, Any]) -> list[Path]:
    """The directories to search upward from, in order."""
    sources = [source for source in variables.get("ansible_inventory_sources") or [] if "," not in str(source)]
    named = [variables.get("inventory_dir"), *sources, variables.get("playbook_dir")]
    return [Path(str(each)) for each in named if each] + [Path.cwd()]


def read_status(starts: Iterable[Path], override: str) -> dict[str, Any]:
    """The content of the first status file found, or of the one that `override` names."""
    if override:
        named = Path(override)
        tried = [named, named / "status.json", named / ".lab" / "status.json"]
        found = next((each for each in tried if each.is_file()), None)
        if found is None:
            raise AnsibleError(f"The lab is not up (no status.json found at {named}, which STEADY_LAB names): {START}.")
        return _load(found)
    searched = list(starts)
    for start in searched:
        for folder in (start.resolve(), *start.resolve().parents):
            if (folder / ".lab" / "status.json").is_file():
                return _of_checkout(_load(folder / ".lab" / "status.json"), folder)
    where = ", ".join(dict.fromkeys(str(each) for each in searched))
    raise AnsibleError(f"The lab is not up (no .lab/status.json found upward from {where}): {START}.")


def _load(path: Path) -> dict[str, Any]:
    try:
        status = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AnsibleError(f"The lab's {path} cannot be read ({error}): {START}.") from error
    if not isinstance(status, dict) or not isinstance(status.get("parts"), dict):
        raise AnsibleError(f"The lab's {path} is not a status file: {START}.")
    return status


def _of_checkout(status: dict[str, Any], checkout: Path) -> dict[str, Any]:
    """Refuse the lab of another checkout, whose link came along when a checkout was copied."""
    owner = status.get("checkout")
    if owner is not None and Path(owner) != checkout:
        raise AnsibleError(f"The lab that {checkout / '.lab'} points to belongs to {owner}: {START} in this checkout.")
    return status


def value_of(status: Mapping[str, Any], term: str) -> Any:
    """The value that a term names."""
    first, *rest = term.split(".")
    if first in status["parts"]:
        value = status["parts"][first]
        if value.get("state", "up") != "up":
            raise AnsibleError(f"lookup('steady.ops.lab', '{term}'): the lab's {first} is not up: {START}.")
    elif first != "parts" and first in status:
        value = status[first]
    else:
        known = ", ".join(sorted({*status["parts"], *status} - {"parts"}))
        raise AnsibleError(
            f"lookup('steady.ops.lab', '{term}'): the lab has no {first}, only {known}: start it with "
            f"`make lab`, or correct the name."
        )
    for word in rest:
        value = _below(value, word, term)
    return value


def _below(value: Any, word: str, term: str) -> Any:
    if isinstance(value, Mapping) and word in value:
        return value[word]
    if isinstance(value, Mapping) and f"{word}_file" in value:
        try:
            return Path(value[f"{word}_file"]).read_text(encoding="utf-8").rstrip("\n")
        except OSError as error:
            raise AnsibleError(
                f"lookup('steady.ops.lab', '{term}'): the file cannot be read ({error}): {START}."
            ) from error
    known = ", ".join(sorted(value)) if isinstance(value, Mapping) else "nothing below it"
    raise AnsibleError(f"lookup('steady.ops.lab', '{term}'): there is no {word}, only {known}: correct the name.")
