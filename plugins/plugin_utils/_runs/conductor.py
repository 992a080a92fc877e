# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the front end works with for one task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ...module_utils._clock import Clock
from ...module_utils._errors import Refused
from ...module_utils._redact import Redactor
from .._ledger.ledger import Ledger
from .records import Result
from .units import Step

Args = dict[str, object]
Execute = Callable[[Args, bool], Result]
# spelled once here: inside Conductor the name `object` is a field
Permits = Mapping[str, object]


@dataclass(frozen=True)
class Conductor:
    """What one task works with.

    :param object: C(<system>/<environment>/<component>).
    :param ledger: None where it cannot be reached: the module plans without history, and a change is refused.
    :param unit: the step of a unit that this task is; C(None) for a run over one component, or without a unit.
    :param no_ledger: why there is none, for a module that reads: its history is unknown, not empty.
    :param progress_path: where the module reports; empty when nobody follows.
    """

    module: str
    object: str
    execute: Execute
    ledger: Ledger | None
    say: Callable[[str], None]
    clock: Clock
    redactor: Redactor = field(default_factory=Redactor)
    progress_path: str = ""
    no_ledger: str = ""
    unit: Step | None = None

    @property
    def component(self) -> str:
        """Return the last part of the object's path."""
        return self.object.rpartition("/")[2]

    @property
    def path(self) -> str:
        """Return the system and environment of the object."""
        return self.object.rpartition("/")[0]

    def open_ledger(self) -> Ledger:
        """Return the ledger.

        :raises Refused: it cannot be reached.
        """
        if self.ledger is None:
            raise Refused(
                f"The ledger of {self.object} cannot be reached, so nothing is changed",
                remedy="Bring the ledger back, then run the same command again.",
            )
        return self.ledger

    def permit(self, args: Permits) -> Args:
        """Return the guard's permit, narrowed to this object; empty where the task has none."""
        permit = args.get("permit")
        return {**permit, "object": self.object} if isinstance(permit, Mapping) and permit else {}
