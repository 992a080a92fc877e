# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sample application as a real process: what each behaviour answers, and how it ends."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.app.contract import fill, routes_of
from lab.app.settings import normalise_behaviour

ROOT = Path(__file__).resolve().parents[3]
HEALTH, READY = "/api/health/healthz", "/api/health/readyz"


class App:
    """One process and the port it listens on."""

    def __init__(self, directory: Path, settings: dict[str, Any]) -> None:
        self._port_file = directory / "port"
        file = directory / "settings.json"
        file.write_text(json.dumps({"version": "1.8.0", "port_file": str(self._port_file), **settings}), "utf-8")
        arguments = [sys.executable, "-m", "lab.app", "--settings", str(file), "--exit-with-parent"]
        self.process = subprocess.Popen(
            arguments, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def port(self, seconds: float = 5) -> int:
        """The port, once it listens."""
        deadline = time.monotonic() + seconds
        while not self._port_file.exists():
            assert time.monotonic() < deadline, "the application does not listen"
            time.sleep(0.01)
        return int(self._port_file.read_text("utf-8"))

    def get(self, path: str, forwarded: bool = False) -> tuple[int, Any]:
        """Status and body (JSON read where it is JSON)."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port()}{path}")
        if forwarded:
            request.add_header("X-Forwarded-For", "127.0.0.1")
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                status, kind, body = answer.status, answer.headers["Content-Type"], answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                status, kind, body = error.code, error.headers["Content-Type"], error.read().decode()
        return status, json.loads(body) if kind == "application/json" else body

    def output(self, until: float = 0) -> str:
        """Everything it printed until its end, which its parent makes after at most `until` seconds."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(until)
        return self.process.communicate(timeout=5)[0]


Launch = Callable[..., App]


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    """Start an application with some settings."""
    started: list[App] = []

    def start(**settings: Any) -> App:
        started.append(App(tmp_path, settings))
        return started[-1]

    yield start
    for app in started:
        app.process.kill()
        app.process.communicate()


def test_smartunderwrite_and_generic_contracts(launch: Launch) -> None:
    app = launch(digest="sha256:ab", schema_revision="0042")
    status, body = app.get(HEALTH)
    assert (status, body["status"], body["version"]) == (200, "Healthy", "1.8.0")
    assert time.strptime(body["timestamp"], "%Y-%m-%dT%H:%M:%SZ")
    status, body = app.get(READY)
    assert (status, body["status"], body["checks"]) == (200, "Ready", {"database": "Healthy", "storage": "Healthy"})
    assert app.get("/version") == (
        200,
        {"version": "1.8.0", "digest": "sha256:ab", "schema_revision": "0042", "instance": str(app.process.pid)},
    )
    assert app.get("/health") == (200, {"status": "ok", "version": "1.8.0"})
    assert app.get("/ready")[0] == 200
    assert app.get("/nowhere")[0] == 404


def test_a_contract_of_its_own(launch: Launch) -> None:
    app = launch(contract=[{"path": "/", "role": "health", "body": "<h1>{version}</h1>"}])
    assert app.get("/") == (200, "<h1>1.8.0</h1>")


@pytest.mark.parametrize(
    ("behaviour", "path", "status", "part"),
    [
        ({"kind": "wrong_version", "version": "1.7.0"}, HEALTH, 200, {"version": "1.7.0"}),
        ("wrong_version", "/version", 200, {"version": "0.0.1"}),
        ("not_ready", READY, 503, {"checks": {"database": "Unhealthy", "storage": "Healthy"}}),
        ("not_ready", HEALTH, 200, {"status": "Healthy"}),
        ("wrong_body", HEALTH, 200, {"database": "ok", "version": "10.4.2"}),
        ({"kind": "wrong_body", "body": "wrong_type"}, HEALTH, 200, {"status": True}),
        ("errors", READY, 500, {"error": "internal server error"}),
        ({"kind": "errors", "roles": ["ready"]}, HEALTH, 200, {"status": "Healthy"}),
        ({"kind": "dies_after", "seconds": 0}, HEALTH, 500, {"error": "internal server error"}),
        ({"kind": "dies_after", "seconds": 60}, HEALTH, 200, {"status": "Healthy"}),
        ("leaks", HEALTH, 200, {"status": "Healthy"}),
    ],
)
def test_behaviours(launch: Launch, behaviour: Any, path: str, status: int, part: dict[str, Any]) -> None:
    answered, body = launch(behaviour=behaviour).get(path)
    assert answered == status
    assert {key: body.get(key) for key in part} == part


@pytest.mark.parametrize(("body", "shown"), [("html", "<!doctype html>"), ("empty", "")])
def test_bodies_that_are_no_json(launch: Launch, body: str, shown: str) -> None:
    status, text = launch(behaviour={"kind": "wrong_body", "body": body}).get(HEALTH)
    assert status == 200
    assert text.startswith(shown)


@pytest.mark.parametrize(
    ("behaviour", "code", "line"), [("crash", 1, "fatal: "), ("bad_migration", 3, "migration 0043")]
)
def test_refuses_to_start(launch: Launch, behaviour: str, code: int, line: str) -> None:
    app = launch(behaviour=behaviour, schema_revision="0043")
    assert line in app.output(until=5)
    assert app.process.returncode == code


def test_slow_start_listens_late(launch: Launch, tmp_path: Path) -> None:
    began = time.monotonic()
    launch(behaviour={"kind": "slow_start", "seconds": 0.6}).port()
    assert time.monotonic() - began >= 0.6


def test_a_life_of_some_forwarded_requests(launch: Launch) -> None:
    app = launch(behaviour={"kind": "dies_after", "requests": 2, "mode": "exit"})
    for _number in range(3):
        assert app.get(HEALTH)[0] == 200
    for _number in range(2):
        assert app.get(HEALTH, forwarded=True)[0] == 200
    with pytest.raises((urllib.error.URLError, ConnectionError)):
        app.get(HEALTH, forwarded=True)
    assert app.process.wait(5) == 134


def test_a_leak_grows(launch: Launch) -> None:
    app = launch(behaviour={"kind": "leaks", "kilobytes": 4096})
    app.get(HEALTH)

    def resident() -> int:
        return int(Path(f"/proc/{app.process.pid}/statm").read_text("utf-8").split()[1])

    before = resident()
    for _number in range(4):
        app.get(HEALTH)
    assert (resident() - before) * 4 >= 3 * 4096


def test_ends_with_its_parent_and_logs_what_it_should_not(launch: Launch) -> None:
    app = launch(log_url="postgresql://app:canary-password@db/smartunderwrite")
    app.port()
    text = app.output()
    assert "info: connecting to postgresql://app:canary-password@db/smartunderwrite" in text
    assert app.process.returncode == 0


def test_real_checks_fail_when_nothing_answers(launch: Launch, tmp_path: Path) -> None:
    dsn = tmp_path / "dsn"
    dsn.write_text("host=127.0.0.1 port=1 user=app password=canary-password dbname=none", "utf-8")
    storage = {"endpoint_url": "http://127.0.0.1:1", "bucket": "documents"}
    app = launch(database={"dsn_file": str(dsn)}, storage=storage)
    status, body = app.get(READY)
    assert (status, body["status"]) == (503, "NotReady")
    assert body["checks"] == {"database": "Unhealthy", "storage": "Unhealthy"}
    text = app.output()
    assert "database check failed: OperationalError" in text
    assert "canary-password" not in text


def test_unknown_words_are_refused() -> None:
    with pytest.raises(ValueError, match=r"behaviour\.kind 'sleepy' is not known; use one of ok, crash"):
        normalise_behaviour("sleepy")
    with pytest.raises(ValueError, match="contract 'none' is not known; use one of generic"):
        routes_of("none")


def test_fill_reaches_everywhere() -> None:
    template = {"a": ["{version}", 1], "b": {"c": "v{version}"}}
    assert fill(template, {"version": "2"}) == {"a": ["2", 1], "b": {"c": "v2"}}
