"""A sign of life, over a real socket."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._status import heartbeat
from ansible_collections.steady.ops.plugins.plugin_utils._status.heartbeat import beat


class Sink(http.server.BaseHTTPRequestHandler):
    """Answers as the path says."""

    asked: list[str]

    def do_GET(self) -> None:
        """Answer."""
        self.asked.append(self.path)
        code = int(self.path.rpartition("/")[2])
        self.send_response(code)
        if code == 302:
            self.send_header("Location", "/canary/200")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def sink() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Own", (Sink,), {"asked": asked}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/canary", asked
    server.shutdown()
    server.server_close()


def test_it_is_sent_once(sink: tuple[str, list[str]], tmp_path: Path) -> None:
    url, asked = sink
    (tmp_path / "url").write_text(f"{url}/200\n")
    assert beat(str(tmp_path / "url"), "", {}) == "" and beat("", "BEAT", {"BEAT": f"{url}/204"}) == ""
    assert asked == ["/canary/200", "/canary/204"]


@pytest.mark.parametrize(
    ("code", "said"), [(500, "it answered 500"), (404, "it answered 404"), (302, "it answered 302")]
)
def test_what_it_answers_is_said_and_no_redirect_followed(sink: tuple[str, list[str]], code: int, said: str) -> None:
    url, asked = sink
    assert beat("", "BEAT", {"BEAT": f"{url}/{code}"}) == said and len(asked) == 1


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "the variable BEAT holds no http or https address"),
        ("file:///etc/passwd", "the variable BEAT holds no http or https address"),
        ("http://a b/canary", "the variable BEAT holds no http or https address"),
        ("http://[canary/", "the variable BEAT holds no http or https address"),
        ("http://127.0.0.1:1/canary", "nothing listens there"),
        ("http://127.0.0.1:canary/", "nonnumeric port"),
    ],
)
def test_what_keeps_it_from_being_sent_is_said_without_the_address(url: str, said: str) -> None:
    found = beat("", "BEAT", {"BEAT": url})
    assert "canary" not in found and (found == said or (said == "nonnumeric port" and found))


def test_a_file_that_cannot_be_read_holds_no_address(tmp_path: Path) -> None:
    assert beat(str(tmp_path / "none"), "", {}) == f"the file {tmp_path / 'none'} holds no http or https address"


def test_one_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "SECONDS", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        assert beat("", "BEAT", {"BEAT": url}) == "no answer in time"
