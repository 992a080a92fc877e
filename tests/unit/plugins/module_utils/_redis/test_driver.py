"""The Redis driver against a server of bytes: each answer becomes its error."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import (
    AccessDenied,
    InvalidInput,
    MissingDriver,
    OpsError,
    Unreachable,
)
from ansible_collections.steady.ops.plugins.module_utils._password import login_password
from ansible_collections.steady.ops.plugins.module_utils._redis import driver
from ansible_collections.steady.ops.plugins.module_utils._redis.options import RedisConnection

Serve = Callable[[dict[bytes, bytes]], RedisConnection]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a server that answers each command by its name; what it does not know it ends the connection on."""
    listeners: list[socket.socket] = []

    def start(answers: dict[bytes, bytes]) -> RedisConnection:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listeners.append(listener)

        def run() -> None:
            try:
                line, _rest = listener.accept()
                with line:
                    while request := line.recv(65536):
                        # a command ends where the next one begins; clients may send several at once
                        for command in request.split(b"*")[1:]:
                            name = command.split(b"\r\n")[2].upper()
                            if name not in answers:
                                return
                            line.sendall(answers[name])
            except (OSError, IndexError):
                # the client is gone, or speaks something else
                return

        threading.Thread(target=run, daemon=True).start()
        return RedisConnection("127.0.0.1", listener.getsockname()[1], password="hush-hush")

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


FINE = {b"AUTH": b"+OK\r\n", b"CLIENT": b"+OK\r\n", b"PING": b"+PONG\r\n"}


def test_a_command_is_answered_after_the_login(serve: Serve) -> None:
    with driver.session(serve(FINE)) as session:
        assert session.command("PING") == "PONG"


@pytest.mark.parametrize(
    ("answers", "kind", "server", "words"),
    [
        ({**FINE, b"AUTH": b"-WRONGPASS invalid hush-hush\r\n"}, AccessDenied, None, "does not let us in: "),
        ({**FINE, b"PING": b"-NOAUTH Authentication required.\r\n"}, AccessDenied, None, "does not let us in: "),
        ({**FINE, b"PING": b"-NOPERM no permissions\r\n"}, AccessDenied, None, "does not let us in: "),
        ({**FINE, b"PING": b"-LOADING Redis is loading\r\n"}, Unreachable, True, "answered with an error: "),
        ({**FINE, b"PING": b"-MISCONF cannot persist\r\n"}, Unreachable, True, "answered with an error: "),
        ({b"AUTH": b"+OK\r\n", b"CLIENT": b"+OK\r\n"}, Unreachable, None, "gave no answer: "),
    ],
)
def test_what_the_server_says_becomes_an_error(
    serve: Serve, answers: dict[bytes, bytes], kind: type[OpsError], server: bool | None, words: str
) -> None:
    connection = serve(answers)
    with pytest.raises(kind) as caught, driver.session(connection) as session:
        session.command("PING")
    assert str(caught.value).startswith(f"{connection.place} {words}")
    assert caught.value.details.get("server") is server
    assert "hush" not in str(caught.value)


def test_nobody_there() -> None:
    with pytest.raises(Unreachable, match="gave no answer"), driver.session(RedisConnection("127.0.0.1", 9)):
        pass


def test_tls_where_none_is_spoken(serve: Serve) -> None:
    plain = serve(FINE)
    connection = RedisConnection("127.0.0.1", plain.port, tls=True, validate_certs=False)
    with pytest.raises(Unreachable, match="gave no answer"), driver.session(connection, timeout_seconds=1):
        pass


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "HAS_REDIS", False)
    with pytest.raises(MissingDriver, match="redis"), driver.session(RedisConnection("h", 1)):
        pass


def _password(connection: RedisConnection) -> str | None:
    return login_password(connection.password, connection.password_file)


def test_the_password_is_read_from_its_file(tmp_path: Path) -> None:
    page = tmp_path / "password"
    page.write_text("hush hush\n")
    assert _password(RedisConnection("h", 1, password_file=str(page))) == "hush hush"
    with pytest.raises(InvalidInput, match="cannot be read: No such file"):
        _password(RedisConnection("h", 1, password_file=str(tmp_path / "none")))
