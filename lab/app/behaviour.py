# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a release misbehaves: at its start, and in what it answers.

Further keys by kind: slow_start `seconds` (before it listens); crash and bad_migration `exit_code`; wrong_version
`version`; wrong_body `body` (`grafana`, `wrong_type`, `html`, `empty` or a dict); errors `status`, `roles`; not_ready
nothing; leaks `kilobytes` a request; dies_after `seconds` since the start and/or `requests` forwarded by a proxy, then
`mode` `500`, `exit` or `hang`.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import Any

from lab.app.settings import Settings

WRONG_BODIES: dict[str, Any] = {
    "grafana": {"database": "ok", "commit": "03f502a94d", "version": "10.4.2"},
    "wrong_type": {"status": True, "version": 1.8, "timestamp": 0},
    "html": "<!doctype html><html><body>It works!</body></html>",
    "empty": "",
}
LEAK_LIMIT = 64 * 1024 * 1024


class Behaviour:
    """Decides, per request, what the release answers instead of the truth."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._options = settings.behaviour
        self._born = time.monotonic()
        self._forwarded = 0
        self._leaked: list[bytes] = []
        self._leaked_bytes = 0
        self._lock = threading.Lock()

    def start(self) -> None:
        """What happens before the application listens; may end the process."""
        if self._settings.kind == "crash":
            print("fatal: cannot load application: no module named 'underwriting_rules'", flush=True)
            sys.exit(int(self._options.get("exit_code", 1)))
        if self._settings.kind == "bad_migration":
            revision = self._settings.schema_revision or "0042"
            print(f'fatal: migration {revision} failed: column "risk_score" of "Applications" exists', flush=True)
            sys.exit(int(self._options.get("exit_code", 3)))
        if self._settings.kind == "slow_start":
            seconds = float(self._options.get("seconds", 5))
            print(f"info: warming caches for {seconds:g} s before listening", flush=True)
            time.sleep(seconds)

    def note_request(self, forwarded: bool) -> None:
        """Count one request; `forwarded` when a proxy sent it on, so that health checks do not use up a life."""
        with self._lock:
            self._forwarded += forwarded
            if self._settings.kind == "leaks" and self._leaked_bytes < LEAK_LIMIT:
                chunk = os.urandom(1024) * int(self._options.get("kilobytes", 256))
                self._leaked.append(chunk)
                self._leaked_bytes += len(chunk)

    def is_dead(self) -> bool:
        """Whether a release that dies later has died by now."""
        if self._settings.kind != "dies_after":
            return False
        seconds, requests = self._options.get("seconds"), self._options.get("requests")
        if requests is not None and self._forwarded > int(requests):
            return True
        if seconds is None and requests is not None:
            return False
        return time.monotonic() - self._born >= float(60 if seconds is None else seconds)

    def die(self) -> None:
        """The way a dead release dies: exit the process, hang the request, or nothing (it answers 500)."""
        mode = str(self._options.get("mode", "500"))
        if mode == "exit":
            print("fatal: unhandled exception in worker, shutting down", flush=True)
            os._exit(int(self._options.get("exit_code", 134)))
        if mode == "hang":
            time.sleep(600)

    def override(self, role: str) -> tuple[int, Any] | None:
        """Status and body that replace the true answer of a route with this role; None when it is answered truly."""
        kind = self._settings.kind
        if kind == "dies_after" and self.is_dead():
            self.die()
            return 500, {"error": "internal server error"}
        if kind == "errors" and role in self._options.get("roles", ["health", "ready", "version"]):
            return int(self._options.get("status", 500)), {"error": "internal server error"}
        if kind == "wrong_body" and role == "health":
            body = self._options.get("body", "grafana")
            return 200, WRONG_BODIES[body] if isinstance(body, str) else body
        return None
