# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP server of the sample application."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from lab.app.behaviour import Behaviour
from lab.app.checks import failed_checks
from lab.app.contract import Route, fill
from lab.app.settings import Settings


class Application(ThreadingHTTPServer):
    """One running release."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, settings: Settings, behaviour: Behaviour) -> None:
        super().__init__((settings.host, settings.port), Handler)
        self.settings = settings
        self.behaviour = behaviour
        self.routes = {route.path: route for route in settings.routes}

    def server_bind(self) -> None:
        """Bind without the reverse name lookup of the standard server, which can take seconds."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # its port again at once after a kill
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that went away."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def answer(self, route: Route) -> tuple[int, Any]:
        """Status and body (dict or text) of one route now."""
        overridden = self.behaviour.override(route.role)
        if overridden:
            return overridden
        if route.role != "ready":
            return 200, fill(route.body, self._values())
        failed = ["database"] if self.settings.kind == "not_ready" else failed_checks(self.settings)
        if not failed:
            return 200, fill(route.body, self._values())
        body = fill(route.bad_body, self._values())
        for name in body.get("checks", {}) if isinstance(body, dict) else ():
            body["checks"][name] = "Unhealthy" if name in failed else "Healthy"
        return 503, body

    def _values(self) -> dict[str, str]:
        return {
            "version": self.settings.answered_version,
            "digest": self.settings.digest,
            "schema_revision": self.settings.schema_revision,
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "instance": str(os.getpid()),
        }


class Handler(BaseHTTPRequestHandler):
    """GET and HEAD on the routes; everything else is 404."""

    server: Application
    protocol_version = "HTTP/1.1"
    server_version = "lab-app"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer a route."""
        path = self.path.split("?", 1)[0]
        self.server.behaviour.note_request(forwarded="X-Forwarded-For" in self.headers)
        route = self.server.routes.get(path)
        status, body = self.server.answer(route) if route else (404, {"error": "not found"})
        text = isinstance(body, str)
        data = str(body).encode() if text else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if text else "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)
        if status >= 500:
            print(f"error: GET {path} -> {status}", flush=True)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: only failures are logged, or a load test would fill the log."""
