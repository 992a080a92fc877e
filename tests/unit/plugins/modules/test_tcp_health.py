"""tcp_health in process."""

from __future__ import annotations

import socket

from ansible_collections.steady.ops.plugins.modules import tcp_health
from tests.unit.plugins.modules.looking import CLOSED, assert_unknown_and_red, run


def test_nobody_there_is_unknown_and_red() -> None:
    result = run(tcp_health, host="127.0.0.1", port=CLOSED)
    assert_unknown_and_red(result, "tcp_refused", "latency_ms")
    assert not run(tcp_health, host="127.0.0.1", port=CLOSED, fail_on="never").get("failed")


def test_a_port_that_takes_connections() -> None:
    with socket.socket() as live:
        live.bind(("127.0.0.1", 0))
        live.listen()
        result = run(tcp_health, host="127.0.0.1", port=live.getsockname()[1], _ansible_check_mode=True)
    assert (result["severity"], result["changed"], result["findings"][0]["id"]) == ("ok", False, "tcp_ok")
    assert result["latency_ms"] > 0


def test_a_wrong_option_is_one_sentence() -> None:
    assert run(tcp_health, host="h", port=0)["msg"] == "port is 0. Give a number from 1 to 65535."
