# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A command of the component's own: an argv list with a time-out, and only the environment that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ._command import CommandRunner
from ._errors import InvalidInput, MissingDriver, Unreachable
from ._redact import Redactor

_ALWAYS = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")
_LAST_LINES = 3
_LONGEST_LINE = 300
# a secret is seen as a whole, although only the end of it would be shown
_LINES_LOOKED_AT = 60
_LINE_LOOKED_AT = 2000


@dataclass(frozen=True)
class OwnCommand:
    """One command.

    :param environment: names of variables that it gets from the environment of the run, beside those that every
        command gets.
    """

    argv: tuple[str, ...]
    timeout_seconds: float = 300.0
    environment: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ended:
    """A command that ran to its end.

    :param rc: its exit code; negative: the signal that ended it.
    :param lines: its last words, at most three lines, bounded and redacted.
    """

    rc: int
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class NoEnd:
    """Why a command gave no verdict.

    :param id: C(command_environment), C(command_missing) or C(command_timeout).
    :param reason: what happened, as the end of the sentence that begins with the command.
    """

    id: str
    reason: str
    remedy: str = ""


def run(
    command: OwnCommand, *, told: Mapping[str, str], runner: CommandRunner, environ: Mapping[str, str]
) -> Ended | NoEnd:
    """Run a command to its end.

    :param told: variables that say what it is about; they win over those of the run.
    :param environ: the environment of the run.
    """
    missing = [name for name in command.environment if name not in environ]
    if missing:
        reason = f"wants {', '.join(missing)}, which the environment of the run does not hold"
        return NoEnd("command_environment", reason, "Set it where the command runs, or take it out of environment.")
    passed_on = {name: environ[name] for name in (*_ALWAYS, *command.environment) if name in environ}
    environment = {**passed_on, **{name: _encodable(value) for name, value in told.items()}}
    try:
        result = runner.run(command.argv, environment=environment, timeout_seconds=command.timeout_seconds)
    except MissingDriver as error:
        return NoEnd("command_missing", f"did not run to its end: {error.sentence}", error.remedy)
    except Unreachable as error:
        return NoEnd("command_timeout", f"did not run to its end: {error.sentence}", "Raise timeout_seconds.")
    redactor = Redactor([environ[name] for name in command.environment])
    return Ended(result.rc, _last_words(result.err or result.out, redactor))


def argv_from(value: object, where: str) -> tuple[str, ...]:
    """Read a program and its arguments.

    :raises InvalidInput: names what is wrong.
    """
    words = list(value) if isinstance(value, (list, tuple)) else []
    if not words or not words[0] or not all(isinstance(word, str) and "\0" not in word for word in words):
        raise InvalidInput(f"{where} names no program", remedy="Write a list: [/usr/local/bin/smoke-test, --quick].")
    return tuple(words)


def names_from(value: object, where: str) -> tuple[str, ...]:
    """Read the names of variables.

    :raises InvalidInput: names what is wrong.
    """
    if not isinstance(value, (list, tuple)) or not all(isinstance(name, str) and name for name in value):
        raise InvalidInput(f"{where} is no list of names", remedy="Write a list: [SMOKE_TOKEN].")
    return tuple(value)


def _encodable(value: str) -> str:
    """Return the value as an environment can hold it: a version is whatever an answer stated."""
    return value.replace("\0", "").encode(errors="replace").decode()


def _last_words(text: str, redactor: Redactor) -> tuple[str, ...]:
    looked_at = [line[:_LINE_LOOKED_AT] for line in text.splitlines()[-_LINES_LOOKED_AT:]]
    shown = redactor.text("\n".join(looked_at)).splitlines()
    printable = ["".join(char if char.isprintable() else " " for char in line).strip() for line in shown]
    return tuple(line[:_LONGEST_LINE] for line in printable if line)[-_LAST_LINES:]
