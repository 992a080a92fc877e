"""What the engine asks of a prober."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.module_utils._findings import Finding, Severity
from ansible_collections.steady.ops.plugins.module_utils._release.protocol import Proof


def test_a_proof_as_a_result_shows_it() -> None:
    finding = Finding("http_ok", Severity.OK, "answered 200 in 10 ms")
    shown = Proof(True, "answered 200 in 10 ms", finding, version="1.8.0", samples=3, latency_ms=10.0).as_dict()
    assert shown == {
        "passed": True,
        "samples": 3,
        "latency_ms": 10.0,
        "version": "1.8.0",
        "finding": finding.as_dict(),
    }
