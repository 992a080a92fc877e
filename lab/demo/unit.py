# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""sanvi's two components as a stranger sees them, while a run goes on."""

from __future__ import annotations

import contextlib
import json
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lab.errors import LabError
from lab.parts import Lab

INVENTORY = "inventories/sanvi/lab.yml"
MEMBERS = ("api", "frontend")
PAUSE_SECONDS = 0.1


@dataclass
class Unit:
    """The components by name, each with its URL, and the versions that each has answered, in turn."""

    urls: Mapping[str, str]
    answered: dict[str, list[str]] = field(default_factory=dict)

    def versions(self) -> dict[str, str]:
        """What each answers now; empty where it answers nothing, as while it restarts."""
        return {name: _version(url) for name, url in self.urls.items()}

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Write down meanwhile, in `answered`, which versions each answers."""
        over = threading.Event()
        self.answered = {name: [] for name in self.urls}

        def look() -> None:
            while not over.wait(PAUSE_SECONDS):
                self.note()

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()
            self.note()

    def note(self) -> None:
        """Write down what each answers now."""
        for name, version in self.versions().items():
            if version and self.answered[name][-1:] != [version]:
                self.answered[name].append(version)


def unit_of(lab: Lab) -> Unit:
    """sanvi's components in this lab."""
    parts = {name: lab.facts.get(f"app_sanvi_{name}", {}) for name in MEMBERS}
    if missing := [name for name, facts in parts.items() if "url" not in facts]:
        raise LabError(f"sanvi's {' and '.join(missing)} is not up: start it with `make lab`.")
    return Unit({name: str(facts["url"]) for name, facts in parts.items()})


def _version(url: str) -> str:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url}/version", timeout=5) as answer:
            return str(json.loads(answer.read())["version"])
    except (OSError, ValueError, KeyError):
        return ""
