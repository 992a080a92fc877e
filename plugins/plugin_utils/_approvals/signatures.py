# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signatures of people over exactly one request, made and verified by C(ssh-keygen -Y)."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...module_utils._clock import format_time
from ...module_utils._errors import InvalidInput, MissingDriver, Refused
from .people import Approvers, Person, spelled
from .requests import ApprovalRequest

NAMESPACE = "steady.ops"
BEGIN = "-----BEGIN SSH SIGNATURE-----"
SIGNERS = "ops_allowed_signers"
_PROGRAM = "ssh-keygen"
_SECONDS = 20
_LONGEST = 65536
_KEY = re.compile(r" with \S+ key (SHA256:[A-Za-z0-9+/=]+)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Signed:
    """Whose signature it is, and the fingerprint of the key that made it."""

    person: Person
    key: str


def text_of(asked: ApprovalRequest, ledger: str, path: str) -> str:
    """Return exactly what is signed: which ledger and request, what is planned, and until when that holds.

    :param ledger: the ledger's id: a signature is good for no other one.
    :param path: C(<system>/<environment>).
    """
    lines = [
        "steady.ops approval 1",
        f"ledger: {_flat(ledger)}",
        f"system: {_flat(path)}",
        f"request: {_flat(asked.id)}",
        f"runbook: {_flat(asked.runbook)}",
        f"action: {_flat(asked.action)}",
        *(f"object: {_flat(name)}" for name in asked.objects),
        f"requested by: {_flat(asked.requester)}",
        f"requested at: {format_time(asked.at)}",
        f"expires at: {format_time(asked.expires_at)}",
    ]
    for planned in asked.plans:
        lines.append(f"plan: {_flat(planned.object)} {_flat(planned.hash)}")
        lines += [f"step: {_flat(step)}" for step in planned.steps]
    return "\n".join([*lines, ""])


def armor_of(said: str) -> str:
    """Return a signature from what was said: itself, or the file that holds it.

    :raises InvalidInput: there is none.
    """
    if BEGIN in said:
        return said.strip() + "\n"
    path = Path(said).expanduser()
    try:
        if path.stat().st_size > _LONGEST:
            raise InvalidInput(f"approve_signed names {path}, which is no signature: it is too long")
        found = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise InvalidInput(f"approve_signed names {path}, which cannot be read: {reason}") from None
    if BEGIN not in found:
        raise InvalidInput(f"approve_signed names {path}, which is no signature of ssh-keygen -Y sign")
    return found


def verify(text: str, armor: str, allowed: object, approvers: Approvers) -> Signed:
    """Return whose signature over the text it is.

    :param allowed: C(ops_allowed_signers).
    :raises Refused: it is nobody's who may approve, or over something else.
    :raises MissingDriver: there is no C(ssh-keygen) here.
    """
    with tempfile.TemporaryDirectory(prefix="steady-ops-") as place:
        directory = Path(place)
        signature = directory / "signature"
        signature.write_text(armor, encoding="ascii", errors="replace")
        signers = _signers(allowed, directory)
        found = _run(["find-principals", "-s", str(signature), "-f", signers], b"")
        # a pattern such as * names nobody: it would let one key speak for all
        named = {spelled(word): word.strip() for line in found.stdout.splitlines() for word in line.split(",")}
        people = [person for person in approvers.people if person.names & set(named)]
        if found.returncode or not people:
            raise Refused(
                f"The signature is by a key that {SIGNERS} gives to none of {_listed(approvers.people)}",
                remedy=f"Sign with the key that {SIGNERS} has under your name, or add its line there by review.",
            )
        if len(people) > 1:
            raise Refused(
                f"The signature is by a key that {SIGNERS} gives to {_listed(people)} at once",
                remedy=f"Give each person a key of their own in {SIGNERS}.",
            )
        person = people[0]
        principal = next(word for name, word in named.items() if name in person.names)
        own = ["verify", "-f", signers, "-I", principal, "-n", NAMESPACE, "-s", str(signature)]
        done = _run(own, text.encode())
        key = _KEY.search(done.stdout)
        if done.returncode or not key:
            raise Refused(
                f"The signature of {person.name} is not one over this request, or its key is not valid now",
                remedy=f"Sign exactly the text of this request, with -n {NAMESPACE}.",
            )
        return Signed(person, key.group(1))


def _signers(allowed: object, directory: Path) -> str:
    """Return the file of allowed signers: the one that is named, or one that holds the lines that are given."""
    lines = allowed if isinstance(allowed, (list, tuple)) else str(allowed or "").splitlines()
    given = [str(line).strip() for line in lines if str(line).strip()]
    if not given:
        raise InvalidInput(
            f"{SIGNERS} is not set, so no signature can be verified",
            remedy=f"Set {SIGNERS} in the inventory's group_vars to a file, or to lines like 'ann ssh-ed25519 AAAA'.",
        )
    if len(given) == 1 and len(given[0].split()) < 3:
        path = Path(given[0]).expanduser()
        if not path.is_absolute() or not os.access(path, os.R_OK):
            raise InvalidInput(
                f"{SIGNERS} names {given[0]}, which is no absolute path of a file that can be read here",
                remedy="Write it as '{{ inventory_dir }}/allowed_signers', and have the file there.",
            )
        return str(path)
    file = directory / "allowed_signers"
    file.write_text("\n".join([*given, ""]), encoding="utf-8")
    return str(file)


def _run(arguments: Sequence[str], given: bytes) -> subprocess.CompletedProcess[str]:
    try:
        done = subprocess.run(
            [_PROGRAM, "-Y", *arguments], input=given, capture_output=True, timeout=_SECONDS, check=False
        )
    except FileNotFoundError:
        raise MissingDriver(
            f"{_PROGRAM} is not installed here, and it verifies the signatures of approvals",
            remedy="Install the package openssh-client (Debian) or openssh (others) where this runs.",
        ) from None
    except subprocess.TimeoutExpired:
        raise Refused(f"{_PROGRAM} did not answer within {_SECONDS} s", remedy="Look at this machine.") from None
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode("utf-8", "replace"), "")


def _listed(people: Sequence[Person]) -> str:
    return ", ".join(person.name for person in people)


def _flat(value: object) -> str:
    """Return a value on one line that no other value looks like."""
    return json.dumps(value, sort_keys=True, ensure_ascii=True, default=str)
