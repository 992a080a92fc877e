# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one next command of a red run, as a person copies it: the same inventory, another playbook. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

_TAKEN_OVER = ("-i", "--inventory", "--inventory-file", "-l", "--limit", "--vault-password-file", "--vault-id")
# --inventory=x, and -ix as a shell's completion leaves it
_GLUED = tuple(f"{option}=" if option.startswith("--") else option for option in _TAKEN_OVER)


def next_command(argv: Sequence[str], wanted: Mapping[str, object]) -> str:
    """Return the command line.

    :param argv: this run's arguments, without the program.
    :param wanted: C(playbook) and optionally C(variables), as a module's C(next) states them.
    :returns: empty when the module names no next command.
    """
    name = str(wanted.get("playbook") or "")
    if not name:
        return ""
    variables = wanted.get("variables")
    given = variables if isinstance(variables, Mapping) else {}
    extra = [part for key, value in given.items() for part in ("-e", f"{key}={value}")]
    return shlex.join(["ansible-playbook", _playbook(argv, name), *_kept(argv), *extra])


def _kept(argv: Sequence[str]) -> list[str]:
    kept: list[str] = []
    for position, word in enumerate(argv):
        if word in _TAKEN_OVER:
            kept += argv[position : position + 2]
        elif word.startswith(_GLUED):
            kept.append(word)
    return kept


def _playbook(argv: Sequence[str], name: str) -> str:
    """Name the other playbook as this one was named: as a file beside it, or within the collection."""
    for word in argv:
        path = PurePosixPath(word)
        if path.suffix in (".yml", ".yaml") and path.parent.name == "playbooks":
            return str(path.with_name(f"{name}.yml"))
    return f"steady.ops.{name}"
