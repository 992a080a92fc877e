# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a ledger needs of the place where it is kept: five operations, and that place's own time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ...module_utils._errors import Refused

# the ways on from a ledger that is not there, or not whole, as playbook and variables
INITIALISE = {"playbook": "ledger", "variables": {"ledger_action": "initialise"}}
CHECK = {"playbook": "ledger", "variables": {"ledger_action": "check"}}
SHOW = {"playbook": "ledger"}


class Unusable(Refused):
    """There is no ledger here that could be read and trusted: none at all, or a damaged one.

    A run that only reads goes on without it, as it does without one that cannot be reached.
    """


@dataclass(frozen=True)
class Stored:
    """The bytes under a key, and the mark by which a swap knows that they are still the same."""

    data: bytes
    version: str


class Store(Protocol):
    """Keys are words joined by slashes. Every operation happens as a whole or not at all.

    Each raises C(Unreachable) when the place cannot be read or written.
    """

    @property
    def url(self) -> str:
        """Return where this is, as C(ops_ledger) names it."""

    def put_if_absent(self, key: str, data: bytes) -> bool:
        """Write the key when there is none; tell whether it was written."""

    def read(self, key: str) -> Stored | None:
        """Return what is under the key; None when there is no such key."""

    def compare_and_swap(self, key: str, expected_version: str | None, data: bytes) -> bool:
        """Write the key when its version (None: no such key) is still the expected one; tell whether it was."""

    def list(self, prefix: str) -> list[str]:
        """Return the keys that begin with the prefix, sorted."""

    def now(self) -> datetime:
        """Return the store's own time, aware, in UTC: all who share the store share its clock."""
