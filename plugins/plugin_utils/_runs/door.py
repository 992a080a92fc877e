# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a run comes in, and how it is turned away."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...module_utils._clock import Clock
from ...module_utils._errors import Refused
from ...module_utils._redact import Redactor
from .._gates.identity import AskAws
from .._gates.machines import AskMachines
from .._ledger.memory import DIRECTORY, Memory
from .._ledger.processes import Process
from .._ledger.takeover import PATIENCE_SECONDS


@dataclass(frozen=True)
class Door:
    """Where a run comes in.

    :param run: the id that the journal callback gave to this process; empty when it is not active.
    :param process: the ansible-playbook process, whose end is the end of the run.
    :param runs: the directory of run directories.
    """

    run: str
    process: Process
    runs: Path
    who: Mapping[str, object]
    extra_names: Sequence[str]
    ask_aws: AskAws
    ask_machines: AskMachines
    say: Callable[[str], None]
    clock: Clock
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)
    redactor: Redactor = field(default_factory=Redactor, repr=False)
    patience_seconds: float = PATIENCE_SECONDS

    @property
    def memory(self) -> Memory:
        """Return what this controller remembers of ledgers."""
        return Memory(self.runs.with_name(DIRECTORY))


class TurnedAway(Refused):
    """A gate said no; C(result) is what the task returns with its failure."""

    def __init__(self, text: str, result: Mapping[str, object]) -> None:
        super().__init__(text)
        # it may end in a command to copy, which a full stop would spoil
        self.sentence = text
        self.result = dict(result)
