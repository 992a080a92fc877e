# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making an artefact of a commit: fetched from a repository, archived the same way each time."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...module_utils._command import CommandResult, CommandRunner
from ...module_utils._errors import InvalidInput, NotFound, Unreachable
from ...module_utils._redact import Redactor

_SECONDS = 600.0
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_SHORT = re.compile(r"[0-9a-f]{7,63}\Z")
_EVERYTHING = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
_PROTOCOLS = "file:git:http:https:ssh"
_LINES = 3


@dataclass(frozen=True)
class Git:
    """One repository, reached from this machine.

    :param home: a private directory for the copy.
    :param environment: the environment of git; what it needs to sign in elsewhere stands there.
    :param token: for HTTPS; given to git by its environment, never as an argument.
    """

    runner: CommandRunner
    repository: str
    home: Path
    environment: Mapping[str, str]
    token: str = ""

    def write(self, name: str, target: Path) -> str:
        """Write the archive of a tag or commit and return the commit.

        :raises NotFound: there is none of that name. :raises Unreachable: the repository gives no answer.
        """
        self._must(["init", "--quiet", "--bare", str(self.home)], "be copied")
        commit = self._commit(name)
        settings = ["-c", "tar.umask=0022", "-c", "core.autocrlf=false", "-c", "core.attributesFile=/dev/null"]
        plain = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
        self._must([*self._here(), *settings, "archive", "--format=tar", f"--output={target}", commit], "pack", plain)
        return commit

    def _commit(self, name: str) -> str:
        if _COMMIT.match(name) and (self._fetch(name).rc == 0 or self._fetched_all()):
            return self._resolved(name, name)
        tag = f"refs/tags/{name}"
        if self._run(["check-ref-format", tag]).rc == 0 and self._fetch(f"+{tag}:{tag}").rc == 0:
            return self._resolved(tag, name)
        if _SHORT.match(name) and self._fetched_all():
            return self._resolved(name, name)
        self._answers()
        raise NotFound(
            f"deploy_release {name!r} is no tag and no commit of {self._shown}",
            remedy="Name a tag or a commit; a branch moves, so none is taken.",
        )

    def _resolved(self, what: str, name: str) -> str:
        found = self._run([*self._here(), "rev-parse", "--verify", "--quiet", "--end-of-options", f"{what}^{{commit}}"])
        commit = found.out.strip()
        if found.rc or not _COMMIT.match(commit):
            raise NotFound(
                f"deploy_release {name!r} names no commit of {self._shown}, or more than one",
                remedy="Name a tag or a whole commit.",
            )
        return commit

    def _fetch(self, *what: str, depth: Sequence[str] = ("--depth=1",)) -> CommandResult:
        return self._run(
            [*self._here(), "fetch", "--quiet", "--no-tags", *depth, "--end-of-options", self.repository, *what]
        )

    def _fetched_all(self) -> bool:
        return self._fetch(*_EVERYTHING, depth=()).rc == 0

    def _answers(self) -> None:
        """Tell a repository without that name from one that gives no answer."""
        asked = self._run([*self._here(), "ls-remote", "--quiet", "--heads", "--end-of-options", self.repository])
        if asked.rc:
            raise Unreachable(
                f"The repository {self._shown} gives no answer: {self._words(asked)}",
                remedy="Check component_options.artefact.git and what git needs to sign in there.",
            )

    def _must(self, arguments: Sequence[str], doing: str, more: Mapping[str, str] | None = None) -> None:
        done = self._run(arguments, more)
        if done.rc:
            raise Unreachable(f"The repository {self._shown} could not {doing}: {self._words(done)}")

    def _here(self) -> list[str]:
        return ["-C", str(self.home)]

    def _run(self, arguments: Sequence[str], more: Mapping[str, str] | None = None) -> CommandResult:
        environment = {**self.environment, **(more or {}), **self._signing_in()}
        return self.runner.run(["git", *arguments], environment=environment, timeout_seconds=_SECONDS)

    def _signing_in(self) -> dict[str, str]:
        own = {
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ALLOW_PROTOCOL": _PROTOCOLS,
            "GIT_SSH_COMMAND": self.environment.get("GIT_SSH_COMMAND") or "ssh -o BatchMode=yes",
            "LC_ALL": "C",
        }
        if not self.token:
            return own
        basic = base64.b64encode(f"x-access-token:{self.token}".encode()).decode()
        # only to this repository's own server
        header = {"GIT_CONFIG_KEY_0": f"http.{self.repository}.extraHeader"}
        return {
            **own,
            **header,
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_VALUE_0": f"Authorization: Basic {basic}",
        }

    @property
    def _shown(self) -> str:
        return Redactor().text(self.repository)

    def _words(self, done: CommandResult) -> str:
        lines = [line.strip() for line in f"{done.err}\n{done.out}".splitlines() if line.strip()]
        said = " ".join(lines[:_LINES]) or f"exit code {done.rc}"
        return Redactor([self.token] if self.token else []).text(said)


def token_in(path: str) -> str:
    """Return the token that a file holds; empty where none is named.

    :raises InvalidInput: the file cannot be read.
    """
    if not path:
        return ""
    try:
        return Path(path).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise InvalidInput(
            f"component_options.artefact.token_file {path!r} cannot be read: {why}", remedy="Make it readable."
        ) from None
