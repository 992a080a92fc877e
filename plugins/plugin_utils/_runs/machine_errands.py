# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How errands reach a machine: one command each over the host's connection, with an end to waiting."""

from __future__ import annotations

import base64
import binascii
import inspect
import json
import shlex
import threading
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ...module_utils._errors import OpsError, Unreachable
from ...module_utils._redact import redact_shapes
from . import machine_attendant as attendant
from .machine_become import Become, BecomeRefused

# how the program gets there before there is a directory for it: as an argument, which names no secret
_FIRST = (
    "import base64, json, sys, zlib; r = json.loads(zlib.decompress(base64.b64decode(sys.argv[-1])));"
    " exec(compile(r['source'], 'steady.ops', 'exec'), {'__name__': '__main__'})"
)
_SAID_LENGTH = 300


@dataclass
class Errands:
    """Has errands done by the attendant on a machine.

    :param command: runs one command line there as the user of the module; returns C(rc), C(stdout), C(stderr).
    :param interpreter: returns the path of Python there; asked once, when it is needed.
    :param recover: forgets a connection that no longer answers.
    :param become: how the login user becomes the module's.
    """

    command: Callable[[str], Mapping[str, object]]
    interpreter: Callable[[], str]
    recover: Callable[[], None] = lambda: None
    become: Become = field(default_factory=Become)
    _python: str = ""

    def errand(self, request: Mapping[str, object], seconds: float) -> dict[str, object]:
        """Have one errand done and return its answer.

        :raises Unreachable: none came within so many seconds.
        """
        try:
            return in_time(lambda: self._do(request), seconds, self.recover)
        except BecomeRefused:
            raise
        except Unreachable as error:
            # a connection that asks for the password itself says so in an exception
            raise self.become.refusal(error.sentence) or error from None

    def _do(self, request: Mapping[str, object]) -> dict[str, object]:
        self._python = self._python or self.interpreter()
        if request["errand"] == "begin":
            request = {**request, "source": inspect.getsource(attendant)}
            words = [*_words(self._python), "-I", "-c", _FIRST]
        else:
            words = [*_words(self._python), "-I", f"{request['directory']}/{attendant.PROGRAM}"]
        said = self.command(shlex.join([*words, packed_request(request)]))
        heard = f"{said.get('stderr', '')}\n{said.get('stdout', '')}"
        if attendant.MARK not in heard and (refused := self.become.refusal(heard)):
            raise refused
        return answer_in(said)


def packed_request(request: Mapping[str, object]) -> str:
    """Return the request as one word."""
    return base64.b64encode(zlib.compress(json.dumps(request).encode(), 9)).decode()


def answer_in(said: Mapping[str, object]) -> dict[str, object]:
    """Find the attendant's answer in what the machine said; logins may say more.

    :raises Unreachable: there is none.
    """
    for line in str(said.get("stdout", "")).splitlines():
        _before, mark, answer = line.strip().partition(attendant.MARK)
        if mark:
            try:
                found = json.loads(base64.b64decode(answer, validate=True))
            except (ValueError, binascii.Error):
                break
            if isinstance(found, dict):
                return found
    heard = " ".join(f"{said.get('stderr', '')} {said.get('stdout', '')}".split())[-_SAID_LENGTH:]
    raise Unreachable(f"The machine gave no answer (exit code {said.get('rc')}: {redact_shapes(heard)})")


def in_time(
    work: Callable[[], dict[str, object]], seconds: float, recover: Callable[[], None] = lambda: None
) -> dict[str, object]:
    """Do something that may hang, such as a connection whose other end is gone, and return what it returns.

    :param recover: called when it hangs; it may hang too, and is not waited for.
    :raises Unreachable: it failed, or did not end in time; what hangs is left behind.
    """
    done: list[dict[str, object]] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:  # a thread that dies silently would look like waiting
            failed.append(error)

    worker = threading.Thread(target=run, daemon=True)
    worker.start()
    worker.join(seconds)
    if done:
        return done[0]
    if not failed:
        threading.Thread(target=recover, daemon=True).start()
        raise Unreachable(f"The machine gave no answer within {seconds:g} s")
    if isinstance(failed[0], OpsError):
        raise failed[0]
    raise Unreachable(f"The host cannot be reached: {redact_shapes(' '.join(str(failed[0]).split()))}")


def _words(interpreter: str) -> list[str]:
    """Return an interpreter as words: a path may hold blanks, only env takes an argument."""
    return shlex.split(interpreter) if interpreter.partition(" ")[0].endswith("/env") else [interpreter]
