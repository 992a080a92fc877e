# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The paths and bodies that each system's application promises.

A contract is data: a list of routes `{"path", "role", "body", "bad_body"}`. `role` is `health`, `ready` or `version`;
`{version}`, `{digest}`, `{schema_revision}`, `{timestamp}` and `{instance}` in string values are filled in per answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

GENERIC: list[dict[str, Any]] = [
    {
        "path": "/health",
        "role": "health",
        "body": {"status": "ok", "version": "{version}"},
        "bad_body": {"status": "error", "version": "{version}"},
    },
    {
        "path": "/ready",
        "role": "ready",
        "body": {"status": "ready", "version": "{version}"},
        "bad_body": {"status": "not ready", "version": "{version}"},
    },
    {
        "path": "/version",
        "role": "version",
        "body": {
            "version": "{version}",
            "digest": "{digest}",
            "schema_revision": "{schema_revision}",
            "instance": "{instance}",
        },
    },
]

CONTRACTS: dict[str, list[dict[str, Any]]] = {
    "generic": [],
    "smartunderwrite": [
        {
            "path": "/api/health/healthz",
            "role": "health",
            "body": {"status": "Healthy", "timestamp": "{timestamp}", "version": "{version}"},
            "bad_body": {"status": "Unhealthy", "timestamp": "{timestamp}", "version": "{version}"},
        },
        {
            "path": "/api/health/readyz",
            "role": "ready",
            "body": {
                "status": "Ready",
                "timestamp": "{timestamp}",
                "checks": {"database": "Healthy", "storage": "Healthy"},
            },
            "bad_body": {
                "status": "NotReady",
                "timestamp": "{timestamp}",
                "checks": {"database": "Unhealthy", "storage": "Healthy"},
            },
        },
    ],
    "asset_anchor": [
        {
            "path": "/api/health",
            "role": "health",
            "body": {"status": "ok", "version": "{version}", "database": "connected", "redis": "connected"},
            "bad_body": {"status": "error", "version": "{version}", "database": "error", "redis": "connected"},
        },
    ],
}


@dataclass(frozen=True)
class Route:
    """One path that the application answers."""

    path: str
    role: str
    body: Any
    bad_body: Any


def routes_of(contract: str | list[dict[str, Any]]) -> list[Route]:
    """The routes of a named contract or of a list of routes; the generic ones are served beside, never instead."""
    if isinstance(contract, str):
        if contract not in CONTRACTS:
            raise ValueError(
                f"contract {contract!r} is not known; use one of {', '.join(CONTRACTS)} or a list of routes"
            )
        contract = CONTRACTS[contract]
    taken = {route["path"] for route in contract}
    rows = [*contract, *(route for route in GENERIC if route["path"] not in taken)]
    return [Route(row["path"], row["role"], row["body"], row.get("bad_body", {"status": "error"})) for row in rows]


def fill(template: Any, values: dict[str, str]) -> Any:
    """The template with each `{name}` replaced."""
    if isinstance(template, dict):
        return {key: fill(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [fill(value, values) for value in template]
    if isinstance(template, str):
        for name, value in values.items():
            template = template.replace("{" + name + "}", value)
    return template
