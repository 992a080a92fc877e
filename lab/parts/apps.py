# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The services of the systems that no fake launches: one process of the sample application per component.

Each serves its system's own health contract, as that system's runbook states it. smartunderwrite's api is not here: it
runs behind the App Runner fake (parts/apprunner.py).
"""

from __future__ import annotations

import importlib.util
import json
import sys
from dataclasses import dataclass
from typing import Any

from lab.parts import Lab, Part, http_reason
from lab.parts.databases import DATABASES, password_of
from lab.place import write_private
from lab.processes import Launch

PAGE = "<!doctype html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"


def _page(title: str) -> list[dict[str, Any]]:
    """The contract of a frontend: a page at /."""
    return [{"path": "/", "role": "health", "body": PAGE.replace("{title}", title), "bad_body": "error"}]


def _answers(path: str, role: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"path": path, "role": role, "body": body, "bad_body": {**body, "status": "error"}}


HEALTH = {"status": "ok", "timestamp": "{timestamp}", "version": "{version}"}


@dataclass(frozen=True)
class Component:
    """One service component of a system; `health` is the path that its runbook asks."""

    system: str
    component: str
    version: str
    health: str
    contract: list[dict[str, Any]]
    database: bool = True


COMPONENTS = [
    Component("audit_app", "api", "1.2.3", "/health", [_answers("/health", "health", HEALTH)]),
    Component("audit_app", "frontend", "1.2.3", "/", _page("Audit App"), database=False),
    Component(
        "accu",
        "api",
        "2.4.0",
        "/health",
        [_answers("/health", "health", {**HEALTH, "database": {"status": "connected", "connections": 5}})],
    ),
    Component("accu", "frontend", "2.4.0", "/", _page("ACCU Platform"), database=False),
    Component("sanvi", "api", "1.6.1", "/health", [_answers("/health", "health", HEALTH)]),
    Component("sanvi", "frontend", "1.6.1", "/", _page("Sanvi Machinery"), database=False),
    # Role `ready`, so that "database": "connected" is said only after a query: its one path is health and readiness.
    Component(
        "asset_anchor",
        "api",
        "1.4.2",
        "/api/health",
        [
            {
                "path": "/api/health",
                "role": "ready",
                "body": {"status": "ok", "version": "{version}", "database": "connected", "redis": "connected"},
                "bad_body": {"status": "error", "version": "{version}", "database": "error", "redis": "connected"},
            }
        ],
    ),
    Component("asset_anchor", "frontend", "1.4.2", "/", _page("Asset Anchor"), database=False),
]


class App(Part):
    """One process of the sample application."""

    def __init__(self, component: Component) -> None:
        self.component = component
        self.name = f"app_{component.system}_{component.component}"

    def prepare(self, lab: Lab) -> Launch:
        home = lab.place.state / self.name
        home.mkdir(mode=0o700, exist_ok=True)
        settings: dict[str, Any] = {
            "version": self.component.version,
            "host": "127.0.0.1",
            "port": lab.take_port(self.name),
            "contract": self.component.contract,
            "behaviour": "ok",
        }
        if self.component.database:
            settings["database"] = {"dsn_file": str(home / "dsn")}
            write_private(home / "dsn", _dsn(lab, self.component.system))
        write_private(home / "settings.json", json.dumps(settings))
        argv = [sys.executable, "-m", "lab.app", "--settings", str(home / "settings.json")]
        return Launch(self.name, argv, cwd=lab.place.checkout)

    def probe(self, lab: Lab) -> str | None:
        return http_reason(f"{self.address(lab)}/version")  # lives it? Its health may depend on other parts.

    def address(self, lab: Lab) -> str:
        return f"http://127.0.0.1:{lab.port(self.name)}"

    def describe(self, lab: Lab) -> dict[str, Any]:
        return {
            "host": "127.0.0.1",
            "port": lab.port(self.name),
            "url": self.address(lab),
            "version": self.component.version,
            "health_url": self.address(lab) + self.component.health,
            "settings_file": str(lab.place.state / self.name / "settings.json"),
        }


def _dsn(lab: Lab, system: str) -> str:
    """How the application reaches its database, in libpq's words; holds the password."""
    database, password = DATABASES[system], password_of(lab, system).read_text()
    return (
        f"host=127.0.0.1 port={lab.port('postgres')} dbname={database.name} user={database.role} "
        f"password={password} application_name={system}"
    )


def all_apps() -> list[Part]:
    """Every application part; none before the sample application is there."""
    if importlib.util.find_spec("lab.app") is None:
        return []
    return [App(component) for component in COMPONENTS]
