"""The modules that only look, in process: results, check mode, secrets."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.steady.ops.plugins.modules import http_health, pg_ping, redis_ping, s3_ping, tcp_health

Run = Callable[..., dict[str, Any]]
CLOSED = 9


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run_module(module: Any, **options: Any) -> dict[str, Any]:
        with patch_module_args(options), pytest.raises(SystemExit):
            module.main()
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        return result

    return run_module


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
def test_a_good_answer(run: Run, service: Any, check_mode: bool) -> None:
    result = run(http_health, probe=probe(service, version={"json": "version"}), _ansible_check_mode=check_mode)
    assert (result["changed"], result["severity"], result["probe"]["samples"]) == (False, "ok", 3)
    assert result["probe"]["version"] == "1.8.0"
    assert [finding["id"] for finding in result["findings"]] == ["http_ok"]
    assert "readiness" not in result


def test_readiness_has_a_finding_of_its_own_and_the_first_ones_rules(run: Run, service: Any) -> None:
    service.ready = "Unhealthy"
    readiness = {"url": f"{service.url}/ready", "json": {"checks.storage": "Healthy"}}
    result = run(http_health, probe=probe(service, consecutive=1, bearer_token="hush-hush"), readiness=readiness)
    assert result["failed"]
    assert result["msg"] == (f'{service.url}/ready answered 200, but checks.storage is "Unhealthy", wanted "Healthy".')
    assert [finding["severity"] for finding in result["findings"]] == ["ok", "critical"]
    assert service.seen == ["Bearer hush-hush"] * 2
    assert "hush-hush" not in json.dumps(result)
    assert not run(http_health, probe=probe(service, consecutive=1), readiness=readiness, fail_on="never").get("failed")


def test_waiting_ends_at_the_deadline(run: Run, service: Any) -> None:
    wanted = probe(service, version={"json": "version"}, consecutive=1, deadline_seconds=0.2)
    result = run(http_health, probe=wanted, version="1.9.0", wait=True)
    assert result["failed"]
    assert result["probe"]["samples"] > 1
    assert "states version 1.8.0, wanted 1.9.0" in result["msg"]


def test_a_wrong_option_is_one_sentence(run: Run) -> None:
    result = run(http_health, probe={"url": "http://me:hush@h/"})
    assert result["msg"] == "probe.url holds a user or password. Take it out; use bearer_token for a secret."
    assert run(tcp_health, host="h", port=0)["msg"] == "port is 0. Give a number from 1 to 65535."
    missing = run(pg_ping, login_password_file="/nowhere/password")
    assert missing["msg"] == (
        "login_password_file /nowhere/password cannot be read: No such file or directory. Correct the path."
    )
    assert run(redis_ping, login_password_file="/nowhere/password")["msg"] == missing["msg"]


@pytest.mark.parametrize(
    ("module", "options", "id", "noun"),
    [
        (http_health, {"probe": {"url": f"http://127.0.0.1:{CLOSED}"}}, "http_refused", "probe"),
        (tcp_health, {"host": "127.0.0.1", "port": CLOSED}, "tcp_refused", "latency_ms"),
        (pg_ping, {"login_host": "127.0.0.1", "login_port": CLOSED}, "postgres_unreachable", "database"),
        (redis_ping, {"login_host": "127.0.0.1", "login_port": CLOSED}, "redis_unreachable", "server"),
        (
            s3_ping,
            {
                "bucket": "documents",
                "endpoint_url": f"http://127.0.0.1:{CLOSED}",
                "region": "us-east-1",
                "access_key": "lab",
                "secret_key": "lab-secret",
            },
            "s3_unreachable",
            "bucket",
        ),
    ],
)
def test_nobody_there_is_unknown_and_red(run: Run, module: Any, options: Any, id: str, noun: str) -> None:
    result = run(module, **options)
    assert (result["failed"], result["changed"], result["severity"]) == (True, False, "unknown")
    assert [finding["id"] for finding in result["findings"]] == [id]
    assert noun in result


def test_a_port_that_takes_connections(run: Run, service: Any) -> None:
    result = run(tcp_health, host="127.0.0.1", port=int(service.url.rsplit(":", 1)[1]))
    assert (result["severity"], result["findings"][0]["id"]) == ("ok", "tcp_ok")
    assert result["latency_ms"] > 0
