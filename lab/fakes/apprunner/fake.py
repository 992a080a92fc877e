# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fake put together, and its HTTP server."""

from __future__ import annotations

import json
import os
import socket
import struct
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from lab.fakes.apprunner.aws_api import Answer, AwsApi
from lab.fakes.apprunner.backends import Backends
from lab.fakes.apprunner.ecr import Registry
from lab.fakes.apprunner.faults import Faults
from lab.fakes.apprunner.images import Images
from lab.fakes.apprunner.lab_api import LabApi
from lab.fakes.apprunner.logs import LogStore
from lab.fakes.apprunner.operations import Operations
from lab.fakes.apprunner.pace import Pace
from lab.fakes.apprunner.processes import Processes
from lab.fakes.apprunner.request_log import RequestLog
from lab.fakes.apprunner.scaling import Scaling
from lab.fakes.apprunner.services import Services, paged
from lab.fakes.apprunner.state import State
from lab.fakes.apprunner.wire import ApiError


class Fake:
    """All parts over one state directory."""

    def __init__(self, directory: Path, account: str, region: str, scale: float) -> None:
        os.umask(0o077)
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.state = State(directory, account, region)
        self.state.load()
        self.log = RequestLog(directory / "requests.jsonl")
        self.logs = LogStore(directory / "logs.jsonl")
        self.faults = Faults(self.state)
        self.images = Images(self.state)
        self.pace = Pace(self.state, scale)
        self.backends = Backends(self.state, Processes(directory / "run"), self.logs)
        self.operations = Operations(self.state, self.images, self.backends, self.pace)
        scaling = Scaling(self.state, paged)
        self.services = Services(self.state, self.operations, self.backends, scaling)
        self.aws = AwsApi(
            self.state,
            self.faults,
            self.log,
            {
                "apprunner": {**self.services.handlers, **scaling.handlers},
                "ecr": Registry(self.state).handlers,
                "logs": {
                    "DescribeLogGroups": lambda params, _: self.logs.describe_log_groups(params),
                    "DescribeLogStreams": lambda params, _: self.logs.describe_log_streams(params),
                    "GetLogEvents": lambda params, _: self.logs.get_log_events(params),
                    "FilterLogEvents": lambda params, _: self.logs.filter_log_events(params),
                },
                "sts": {"GetCallerIdentity": lambda params, _: self._identity()},
            },
        )
        self.lab = LabApi(self)

    def start(self) -> None:
        """Open the fronts of known services on their old ports and go on with what was under way."""
        for service in self.state.services.values():
            if service.status != "DELETED":
                self.backends.open(service.arn, service.front_port)
        self.operations.resume_all()

    def stop(self) -> None:
        """End operations' threads and all processes."""
        self.operations.phases.stop()
        self.backends.close_all()

    def reset(self, keep_images: bool) -> None:
        """Back to an empty account."""
        self.state.clear(keep_images)
        self.backends.close_all()
        self.log.clear()
        self.logs.clear()

    def _identity(self) -> dict[str, Any]:
        arn = f"arn:aws:iam::{self.state.account}:user/lab"
        return {"UserId": "AIDALABLABLABLABLAB", "Account": self.state.account, "Arn": arn}


class Server(ThreadingHTTPServer):
    """The fake's endpoint."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, fake: Fake) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.fake = fake

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that went away; anything else is a bug to be shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def server_bind(self) -> None:
        """Bind without the reverse name lookup of the standard server."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        address = urlsplit(self.path)
        if address.path.startswith("/_lab/"):
            return self._control(address.path, dict(parse_qsl(address.query)), body)
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.fake.aws.answer(headers, body)
        return self._cut() if answer.status == 0 else self._send(answer)

    do_GET = do_POST = do_DELETE = _handle

    def _control(self, path: str, query: dict[str, Any], body: bytes) -> None:
        try:
            given = {**query, **json.loads(body or b"{}")}
            status, result = 200, self.server.fake.lab.call(self.command, path, given)
        except ApiError as error:
            status, result = error.status, {"error": error.code, "message": error.message}
        self._send(Answer(status, "application/json", json.dumps(result).encode(), ""))

    def _send(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        if answer.request_id:
            self.send_header("x-amzn-RequestId", answer.request_id)
        self.end_headers()
        self.wfile.write(answer.body)

    def _cut(self) -> None:
        """Reset the connection: linger time zero makes the kernel send RST instead of FIN."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the request log has it."""
