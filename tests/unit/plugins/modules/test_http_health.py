"""http_health in process: results, check mode, secrets."""

from __future__ import annotations

import http.server
import json
import sys
import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from ansible_collections.steady.ops.plugins.modules import http_health
from tests.unit.plugins.modules.looking import CLOSED, assert_unknown_and_red, run


@pytest.fixture
def service() -> Iterator[Any]:
    class Service(http.server.BaseHTTPRequestHandler):
        ready = "Healthy"
        url: ClassVar[str]
        seen: ClassVar[list[str | None]] = []

        def do_GET(self) -> None:
            self.seen.append(self.headers["Authorization"])
            body = json.dumps({"status": "Healthy", "version": "1.8.0", "checks": {"storage": self.ready}}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    Service.url = f"http://127.0.0.1:{server.server_port}"
    yield Service
    server.shutdown()
    server.server_close()


def probe(service: Any, **more: Any) -> dict[str, Any]:
    return {"url": f"{service.url}/health", "interval_seconds": 0.05, "json": {"status": "Healthy"}, **more}


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_good_answer(service: Any, check_mode: bool) -> None:
    result = run(http_health, probe=probe(service, version={"json": "version"}), _ansible_check_mode=check_mode)
    assert (result["changed"], result["severity"], result["probe"]["samples"]) == (False, "ok", 3)
    assert result["probe"]["version"] == "1.8.0"
    assert [finding["id"] for finding in result["findings"]] == ["http_ok"]
    assert "readiness" not in result


def test_readiness_has_a_finding_of_its_own_and_the_first_ones_rules(service: Any) -> None:
    service.ready = "Unhealthy"
    readiness = {"url": f"{service.url}/ready", "json": {"checks.storage": "Healthy"}}
    result = run(http_health, probe=probe(service, consecutive=1, bearer_token="hush-hush"), readiness=readiness)
    assert result["failed"]
    assert result["msg"] == (f'{service.url}/ready answered 200, but checks.storage is "Unhealthy", wanted "Healthy".')
    assert [finding["severity"] for finding in result["findings"]] == ["ok", "critical"]
    assert service.seen == ["Bearer hush-hush"] * 2
    assert "hush-hush" not in json.dumps(result)
    assert not run(http_health, probe=probe(service, consecutive=1), readiness=readiness, fail_on="never").get("failed")


def test_waiting_ends_at_the_deadline(service: Any) -> None:
    wanted = probe(service, version={"json": "version"}, consecutive=1, deadline_seconds=0.2)
    result = run(http_health, probe=wanted, version="1.9.0", wait=True)
    assert result["failed"]
    assert result["probe"]["samples"] > 1
    assert "states version 1.8.0, wanted 1.9.0" in result["msg"]


def test_a_wrong_option_is_one_sentence() -> None:
    result = run(http_health, probe={"url": "http://me:hush@h/"})
    assert result["msg"] == "probe.url holds a user or password. Take it out; use bearer_token for a secret."


def test_a_command_is_judged_beside_the_url_or_alone(service: Any) -> None:
    told = "import os, sys; sys.exit(os.environ['STEADY_COMPONENT'] + ' ' + os.environ['STEADY_VERSION'])"
    command = {"command": [sys.executable, "-c", told], "consecutive": 1}
    result = run(http_health, probe=probe(service, **command), version="1.8.0", component="api")
    assert (result["failed"], result["severity"]) == (True, "critical")
    assert result["msg"] == f"the command {sys.executable} ended with 1: api 1.8.0."
    result = run(http_health, probe={"command": ["true"], "interval_seconds": 0.05}, readiness=probe(service))
    assert [finding["id"] for finding in result["findings"]] == ["command_ok", "http_ok"]


def test_nobody_there_is_unknown_and_red() -> None:
    result = run(http_health, probe={"url": f"http://127.0.0.1:{CLOSED}"})
    assert_unknown_and_red(result, "http_refused", "probe")
