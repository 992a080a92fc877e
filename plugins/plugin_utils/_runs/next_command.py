# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands to copy: whole, and named as the person named this one."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from ...module_utils._errors import OpsError
from ...module_utils._redact import Redactor
from .secrets import secrets_in

PROGRAM = "ansible-playbook"
# tools look at the whole inventory, whatever this run was limited to, and so do incidents
_TOOLS = (
    *("ledger", "lease", "approve", "journal", "notify", "schedule", "status", "window"),
    *("inventory_check", "incident"),
)
_INVENTORY = ("-i", "--inventory", "--inventory-file")
_LIMIT = ("-l", "--limit")
_EXTRA = ("-e", "--extra-vars")
_VAULT = ("--vault-password-file", "--vault-pass-file", "--vault-id")
_PICKS = ("-t", "--tags", "--skip-tags", "--start-at-task")
_PROMPTS = ("-J", "--ask-vault-password", "--ask-vault-pass")
# their values are no playbooks
_OTHERS = (
    *("-f", "--forks", "-u", "--user", "-c", "--connection"),
    *("-T", "--timeout", "-M", "--module-path", "--private-key", "--key-file", "--become-method", "--become-user"),
    *("--become-password-file", "--become-pass-file", "--connection-password-file", "--conn-pass-file"),
    *("--ssh-common-args", "--ssh-extra-args", "--scp-extra-args", "--sftp-extra-args"),
)
_TAKES_VALUE = frozenset((*_INVENTORY, *_LIMIT, *_EXTRA, *_VAULT, *_PICKS, *_OTHERS))
_PLAIN = re.compile(r"[\w@%+=:,./-]*", re.ASCII)
# what Ansible's own splitting of -e leaves alone between double quotes
_QUOTABLE = re.compile(r"[^\"'\\{}#\x00-\x1f]*")
# one variable, its text as it is or as extra_variable() quotes it
_ONE_VARIABLE = re.compile(r"(\w+)=(\S*|\"[^\"\\]*\")")
# a text that Ansible would cut at its first blank, whatever quotes are in it
_CUT = re.compile(r"(\w+)=(?![\"'{\[])(?!.*\s\w+=)(\S.*\s.*)", re.DOTALL)
# an apostrophe within the quotes that shlex puts around a word
_QUOTED = "'\"'\"'"
# what a person says of a run, and means for the one that follows it too
_STAYS = ("batch", "reason")

Words = tuple[str, str, tuple[str, ...]]


@dataclass(frozen=True)
class Commands:
    """Makes commands in the manner of this run's own.

    :param argv: this run's command line, with the program.
    :param exists: tells whether a file is there.
    :param which: finds a program on C(PATH).
    """

    argv: Sequence[str] = (PROGRAM,)
    exists: Callable[[str], bool] = field(default=os.path.exists, repr=False)
    which: Callable[[str], str | None] = field(default=shutil.which, repr=False)

    def of(self, playbook: str, variables: Mapping[str, object] | None = None, limit: str = "") -> str:
        """Return the command that runs another playbook on the same inventory.

        :param playbook: the name of a runbook or tool, without suffix.
        :param limit: a host in place of what this run was limited to.
        """
        kept = [*_INVENTORY, *_VAULT, *_PROMPTS] + ([] if limit or playbook in _TOOLS else [*_LIMIT])
        words = [word for option, _value, typed in self._parsed() if option in kept for word in typed]
        words += ["-l", limit] if limit else []
        given = {**self._said_for(playbook), **(variables or {})}
        words += [part for key, value in given.items() for part in ("-e", extra_variable(key, value))]
        return shlex.join([self._program(PROGRAM), self._playbook(playbook), *words])

    def _said_for(self, playbook: str) -> dict[str, str]:
        """Return what was said of this run and holds for the next one of the same runbook: its batch and its reason."""
        names = {f"{playbook}_{word}" for word in _STAYS}
        given: dict[str, str] = {}
        for option, value, _typed in self._parsed():
            if option in _EXTRA:
                given |= {name: text for name, text in _pairs(value) if name in names}
        return given

    def wanted(self, next: Mapping[str, object]) -> str:
        """Return the command that a result or error names under C(next); empty when it names none."""
        playbook, variables = str(next.get("playbook") or ""), next.get("variables")
        given = variables if isinstance(variables, Mapping) else {}
        return self.of(playbook, given, str(next.get("limit") or "")) if playbook else ""

    def remedy(self, error: OpsError) -> str:
        """Return an error's remedy with its command in full."""
        return with_command(error.remedy, self.wanted(error.next))

    def again(self, variables: Mapping[str, object] | None = None, *, without: Collection[str] = ()) -> str:
        """Return this run's own command, with variables added or taken out, and texts quoted that were not.

        :returns: empty when one that must go is typed in a way that cannot be taken apart.
        """
        words: list[str] = []
        for option, value, typed in self._parsed():
            if option not in _EXTRA:
                words += typed
                continue
            kept = _left_of(value, without)
            if kept is None:
                return ""
            words += typed if kept == value else ("-e", kept) if kept else ()
        words += [part for key, value in (variables or {}).items() for part in ("-e", extra_variable(key, value))]
        return self._shown([self._program(PROGRAM), *words])

    @property
    def picks_tasks(self) -> bool:
        """Tell whether this run was told to leave tasks out."""
        return any(option in _PICKS for option, _value, _typed in self._parsed())

    def whole(self) -> str:
        """Return this run's own command with all of its tasks."""
        words = [word for option, _value, typed in self._parsed() if option not in _PICKS for word in typed]
        return self._shown([self._program(PROGRAM), *words])

    def hosts(self) -> str:
        """Return the command that shows which hosts the inventory has."""
        kept = (*_INVENTORY, *_VAULT, *_PROMPTS)
        words = [word for option, _value, typed in self._parsed() if option in kept for word in typed]
        return shlex.join([self._program("ansible-inventory"), "--graph", *words])

    def _shown(self, words: Sequence[str]) -> str:
        """Return the words as one line to copy, without what was typed under the name of a secret."""
        typed = [value for option, value, _typed in self._parsed() if option in _EXTRA]
        secrets = {secret for value in typed for secret in _secrets(value)}
        # as a shell's quotes spell them too
        spelt = {text.replace("'", _QUOTED) for secret in secrets for text in (secret, json.dumps(secret)[1:-1])}
        return Redactor(secrets | spelt).text(shlex.join(words))

    def _program(self, name: str) -> str:
        """Return the program by its bare name where that finds this one, else by the path that was typed."""
        typed = PurePosixPath(self.argv[0])
        if len(typed.parts) < 2 or not typed.name.startswith(PROGRAM):
            return name
        found = self.which(typed.name)
        if found and os.path.abspath(found) == os.path.abspath(typed):
            return name
        return str(typed.with_name(name))

    def _playbook(self, name: str) -> str:
        """Name the other playbook as this one was named: as a file beside it, or within the collection."""
        if "." in name:
            return name
        for option, word, _typed in self._parsed():
            path = PurePosixPath(word)
            beside = str(path.with_name(f"{name}.yml")) if not option and path.suffix in (".yml", ".yaml") else ""
            if beside and self.exists(beside):
                return beside
        return f"steady.ops.{name}"

    def _parsed(self) -> Iterator[Words]:
        """Yield option, value and the words as typed; a word that belongs to no option has an empty one."""
        words = iter(self.argv[1:])
        for word in words:
            option, _equals, glued = word.partition("=")
            if word in _TAKES_VALUE:
                value = next(words, "")
                yield word, value, (word, value)
            elif word.startswith("--"):
                yield option, glued, (word,)
            elif word.startswith("-"):
                # -ix, as a shell's completion leaves it
                yield (word[:2], word[2:], (word,)) if word[:2] in _TAKES_VALUE else (word, "", (word,))
            else:
                yield "", word, (word,)


def _left_of(typed: str, without: Collection[str]) -> str | None:
    """Return what one C(-e) is without some variables, empty for nothing; None where it cannot be taken apart."""
    cut = _CUT.fullmatch(typed)
    one = cut or _ONE_VARIABLE.fullmatch(typed)
    if one and one.group(1) in without:
        return ""
    if one:
        return extra_variable(one.group(1), one.group(2)) if cut else typed
    if not any(name in typed for name in without):
        return typed
    try:
        given = json.loads(typed)
        left = {name: value for name, value in given.items() if name not in without}
    except (ValueError, AttributeError):
        return None
    return json.dumps(left, ensure_ascii=False) if left else ""


def _pairs(typed: str) -> Iterator[tuple[str, str]]:
    """Yield the variables of one C(-e) as texts; nothing of a file."""
    if cut := _CUT.fullmatch(typed):
        yield cut.group(1), cut.group(2)
        return
    try:
        if typed.lstrip().startswith("{"):
            yield from ((str(name), str(value)) for name, value in json.loads(typed).items())
            return
        words = shlex.split(typed)
    except ValueError:
        return
    for word in words:
        name, equals, text = word.partition("=")
        if equals:
            yield name, text


def _secrets(typed: str) -> set[str]:
    """Return what one C(-e) says under the name of a secret."""
    try:
        return secrets_in(json.loads(typed))
    except ValueError:
        return secrets_in(dict(_pairs(typed)))


def with_command(remedy: str, command: str) -> str:
    """Return a remedy that ends in the command to copy."""
    if not command:
        return remedy
    return f"{remedy.rstrip('.:')}: `{command}`" if remedy else f"Next: `{command}`"


def extra_variable(name: str, value: object) -> str:
    """Return what C(-e) must be given, so that Ansible's own splitting at blanks gives back the value."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if not isinstance(value, (str, bool, int, float)):
        return json.dumps({name: value}, ensure_ascii=False, default=str)
    if _PLAIN.fullmatch(text):
        return f"{name}={text}"
    return f'{name}="{text}"' if _QUOTABLE.fullmatch(text) else json.dumps({name: text}, ensure_ascii=False)
