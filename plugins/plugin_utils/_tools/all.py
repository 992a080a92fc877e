# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools that the guard itself carries out, each loaded when it is asked for: a run pays for no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from .tool import Tool


class _Tools(Mapping[str, Tool]):
    """Each tool by its name."""

    def __getitem__(self, name: str) -> Tool:
        return _LOADERS[name]()

    def __iter__(self) -> Iterator[str]:
        return iter(_LOADERS)

    def __len__(self) -> int:
        return len(_LOADERS)


def _ledger() -> Tool:
    from .ledger import TOOL

    return TOOL


def _lease() -> Tool:
    from .lease import TOOL

    return TOOL


def _approve() -> Tool:
    from .approve import TOOL

    return TOOL


def _journal() -> Tool:
    from .journal import TOOL

    return TOOL


def _window() -> Tool:
    from .window import TOOL

    return TOOL


def _schedule() -> Tool:
    from .schedule import TOOL

    return TOOL


def _notify() -> Tool:
    from .notify import TOOL

    return TOOL


def _status() -> Tool:
    from .status import TOOL

    return TOOL


_LOADERS: Mapping[str, Callable[[], Tool]] = {
    "ledger": _ledger,
    "lease": _lease,
    "approve": _approve,
    "journal": _journal,
    "window": _window,
    "schedule": _schedule,
    "notify": _notify,
    "status": _status,
}
TOOLS: Mapping[str, Tool] = _Tools()
