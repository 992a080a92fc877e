# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One system as its ledger tells of it. What could not be read is None or named, never empty."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from .._schedules.missed import Missed


@dataclass(frozen=True)
class Component:
    """What one component serves, as far as the ledger knows.

    :param release: as a person knows it; empty where nothing is recorded.
    :param since: when it began to serve.
    :param verdict: the last one on it.
    :param way_back: the release that a rollback would return to; empty for none.
    :param unknown: why its history cannot be read; empty where it can.
    """

    name: str
    release: str = ""
    since: datetime | None = None
    verdict: str = ""
    way_back: str = ""
    unknown: str = ""


@dataclass(frozen=True)
class Unfinished:
    """A switch that nobody settled.

    :param under_way: whether a run is at work on it, as far as can be seen from here.
    """

    what: str
    run: str
    components: tuple[str, ...]
    under_way: bool = False


@dataclass(frozen=True)
class Notice:
    """Something that stands until a time or until somebody ends it: a hold, an incident, an override.

    :param about: what it is about: an object, a severity, a run.
    :param moment: when it ends (a hold) or began, as text in UTC.
    """

    about: str
    text: str
    moment: str = ""


@dataclass(frozen=True)
class System:
    """One ledger.

    :param url: where the ledger is, without secrets.
    :param path: C(<system>/<environment>); empty where that could not be read.
    :param unknown: why the ledger cannot be read; empty where it can.
    :param now: the ledger's own time.
    :param unread: parts that could not be read, each with the reason.
    :param leases: objects that runs hold; None where that could not be read, as with the others.
    """

    url: str
    path: str = ""
    unknown: str = ""
    now: datetime | None = None
    components: tuple[Component, ...] | None = None
    unfinished: tuple[Unfinished, ...] | None = None
    leases: tuple[str, ...] | None = None
    holds: tuple[Notice, ...] | None = None
    incidents: tuple[Notice, ...] | None = None
    overrides: tuple[Notice, ...] | None = None
    missed: tuple[Missed, ...] | None = None
    unread: tuple[tuple[str, str], ...] = field(default=())

    @property
    def name(self) -> str:
        """Return what a person calls it."""
        return self.path or self.url
