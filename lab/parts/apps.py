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
from pathlib import Path
from typing import Any

from lab import archives, keeper
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
    directory: str = ""  # where its releases lie; empty: it runs from the checkout


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
    Component("sanvi", "api", "1.6.1", "/health", [_answers("/health", "health", HEALTH)], directory="backend"),
    Component(
        "sanvi",
        "frontend",
        "1.6.1",
        "/",
        [*_page("Sanvi Machinery"), {"path": "/favicon.ico", "role": "asset", "body": "icon"}],
        database=False,
        directory="frontend",
    ),
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
        settings = {
            "version": self.component.version,
            "contract": self.component.contract,
            "behaviour": "ok",
            **self.surroundings(lab, home),
        }
        write_private(home / "settings.json", json.dumps(settings))
        argv = [sys.executable, "-m", "lab.app", "--settings", str(home / "settings.json")]
        return Launch(self.name, argv, cwd=lab.place.checkout)

    def surroundings(self, lab: Lab, home: Path) -> dict[str, Any]:
        """The settings that belong to the place and not to the release."""
        settings: dict[str, Any] = {"host": "127.0.0.1", "port": lab.take_port(self.name)}
        if self.component.database:
            settings["database"] = {"dsn_file": str(home / "dsn")}
            write_private(home / "dsn", _dsn(lab, self.component.system))
        return settings

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


# of the components with release directories: the first one runs, the last one does not pass as a frontend
RELEASES = ("1.6.1", "1.7.0", "1.8.0")
BAD = ("frontend", "1.8.0")


class ReleaseApp(App):
    """One process of the sample application out of release directories, kept by lab/keeper.py.

    The first release was put there by hand; archives of all of them lie beside.
    """

    def prepare(self, lab: Lab) -> Launch:
        state = lab.place.state
        home, path = state / self.name, self.path(lab)
        for version in RELEASES:
            archives.lay_archive(home / "artefacts" / f"{version}.tar.gz", self._release(version))
        archives.lay_first(path, self._release(RELEASES[0]))
        archives.lay_machine(home, path, self.surroundings(lab, home))
        return keeper.launch_of(state, self.name)

    def fill(self, lab: Lab) -> None:
        keeper.note_pid(lab.place.state, self.name)

    def path(self, lab: Lab) -> Path:
        """The component's directory."""
        return lab.place.state / self.name / self.component.directory

    def describe(self, lab: Lab) -> dict[str, Any]:
        state = lab.place.state
        keep = ["env", "-C", str(lab.place.checkout), sys.executable, "-m", "lab.keeper"]
        return {
            **super().describe(lab),
            "version": self._serving(lab),
            "path": str(self.path(lab)),
            "artefacts": str(state / self.name / "artefacts"),
            "start": [*keep, "start", str(state), self.name],
            "stop": [*keep, "stop", str(state), self.name],
            "pid_file": str(keeper.pid_file(state, self.name)),
            "log_file": str(keeper.log_file(state, self.name)),
        }

    def _serving(self, lab: Lab) -> str:
        """The version of what `current` leads to; empty when it leads to no release."""
        try:
            return str(json.loads((self.path(lab) / "current" / keeper.RELEASE).read_text())["version"])
        except (OSError, ValueError, KeyError):
            return ""

    def _release(self, version: str) -> dict[str, Any]:
        bad = (self.component.component, version) == BAD
        behaviour = {"kind": "wrong_body", "body": "html"} if bad else {"kind": "ok"}
        return {"version": version, "behaviour": behaviour, "contract": self.component.contract}


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
    return [ReleaseApp(component) if component.directory else App(component) for component in COMPONENTS]
