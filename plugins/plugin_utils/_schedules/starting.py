# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an expected run is started: program, words, directory and environment, nothing of it by a shell. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ...module_utils._errors import InvalidInput
from .._runs.contract import action_variable
from .._runs.next_command import Commands
from .._runs.who import SCHEDULE
from .declared import Expected

# where Ansible and its drivers find things: names and places, never a credential
_KEPT = (
    *("ANSIBLE_HOME", "ANSIBLE_COLLECTIONS_PATH", "ANSIBLE_ROLES_PATH", "ANSIBLE_INVENTORY"),
    *("ANSIBLE_CALLBACKS_ENABLED", "ANSIBLE_STDOUT_CALLBACK", "ANSIBLE_VAULT_PASSWORD_FILE"),
    *("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"),
)
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_ASKS = {"-J", "--ask-vault-password", "--ask-vault-pass"}
_VAULT_OF_A_PERSON = "@prompt"


@dataclass(frozen=True)
class Manner:
    """In which manner this run was started, and the scheduled ones are.

    :param commands: makes commands as this run's own was typed.
    :param which: finds a program on C(PATH); None where there is none.
    :param directory: where the run works; paths on its command line may be relative to it.
    :param config: the file of Ansible's settings; empty for none.
    :param account: who runs it; empty for whoever owns the timer.
    :param environment_file: a file of C(NAME=value) lines with what must not be readable for everybody; may be empty.
    """

    commands: Commands
    which: Callable[[str], str | None]
    environment: Mapping[str, str] = field(repr=False)
    directory: str
    config: str = ""
    account: str = ""
    environment_file: str = ""


@dataclass(frozen=True)
class Start:
    """One start."""

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    directory: str
    account: str = ""
    environment_file: str = ""


def start_of(expected: Expected, manner: Manner) -> Start:
    """Return how an expected run is started.

    :raises InvalidInput: somebody would have to type something, or the program is not found.
    """
    variables = {action_variable(expected.runbook): expected.action, **expected.variables}
    words = shlex.split(manner.commands.of(expected.runbook, variables, expected.limit))
    if _ASKS & set(words) or any(word.endswith(_VAULT_OF_A_PERSON) for word in words):
        raise InvalidInput(
            "The command asks for a vault password, and nobody is there when a timer runs it",
            remedy="Pass --vault-password-file with a file that only this account may read.",
        )
    program = manner.which(words[0])
    if not program or not program.startswith("/"):
        raise InvalidInput(f"The program {words[0]} is not found", remedy="Start this playbook with its whole path.")
    kept = {name: manner.environment[name] for name in _KEPT if manner.environment.get(name)}
    environment = {
        "PATH": f"{program.rpartition('/')[0]}:{_PATH}",
        "LANG": "C.UTF-8",
        **({"ANSIBLE_CONFIG": manner.config} if manner.config else {}),
        **kept,
        SCHEDULE: expected.name,
    }
    for text in (program, *words, *environment.values(), manner.directory, manner.account, manner.environment_file):
        if any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
            raise InvalidInput(
                f"The command of {expected.name} has a control character in {text!r}",
                remedy="A unit is made of lines: take it out.",
            )
    return Start((program, *words[1:]), environment, manner.directory, manner.account, manner.environment_file)
