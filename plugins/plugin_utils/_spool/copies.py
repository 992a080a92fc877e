# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What this controller knew last of a ledger: from it a run goes on when the ledger cannot be reached."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...module_utils._errors import OpsError
from .._incidents.standing import KEY as INCIDENTS
from .._ledger.ledger import Ledger

DIRECTORY = "copies"
Record = Mapping[str, object]


@dataclass(frozen=True)
class Copy:
    """What a ledger held when this controller last changed something with it.

    :param id: the ledger's.
    :param at: when it was copied, by the ledger's clock.
    :param records: those of the releases chain, oldest first.
    :param holds: the holds that stood then, as the ledger keeps them.
    :param incidents: its document of incidents, as it is kept; empty where there is none.
    """

    id: str
    at: str
    records: Sequence[Record]
    holds: Sequence[Record]
    incidents: str = ""


class Copies:
    """One file for each ledger, named by its URL; for this user alone."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def keep(self, ledger: Ledger) -> None:
        """Copy what a run without the ledger would need; a home that takes nothing stops no run."""
        with contextlib.suppress(OpsError, OSError):
            value = {
                "id": ledger.identity.id,
                "at": ledger.now_text(),
                "records": ledger.releases.records(),
                "holds": [dict(hold.as_dict()) for hold in ledger.holds.standing()],
                "incidents": found.data.decode() if (found := ledger.store.read(INCIDENTS)) else "",
            }
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = self._path(ledger.url)
            draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                json.dump(value, stream, ensure_ascii=False)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(draft, path)

    def last(self, url: str) -> Copy | None:
        """Return the last copy of a ledger; None where there is none that can be read."""
        try:
            value = json.loads(self._path(url).read_text(encoding="utf-8"))
            known = str(value["id"]), str(value["at"]), list(value["records"]), list(value["holds"])
            return Copy(*known, incidents=str(value.get("incidents", "")))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _path(self, url: str) -> Path:
        return self._directory / f"{name_of(url)}.json"


def name_of(url: str) -> str:
    """Return the name under which this controller keeps what belongs to a ledger."""
    return hashlib.sha256(url.encode()).hexdigest()[:16]
