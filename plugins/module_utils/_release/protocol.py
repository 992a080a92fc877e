# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine asks of a platform, of a probe, and of the run around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from .._findings import Finding
from .values import Ending, Observation, Operation, Release
from .ways import instead_of

__all__ = [
    "Ending",
    "Hooks",
    "Moment",
    "NoHooks",
    "Observation",
    "Operation",
    "Platform",
    "Prober",
    "Proof",
    "Release",
    "Say",
    "instead_of",
]

Say = Callable[[str], None]


@dataclass(frozen=True)
class Proof:
    """What probing came to.

    :param version: the version that was seen.
    """

    passed: bool
    sentence: str
    finding: Finding
    version: str | None = None
    samples: int = 0
    latency_ms: float | None = None

    def as_dict(self) -> dict[str, object]:
        """Return the proof as results show it."""
        return {
            "passed": self.passed,
            "samples": self.samples,
            "latency_ms": self.latency_ms,
            "version": self.version,
            "finding": self.finding.as_dict(),
        }


class Prober(Protocol):
    """Proves that a component serves what it should."""

    def prove(self, release: Release, *, brief: bool = False) -> Proof:
        """Probe with the release's own recorded probe and version.

        :param brief: tell how it stands now: no waiting for it to come up, no stability window.
        """


class Moment(str, Enum):
    """When a component's own commands are run."""

    BEFORE_SWITCH = "before_switch"
    AFTER_SWITCH = "after_switch"
    AFTER_UNDO = "after_undo"


class Hooks(Protocol):
    """The component's own commands around a switch."""

    def run(self, moment: Moment, release: Release) -> str:
        """Run the commands of a moment, one after the other; return why one did not pass, empty when all did.

        A run that was killed runs them again: they must bear that.
        """


class NoHooks:
    """A component without commands of its own."""

    def run(self, moment: Moment, release: Release) -> str:
        """Return that all passed."""
        return ""


class Platform(Protocol):
    """What runs a component. It carries out and reports; it decides nothing."""

    def observe(self) -> Observation:
        """Say what is there now."""

    def resolve(self, selector: str) -> Release:
        """Turn what a person wrote (tag, reference, digest) into a release with its digest.

        :raises NotFound: there is no such artefact; the sentence names the nearest.
        """

    def available(self, release: Release) -> bool:
        """Tell whether the artefact still exists."""

    def differences(self, observation: Observation) -> dict[str, tuple[object, object]]:
        """Return the settings that are asked for and stand otherwise: name to (before, after), secrets masked."""

    def switch(self, release: Release, *, like: Observation | None = None) -> Operation:
        """Begin to serve a release: one mutating call, never repeated when its answer is lost.

        :param like: bring back the settings as they were at this observation; otherwise those asked for.
        :raises RequestRefused: the platform refused; nothing was begun.
        :raises AnswerLost: it is certain that nothing was begun although no answer came.
        """

    def progress(self, operation: Operation) -> Operation:
        """Look at the operation once."""

    def explain(self, operation: Operation) -> Sequence[str]:
        """Return the platform's and the application's last words on it, bounded and redacted."""
