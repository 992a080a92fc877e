"""http_health in Ansible's own process: it answers as the module does, and leaves to the module what is elsewhere."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.action.http_health import ActionModule
from ansible_collections.steady.ops.plugins.modules import http_health
from tests.unit.plugins.modules.looking import CLOSED, run

BY_THE_MODULE = {"msg": "by the module"}


@pytest.fixture
def url() -> Iterator[str]:
    class Service(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f'{{"status": "ok", "said": "{self.headers["Authorization"]}"}}'.encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def action(args: dict[str, Any], transport: str = "local", become: object = None, **task: Any) -> Any:
    made = object.__new__(ActionModule)
    made._connection = SimpleNamespace(transport=transport, become=become)
    made._task = SimpleNamespace(
        args=args, **{"async_val": 0, "check_mode": False, "diff": False, "environment": [], **task}
    )
    made._execute_module = lambda **given: {**BY_THE_MODULE, **given}
    return made


def asked(args: dict[str, Any], monkeypatch: pytest.MonkeyPatch, **how: Any) -> dict[str, Any]:
    """Run the action; what Ansible's own class prepares needs a play."""
    monkeypatch.setattr("ansible.plugins.action.ActionBase.run", lambda *_args, **_more: {})
    found: dict[str, Any] = action(args, **how).run(task_vars={"a": 1})
    return found


def timeless(result: dict[str, Any]) -> dict[str, Any]:
    """Return what does not differ from one question to the next."""
    left = {key: value for key, value in result.items() if key not in ("invocation", "msg", "exception")}
    for key in ("probe", "readiness"):
        if key in left:
            left[key] = {name: left[key][name] for name in ("passed", "samples", "version")}
    if "findings" in left:
        left["findings"] = [{**finding, "value": 0, "message": ""} for finding in left["findings"]]
    return left


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"fail_on": "never"},
        {"probe": {"json": {"status": "bad"}}},
        {"probe": {"json": {"status": "bad"}}, "fail_on": "never"},
        {"probe": {"consecutive": "2", "interval_seconds": "0.01", "status": [200, 204]}},
        {"readiness": {"url": "/ready", "contains": "nowhere"}},
        {"probe": {"url": f"http://127.0.0.1:{CLOSED}"}},
        {"probe": {"url": "http://me:hush@h/"}},
        {"probe": {"max_ms": "soon"}},
        {"probe": {"uri": "http://h/"}},
        {"prob": {}},
        {"fail_on": "sometimes"},
        {"wait": "perhaps"},
    ],
)
def test_it_answers_as_the_module_does(url: str, more: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    args = {**more, "probe": {"url": f"{url}/health", "consecutive": 1, **more.get("probe", {})}}
    if "readiness" in args:
        args["readiness"] = {**args["readiness"], "url": f"{url}/ready"}
    here, there = asked(args, monkeypatch), run(http_health, **args)
    assert timeless(here) == timeless(there)
    if "findings" not in here:
        # in process the module has no name of its own
        assert here["msg"] == there["msg"].replace("(basic.py)", "(steady.ops.http_health)")


def test_it_never_shows_the_token(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    probe = {"url": f"{url}/health", "bearer_token": "hush-hush", "json": {"said": "x"}, "consecutive": 1}
    found = asked({"probe": probe}, monkeypatch)
    assert (found["severity"], "hush-hush" in str(found)) == ("critical", False)
    # the second probe's token is none of the first one's business
    readiness = {"url": f"{url}/ready", "bearer_token": "be-quiet"}
    named = asked({"probe": {**probe, "url": f"{url}/be-quiet"}, "readiness": readiness}, monkeypatch)
    assert (named["severity"], "be-quiet" in str(named)) == ("critical", False)
    wrong = asked({"probe": {**probe, "max_ms": "hush-hush"}}, monkeypatch)
    assert wrong["failed"]
    assert "hush-hush" not in str(wrong)
    assert asked({"probe": "x"}, monkeypatch)["failed"]


@pytest.mark.parametrize(
    ("how", "in_background"),
    [
        ({"transport": "ssh"}, False),
        ({"become": object()}, False),
        ({"environment": [{"SSL_CERT_FILE": "/x"}]}, False),
        ({"async_val": 30}, True),
    ],
)
def test_what_would_be_asked_from_elsewhere_is_asked_by_the_module(
    how: dict[str, Any], in_background: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = asked({"probe": {"url": f"http://127.0.0.1:{CLOSED}"}}, monkeypatch, **how)
    assert found == {**BY_THE_MODULE, "task_vars": {"a": 1}, "wrap_async": in_background}
