# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What this controller remembers of ledgers that it used: a place that is empty today may have held one yesterday."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ...module_utils._clock import format_time
from ...module_utils._errors import Refused
from .ledger import Ledger

DIRECTORY = "ledgers"


@dataclass(frozen=True)
class Remembered:
    """A ledger that was used from here.

    :param seen: when it was last used, in UTC.
    """

    id: str
    seen: str


class Memory:
    """One small file for each place, named by its URL; kept beside the run directories.

    It says nothing of ledgers that other controllers or users made, and a lab's are not kept: those are made anew
    at will.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def note(self, ledger: Ledger) -> None:
        """Remember the ledger; a home that takes nothing stops no run."""
        if ledger.identity.environment == "lab":
            return
        path = self._path(ledger.url)
        known = self.recall(ledger.url)
        with contextlib.suppress(OSError):
            if known and known.id == ledger.identity.id:
                os.utime(path)
                return
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                json.dump({"url": ledger.url, "id": ledger.identity.id}, stream)
            os.replace(draft, path)

    def recall(self, url: str) -> Remembered | None:
        """Return the ledger that was last used at a place; None where none is remembered."""
        path = self._path(url)
        try:
            id = json.loads(path.read_text(encoding="utf-8"))["id"]
            return Remembered(str(id), format_time(datetime.fromtimestamp(path.stat().st_mtime, UTC)))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def refuse_begun_anew(self, url: str, given_up: str) -> None:
        """Raise C(Refused) before a new ledger takes the place of one that was used from here.

        :param given_up: the id of a ledger that a person says is lost for good.
        """
        known = self.recall(url)
        if known is None or known.id == given_up:
            return
        raise Refused(
            f"The ledger {known.id} at {url}, last used from here at {known.seen}, is not there any more",
            remedy="Mount it or restore it; when it is lost for good, with its history and its holds, begin a new one",
            next={"playbook": "ledger", "variables": {"ledger_action": "initialise", "ledger_lost": known.id}},
        )

    def _path(self, url: str) -> Path:
        return self._directory / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.json"
