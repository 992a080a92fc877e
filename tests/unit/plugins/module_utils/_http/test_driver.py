"""One GET against real sockets: each way to fail has its own id and sentence."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ansible_collections.steady.ops.plugins.module_utils._http.answer import NoAnswer, Request, Response
from ansible_collections.steady.ops.plugins.module_utils._http.driver import MAX_BODY_BYTES, fetch

Behave = Callable[[socket.socket, bytes], None]


class Server:
    """A server of bytes: each connection's request goes to a function that answers as it likes."""

    def __init__(self, behave: Behave, tls: ssl.SSLContext | None = None, family: int = socket.AF_INET) -> None:
        self.behave, self.tls = behave, tls
        self.listener = socket.socket(family)
        self.listener.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        self.listener.listen()
        self.port = self.listener.getsockname()[1]
        self.requests: list[bytes] = []
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        while not self.done.is_set():
            try:
                line, _rest = self.listener.accept()
            except OSError:
                return
            with line:
                try:
                    if self.tls:
                        line = self.tls.wrap_socket(line, server_side=True)
                    line.settimeout(3)
                    request = line.recv(65536)
                    self.requests.append(request)
                    self.behave(line, request)
                except OSError:
                    continue
                finally:
                    line.close()

    def stop(self) -> None:
        self.done.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(5)


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    with ExitStack() as servers:

        def start(behave: Behave, **options: object) -> Server:
            server = Server(behave, **options)  # type: ignore[arg-type]
            servers.callback(server.stop)
            return server

        yield start


def says(*parts: bytes, pause: float = 0.0) -> Behave:
    def behave(line: socket.socket, request: bytes) -> None:
        for part in parts:
            line.sendall(part)
            time.sleep(pause)

    return behave


def ask(url: str, *, timeout: float = 3.0, follow: bool = False, **options: object) -> Response | NoAnswer:
    return fetch(Request(url, timeout, follow, **options))  # type: ignore[arg-type]


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nServer: one\r\nServer: two\r\n\r\nok"


def test_a_whole_answer(serve: Callable[..., Server]) -> None:
    server = serve(says(OK))
    answer = ask(f"http://127.0.0.1:{server.port}?deep=1", bearer_token="hush-hush")
    assert isinstance(answer, Response)
    assert (answer.status, answer.body, answer.header("server")) == (200, b"ok", "one, two")
    assert answer.header("absent") is None
    assert 0 < answer.latency_ms < 3000
    assert server.requests[0].startswith(b"GET /?deep=1 HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"Authorization: Bearer hush-hush\r\n" in server.requests[0]


def test_a_proxy_of_the_environment_is_ignored(serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    server = serve(says(OK))
    assert isinstance(ask(f"http://127.0.0.1:{server.port}/"), Response)


def test_ipv6(serve: Callable[..., Server]) -> None:
    try:
        server = serve(says(OK), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    assert isinstance(ask(f"http://[::1]:{server.port}/"), Response)


BROKEN = [
    (says(b""), "http_cut", "closed the connection without an answer"),
    (says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"), "http_cut", "cut its answer off after 2 of 9 bytes"),
    (
        says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
        "http_cut",
        "cut its answer off in the body",
    ),
    (says(b"SSH-2.0-OpenSSH_9.2\r\n"), "http_protocol", "does not speak HTTP: BadStatusLine"),
    (says(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000), "http_protocol", "does not speak HTTP: LineTooLong"),
    (
        says(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * (MAX_BODY_BYTES + 1)),
        "http_oversized",
        f"sent a body of more than {MAX_BODY_BYTES} bytes",
    ),
    (
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n", b"x" * (MAX_BODY_BYTES + 1)),
        "http_oversized",
        f"sent a body of more than {MAX_BODY_BYTES} bytes",
    ),
]


@pytest.mark.parametrize(("behave", "id", "reason"), BROKEN)
def test_broken_answers_are_told_apart(serve: Callable[..., Server], behave: Behave, id: str, reason: str) -> None:
    server = serve(behave)
    answer = ask(f"http://127.0.0.1:{server.port}/")
    assert isinstance(answer, NoAnswer)
    assert (answer.id, answer.reason) == (id, reason)


def test_a_reset_in_the_body_is_a_cut(serve: Callable[..., Server]) -> None:
    def reset(line: socket.socket, request: bytes) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\n\r\nhalf of it")
        time.sleep(0.1)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")

    answer = ask(f"http://127.0.0.1:{serve(reset).port}/")
    assert isinstance(answer, NoAnswer)
    assert (answer.id, answer.reason) == ("http_cut", "cut the connection in the body: Connection reset by peer")


@pytest.mark.parametrize(
    "behave",
    [
        lambda line, request: time.sleep(1.2),
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", *[b"x"] * 8, pause=0.15),
        says(b"HTTP/1.1 200 OK\r\n", *[b"X-A: b\r\n"] * 8, pause=0.15),
        says(*[b"HTTP/1.1 100 Continue\r\n\r\n"] * 8, pause=0.15),
    ],
    ids=["hangs", "drips its body", "drips its headers", "continues for ever"],
)
def test_a_slow_server_does_not_outlive_the_time_out(serve: Callable[..., Server], behave: Behave) -> None:
    started = time.monotonic()
    answer = ask(f"http://127.0.0.1:{serve(behave).port}/", timeout=0.5)
    assert time.monotonic() - started < 1.0
    assert isinstance(answer, NoAnswer)
    assert (answer.id, answer.reason) == ("http_timeout", "sent no whole answer within 0.5 s")


def redirecting(location: str, status: bytes = b"302 Found") -> Behave:
    def behave(line: socket.socket, request: bytes) -> None:
        if b"GET /end " in request:
            line.sendall(OK)
        else:
            line.sendall(b"HTTP/1.1 %s\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n" % (status, location.encode()))

    return behave


def test_redirects_are_not_followed_unless_asked(serve: Callable[..., Server]) -> None:
    server = serve(redirecting("/end"))
    answer = ask(f"http://127.0.0.1:{server.port}/")
    assert isinstance(answer, Response)
    assert answer.status == 302
    answer = ask(f"http://127.0.0.1:{server.port}/", follow=True, bearer_token="hush-hush")
    assert isinstance(answer, Response)
    assert (answer.status, answer.url) == (200, f"http://127.0.0.1:{server.port}/end")
    assert b"hush-hush" in server.requests[-1]


def test_the_token_does_not_follow_to_another_server(serve: Callable[..., Server]) -> None:
    other = serve(says(OK))
    server = serve(redirecting(f"http://127.0.0.1:{other.port}/end"))
    assert isinstance(ask(f"http://127.0.0.1:{server.port}/", follow=True, bearer_token="hush-hush"), Response)
    assert b"hush-hush" in server.requests[0]
    assert b"Authorization" not in other.requests[0]


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("https://127.0.0.1/end", "redirects to the scheme https, which is never followed"),
        ("ftp://127.0.0.1/end", "redirects to the scheme ftp, which is never followed"),
        ("http://me:hush@127.0.0.1/end", "redirects to something that is no usable URL"),
        ("http://[::1/end", "redirects to something that is no usable URL"),
        ("http:///end\xe9", "redirects to something that is no usable URL"),
        ("/again", "was redirected more than 5 times"),
    ],
)
def test_redirects_that_are_never_followed(serve: Callable[..., Server], location: str, reason: str) -> None:
    answer = ask(f"http://127.0.0.1:{serve(redirecting(location)).port}/", follow=True)
    assert isinstance(answer, NoAnswer)
    assert (answer.id, answer.reason) == ("http_redirect", reason)


def certificate(directory: Path, *, days: int = 1, address: str = "127.0.0.1") -> tuple[Path, ssl.SSLContext]:
    """Make a self-signed certificate; return its file and a server's context."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=30))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    page, private = directory / "cert.pem", directory / "key.pem"
    page.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(page, private)
    return page, context


def test_a_certificate_of_a_named_authority(serve: Callable[..., Server], tmp_path: Path) -> None:
    page, context = certificate(tmp_path)
    server = serve(says(OK), tls=context)
    assert isinstance(ask(f"https://127.0.0.1:{server.port}/", ca_cert=str(page)), Response)
    assert isinstance(ask(f"https://127.0.0.1:{server.port}/", validate_certs=False), Response)
    answer = ask(f"https://127.0.0.1:{server.port}/")
    assert isinstance(answer, NoAnswer)
    assert (answer.id, answer.reason) == (
        "http_tls",
        "shows a certificate that is not accepted: self-signed certificate",
    )


@pytest.mark.parametrize(
    ("days", "address", "why"),
    [
        (-1, "127.0.0.1", "certificate has expired"),
        (1, "127.0.0.2", "IP address mismatch, certificate is not valid for '127.0.0.1'"),
    ],
)
def test_a_wrong_certificate_says_why(
    serve: Callable[..., Server], tmp_path: Path, days: int, address: str, why: str
) -> None:
    page, context = certificate(tmp_path, days=days, address=address)
    server = serve(says(OK), tls=context)
    answer = ask(f"https://127.0.0.1:{server.port}/", ca_cert=str(page))
    assert isinstance(answer, NoAnswer)
    assert answer.reason == f"shows a certificate that is not accepted: {why}"
    assert server.requests == [], "something was sent to a server that is not the right one"


def test_tls_ends_with_its_goodbye_or_is_a_cut(serve: Callable[..., Server], tmp_path: Path) -> None:
    page, context = certificate(tmp_path)

    def cut(line: socket.socket, request: bytes) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\n\r\nhalf of it")
        socket.socket(fileno=line.detach()).close()

    answer = ask(f"https://127.0.0.1:{serve(cut, tls=context).port}/", ca_cert=str(page))
    assert isinstance(answer, NoAnswer)
    assert answer.id == "http_cut"


def test_plain_http_where_tls_is_wanted(serve: Callable[..., Server]) -> None:
    answer = ask(f"https://127.0.0.1:{serve(says(OK)).port}/")
    assert isinstance(answer, NoAnswer)
    assert (answer.id, answer.reason) == ("http_tls", "does not speak TLS with us: WRONG_VERSION_NUMBER")


def test_a_handshake_that_hangs(serve: Callable[..., Server]) -> None:
    answer = ask(f"https://127.0.0.1:{serve(lambda line, request: time.sleep(0.8)).port}/", timeout=0.4)
    assert isinstance(answer, NoAnswer)
    assert (answer.id, answer.reason) == ("http_tls_timeout", "finished no TLS handshake within 0.4 s")


def test_a_ca_file_that_is_not_there(serve: Callable[..., Server]) -> None:
    answer = ask(f"https://127.0.0.1:{serve(says(OK)).port}/", ca_cert="/nowhere/ca.pem")
    assert isinstance(answer, NoAnswer)
    assert answer.reason == "was not asked: the CA file /nowhere/ca.pem cannot be used: No such file or directory"
