# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stable front of each service: a small reverse proxy, so that a switch of the process behind is blue/green."""

from __future__ import annotations

import http.client
import socket
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HOP_HEADERS = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "proxy-authorization"}
BACKEND_TIMEOUT_SECONDS = 30


class Front(ThreadingHTTPServer):
    """One service's public port. `backend()` gives the port behind it now, None when nothing is there; `paused()` says
    that the service was put to sleep.
    """

    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, port: int, backend: Callable[[], int | None], paused: Callable[[], bool]) -> None:
        super().__init__(("127.0.0.1", port), _Forward)
        self.backend = backend
        self.paused = paused
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True).start()

    def server_bind(self) -> None:
        """Bind without the reverse name lookup of the standard server."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that went away."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def close(self) -> None:
        """Stop answering."""
        self.shutdown()
        self.server_close()


class _Forward(BaseHTTPRequestHandler):
    server: Front
    protocol_version = "HTTP/1.1"
    server_version = "envoy"
    sys_version = ""

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.server.paused():
            return self._answer(404, {"Content-Type": "text/plain"}, b"")
        port = self.server.backend()
        if port is None:
            return self._unavailable("no healthy upstream")
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_HEADERS}
        headers["X-Forwarded-For"] = self.client_address[0]
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=BACKEND_TIMEOUT_SECONDS)
        try:
            connection.request(self.command, self.path, body or None, headers)
            got = connection.getresponse()
            kept = {name: value for name, value in got.getheaders() if name.lower() not in HOP_HEADERS}
            answer = got.read()
        except TimeoutError:
            return self._answer(504, {"Content-Type": "text/plain"}, b"upstream request timeout")
        except (OSError, http.client.HTTPException):
            return self._unavailable("upstream connect error or disconnect/reset before headers")
        finally:
            connection.close()
        return self._answer(got.status, kept, answer)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _forward

    def _unavailable(self, why: str) -> None:
        self._answer(503, {"Content-Type": "text/plain"}, why.encode())

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() != "content-length":
                self.send_header(name, value)
        self.send_header("Content-Length", headers.get("Content-Length", str(len(body))))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what was asked is the observer's business."""
