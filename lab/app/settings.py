# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a settings file of the sample application holds, and its defaults."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.app.contract import Route, routes_of

BEHAVIOURS = (
    "ok",
    "crash",
    "slow_start",
    "wrong_version",
    "not_ready",
    "wrong_body",
    "dies_after",
    "errors",
    "leaks",
    "bad_migration",
)


@dataclass
class Settings:
    """One release as it runs.

    `port` 0 means: any free port, written to `port_file` once the application listens. `behaviour` is
    `{"kind": one of BEHAVIOURS, ...}`; `behaviour.py` says which further keys each kind reads. `database` is
    `{"dsn_file": path}`, `storage` is `{"endpoint_url", "bucket", "region", "access_key", "secret_key"}`: without them
    readiness is answered without looking. `log_url`: a URL that the application carelessly logs, password and all.
    """

    version: str = "0.0.0"
    digest: str = ""
    schema_revision: str = ""
    host: str = "127.0.0.1"
    port: int = 0
    port_file: str = ""
    behaviour: dict[str, Any] = field(default_factory=lambda: {"kind": "ok"})
    routes: list[Route] = field(default_factory=list)
    database: dict[str, Any] | None = None
    storage: dict[str, Any] | None = None
    log_url: str = ""

    @property
    def kind(self) -> str:
        """The behaviour's kind."""
        return str(self.behaviour["kind"])

    @property
    def answered_version(self) -> str:
        """The version that bodies show: not the real one when the release lies."""
        return str(self.behaviour.get("version", "0.0.1")) if self.kind == "wrong_version" else self.version


def normalise_behaviour(value: Any) -> dict[str, Any]:
    """A behaviour given as a word, a dict or nothing, as a dict with a known `kind`; raises ValueError otherwise."""
    behaviour = {"kind": value} if isinstance(value, str) else dict(value or {})
    behaviour.setdefault("kind", "ok")
    if behaviour["kind"] not in BEHAVIOURS:
        raise ValueError(f"behaviour.kind {behaviour['kind']!r} is not known; use one of {', '.join(BEHAVIOURS)}")
    return behaviour


def load(path: str) -> Settings:
    """Read a settings file; unknown keys are ignored, because an image may carry settings that only the fake reads."""
    given = json.loads(Path(path).read_text(encoding="utf-8"))
    known = {key: given[key] for key in Settings.__dataclass_fields__ if key in given and key != "routes"}
    known["behaviour"] = normalise_behaviour(given.get("behaviour"))
    return Settings(**known, routes=routes_of(given.get("contract", "smartunderwrite")))
