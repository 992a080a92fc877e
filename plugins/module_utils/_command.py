# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running a program: an argv list in, what it said out. No shell."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ._errors import MissingDriver, Unreachable


@dataclass(frozen=True)
class CommandResult:
    """What a program did: exit code (negative: the signal that ended it), standard output and error."""

    rc: int
    out: str
    err: str


class CommandRunner(Protocol):
    """The one way domain code starts a program."""

    def run(
        self,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        stdin: str = "",
        timeout_seconds: float | None = None,
    ) -> CommandResult:
        """Run the program to its end and return what it said."""


class SubprocessRunner:
    """Runs programs on this machine, each in a process group of its own."""

    def run(
        self,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        stdin: str = "",
        timeout_seconds: float | None = None,
    ) -> CommandResult:
        """Run the program to its end and return what it said.

        :param environment: the whole environment of the child; secrets go here or to stdin, never into argv.
        :raises MissingDriver: there is no such program, or it may not be run.
        :raises Unreachable: the time is up; the whole process group is gone then.
        """
        try:
            process = subprocess.Popen(
                list(argv),
                env=None if environment is None else dict(environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
        except OSError as error:
            raise MissingDriver(
                f"The program {argv[0]} cannot be started: {error.strerror}", remedy="Install it or correct its path."
            ) from None
        try:
            out, err = process.communicate(stdin, timeout=timeout_seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            # not read to the end: a grandchild that left the group may keep the pipes open for ever
            with process:
                pass
            raise Unreachable(f"The program {argv[0]} gave no result within {timeout_seconds:g} s") from None
        return CommandResult(process.returncode, out, err)
