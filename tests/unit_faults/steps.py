"""The steps of a run in words, so that a run can be ended right before or right after one of them.

A step is a switch that the platform is asked for (C(switch web)) or an entry of the ledger, named after what it says:
C(unit opens + intent web), C(record api), C(undo intent web), C(unit settles), C(journal web). One that comes again
is numbered: C(switch api 2).
"""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from collections.abc import Callable
from typing import Any

Effect = Callable[..., Any]


class Steps:
    """Writes down the steps of this process.

    :param kill: C(before <step>) or C(after <step>): there the process ends by SIGKILL.
    """

    def __init__(self, kill: str | None = None) -> None:
        self.names: list[str] = []
        self._kill = kill
        self._counted: Counter[str] = Counter()

    def around(self, effect: Effect, name_of: Callable[..., str]) -> Effect:
        """Return the effect with its name written down; an effect without a name is no step."""

        def named(*args: Any, **kwargs: Any) -> Any:
            name = self._numbered(name_of(*args, **kwargs))
            if name:
                self._come("before", name)
                self.names.append(name)
            result = effect(*args, **kwargs)
            if name:
                self._come("after", name)
            return result

        return named

    def _numbered(self, name: str) -> str:
        if not name:
            return ""
        self._counted[name] += 1
        return f"{name} {self._counted[name]}" if self._counted[name] > 1 else name

    def _come(self, when: str, name: str) -> None:
        if self._kill == f"{when} {name}":
            os.kill(os.getpid(), signal.SIGKILL)


def switch_of(_client: object, operation: str, parameters: dict[str, Any]) -> str:
    """Name a call of the provider, where it is a switch."""
    return f"switch {parameters['ServiceArn'].split('/')[1].removeprefix('shop-')}" if "update" in operation else ""


def entry_of(_store: object, key: str, data: bytes) -> str:
    """Name an entry of the ledger."""
    if "/entries/" not in key:
        return ""
    records = json.loads(data)["records"]
    if key.startswith("journal/"):
        return " + ".join(f"journal {record['object'].rsplit('/', 1)[1]}" for record in records if "object" in record)
    return " + ".join(dict.fromkeys(filter(None, map(_told, records))))


def _told(record: dict[str, Any]) -> str:
    if record["kind"] == "unit":
        return f"unit {'opens' if record['state'] == 'open' else 'settles'}"
    if record["kind"] != "intent":
        return f"record {record['component']}"
    (component,) = record["components"]
    if record.get("stays"):
        return f"stay {component}"
    undo = "undo " if record["runbook"] == "undo" else ""
    return f"{undo}intent {component}" if record["state"] == "open" else f"record {component}"
