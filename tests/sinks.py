"""Real receivers of notifications on this machine: HTTP servers that check what they are sent, and an SMTP server."""

from __future__ import annotations

import datetime
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# the fields of PagerDuty's Events API v2 that it demands, and those that it knows beside them
_TRIGGER = {"summary", "source", "severity"}
_PAYLOAD = _TRIGGER | {"timestamp", "component", "group", "class", "custom_details"}
_EVENT = {"routing_key", "event_action", "dedup_key", "payload", "client", "client_url", "links", "images"}


@dataclass
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class HttpSink:
    """What an HTTP server was sent, and how it answers.

    :param statuses: answered in this order; when they are used up, 202.
    :param hang: whether it takes the request and never answers.
    """

    port: int = 0
    tls: bool = False
    statuses: list[int] = field(default_factory=list)
    hang: bool = False
    echo: bool = False
    received: list[Received] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/hook"

    @property
    def bodies(self) -> list[Any]:
        """Return what it took."""
        return [each.body for each in self.received]


def wrong_pagerduty_event(event: Any) -> str:
    """Return what PagerDuty would not like about an event; empty when it is right."""
    if not isinstance(event, dict) or set(event) - _EVENT:
        return "unknown fields"
    if not isinstance(event.get("routing_key"), str) or len(event["routing_key"]) != 32:
        return "'routing_key' must be 32 characters"
    if event.get("event_action") not in ("trigger", "acknowledge", "resolve"):
        return "'event_action' is wrong"
    if len(event.get("dedup_key", "")) > 255 or (event["event_action"] != "trigger" and not event.get("dedup_key")):
        return "'dedup_key' is wrong"
    if event["event_action"] != "trigger":
        return ""
    payload = event.get("payload")
    if not isinstance(payload, dict) or not payload.keys() >= _TRIGGER or set(payload) - _PAYLOAD:
        return "'payload' is wrong"
    if not 0 < len(payload["summary"]) <= 1024 or not payload["source"]:
        return "'summary' or 'source' is wrong"
    if payload["severity"] not in ("critical", "error", "warning", "info"):
        return "'severity' is wrong"
    datetime.datetime.fromisoformat(payload["timestamp"].replace("Z", "+00:00"))
    return ""


@contextmanager
def http_sink(*, pagerduty: bool = False, certificate: tuple[Path, Path] | None = None) -> Iterator[HttpSink]:
    """Run an HTTP server.

    :param pagerduty: whether it refuses what is no event of PagerDuty's.
    :param certificate: certificate and key; with them it speaks TLS.
    """
    sink = HttpSink(tls=certificate is not None)
    let_go = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            status, said = sink.statuses.pop(0) if sink.statuses else 202, "taken"
            if sink.hang:
                let_go.wait(60)
                return
            body = json.loads(raw)
            if pagerduty and status == 202 and (wrong := wrong_pagerduty_event(body)):
                status, said = 400, json.dumps({"status": "invalid event", "errors": [wrong]})
            if status < 300:
                sink.received.append(Received(self.path, dict(self.headers), body))
            if sink.echo:
                said = f"{raw.decode()} {self.path} {dict(self.headers)}"
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"http://127.0.0.1:{sink.port}/elsewhere")
            self.end_headers()
            self.wfile.write(said.encode())

        def log_message(self, *_args: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        # a client that does not trust us must leave no traceback
        server.handle_error = lambda *_args: None  # type: ignore[method-assign]
    sink.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        let_go.set()
        server.shutdown()
        server.server_close()


@dataclass
class SmtpSink:
    """What an SMTP server took."""

    port: int = 0
    refuse: tuple[str, ...] = ()
    mails: list[EmailMessage] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    secured: list[bool] = field(default_factory=list)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        """Take a recipient or refuse it."""
        if address in self.refuse:
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:
        """Take a mail."""
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.secured.append(session.ssl is not None)
        return "250 taken"


@contextmanager
def smtp_sink(
    *, certificate: tuple[Path, Path] | None = None, login: tuple[str, str] | None = None, hangs_up: bool = False
) -> Iterator[SmtpSink]:
    """Run an SMTP server.

    :param certificate: certificate and key; with them it wants STARTTLS.
    :param login: user and password that it demands.
    :param hangs_up: whether it cuts the connection of who fails to log in.
    """
    sink = SmtpSink()

    def check(server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        known = isinstance(given, LoginPassword) and (given.login.decode(), given.password.decode()) == login
        if known:
            sink.logins.append(given.login.decode())
        elif hangs_up:
            server.transport.close()
        return AuthResult(success=known, handled=False)

    more: dict[str, Any] = {}
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        more |= {"tls_context": context, "require_starttls": True}
    if login:
        more |= {"authenticator": check, "auth_required": True, "auth_require_tls": certificate is not None}
    controller = Controller(sink, hostname="127.0.0.1", port=0, ready_timeout=20, **more)
    controller.port = free_port()
    controller.start()
    sink.port = controller.port
    try:
        yield sink
    finally:
        controller.stop()


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def certificate(directory: Path, *names: str) -> tuple[Path, Path]:
    """Make a certificate that signs itself, for names or addresses; return its file and its key's."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sink")])
    now = datetime.datetime.now(datetime.UTC)
    others = [x509.IPAddress(ipaddress.ip_address(each)) if each[0].isdigit() else x509.DNSName(each) for each in names]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(others), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    directory.mkdir(parents=True, exist_ok=True)
    files = directory / "sink.crt", directory / "sink.key"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files
