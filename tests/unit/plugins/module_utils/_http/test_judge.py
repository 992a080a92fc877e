"""Judging one answer: exact sentences, exact comparisons, nothing hostile shown."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._findings import Severity
from ansible_collections.steady.ops.plugins.module_utils._http.answer import NoAnswer, Response
from ansible_collections.steady.ops.plugins.module_utils._http.judge import Verdict, at_path, judge, same, show
from ansible_collections.steady.ops.plugins.module_utils._http.spec import Probe
from ansible_collections.steady.ops.plugins.module_utils._redact import Redactor

U = "http://h/x"
HEALTHY = b'{"status": "Healthy", "version": "1.8.0", "checks": {"storage": "Unhealthy"}, "n": [{"up": 1}]}'


def judged(
    expected: dict[str, Any],
    body: bytes = HEALTHY,
    *,
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = (),
    latency_ms: float = 12.3,
    release: str | None = None,
    secret: str = "hush-hush",
) -> Verdict:
    expectation = Probe.from_option({"url": U, **expected}).expectations[0]
    answer = Response(U, status, headers, body, latency_ms)
    return judge(expectation, answer, release=release, redactor=Redactor([secret]))


GOOD = [
    ({}, None, "http://h/x answered 200 in 12 ms"),
    ({"json": {"status": "Healthy"}}, None, "http://h/x answered 200 in 12 ms"),
    ({"json": {"n.0.up": 1}}, None, "http://h/x answered 200 in 12 ms"),
    ({"json": {"checks": {"storage": "Unhealthy"}}}, None, "http://h/x answered 200 in 12 ms"),
    ({"contains": "Healthy"}, None, "http://h/x answered 200 in 12 ms"),
    ({"version": {"json": "version"}}, "1.8.0", "http://h/x answered 200 in 12 ms, version 1.8.0"),
    ({"version": {"json": "version"}}, None, "http://h/x answered 200 in 12 ms, version 1.8.0"),
    ({"version": {"json": "build"}}, None, "http://h/x answered 200 in 12 ms"),
    ({"headers": {"X-Who": "them", "x-who": "them"}}, None, "http://h/x answered 200 in 12 ms"),
    ({"max_ms": 12.3}, None, "http://h/x answered 200 in 12 ms"),
]


@pytest.mark.parametrize(("expected", "release", "message"), GOOD)
def test_what_is_as_expected_is_ok(expected: dict[str, Any], release: str | None, message: str) -> None:
    verdict = judged(expected, headers=(("X-Who", "them"),), release=release)
    assert verdict.good
    assert (verdict.finding.id, verdict.finding.message) == ("http_ok", message)


BAD = [
    ({"json": {"status": "Up"}}, "http_json_value", 'answered 200, but status is "Healthy", wanted "Up"'),
    (
        {"json": {"checks.storage": "Healthy"}},
        "http_json_value",
        'answered 200, but checks.storage is "Unhealthy", wanted "Healthy"',
    ),
    (
        {"json": {"checks.database": "Healthy"}},
        "http_json_missing",
        'answered 200, but its JSON has no checks.database, wanted checks.database = "Healthy"',
    ),
    (
        {"json": {"status.code": 1}},
        "http_json_missing",
        "answered 200, but its JSON has no status.code, wanted status.code = 1",
    ),
    ({"json": {"n.1.up": 1}}, "http_json_missing", "answered 200, but its JSON has no n.1, wanted n.1.up = 1"),
    ({"json": {"n.0.up": "1"}}, "http_json_value", 'answered 200, but n.0.up is 1, wanted "1"'),
    ({"json": {"n.0.up": True}}, "http_json_value", "answered 200, but n.0.up is 1, wanted true"),
    (
        {"contains": "Grafana", "status": 200},
        "http_contains",
        "answered 200, but 'Grafana' is not in its body: " + HEALTHY.decode(),
    ),
    ({"headers": {"Server": "us"}}, "http_header", "answered 200 without the header Server"),
    ({"headers": {"X-Who": "us"}}, "http_header", "answered 200, but the header X-Who is 'them', wanted 'us'"),
    ({"max_ms": 12}, "http_latency", "answered 200 as it should, but in 12 ms, above 12 ms"),
    ({"version": {"json": "build"}}, "http_version", "states no version at build, wanted 1.9.0"),
    ({"version": {"json": "version"}}, "http_version", "states version 1.8.0, wanted 1.9.0"),
    ({"version": {"json": "checks"}}, "http_version", "states no version at checks, wanted 1.9.0"),
    ({"status": [201, 204]}, "http_status", "answered 200, wanted 201 or 204; it said: " + HEALTHY.decode()),
]


@pytest.mark.parametrize(("expected", "id", "reason"), BAD)
def test_what_is_not_as_expected_is_critical(expected: dict[str, Any], id: str, reason: str) -> None:
    verdict = judged(expected, headers=(("X-Who", "them"),), release="1.9.0")
    assert (verdict.finding.id, verdict.finding.message) == (id, f"http://h/x {reason}")
    assert verdict.finding.severity is Severity.CRITICAL
    assert verdict.latency_ms == 12.3


@pytest.mark.parametrize("expected", [{"json": {"status": "Healthy"}}, {"version": {"json": "version"}}])
@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "Expecting value: line 1 column 1 (char 0)): (empty)"),
        (b"<html>Grafana</html>", "Expecting value: line 1 column 1 (char 0)): <html>Grafana</html>"),
        (
            b'{"status": "Unhealthy", "status": "Healthy"}',
            'a name stands twice in one object): {"status": "Unhealthy", "status": "Healthy"}',
        ),
        (b'{"status": NaN}', 'NaN is not JSON): {"status": NaN}'),
    ],
)
def test_a_body_that_is_not_json_says_why(expected: dict[str, Any], body: bytes, why: str) -> None:
    verdict = judged(expected, body)
    assert verdict.finding.id == "http_json"
    assert verdict.finding.message == f"http://h/x answered 200, but its body is not JSON ({why}"


@pytest.mark.parametrize("body", [b"[" * 200_000, b"\xff\xfe", b'{"a": ' + b"9" * 10_000 + b"}"])
def test_a_hostile_body_is_never_ok(body: bytes) -> None:
    verdict = judged({"json": {"status": "Healthy"}}, body)
    assert verdict.finding.severity is Severity.CRITICAL
    assert len(verdict.finding.message) < 500


def test_a_byte_order_mark_is_no_error() -> None:
    assert judged({"json": {"status": "Healthy"}}, b"\xef\xbb\xbf" + HEALTHY).good


def test_a_redirect_says_where_it_leads() -> None:
    finding = judged({}, b"", status=302, headers=(("Location", "https://h/login?token=abcdef123"),)).finding
    assert finding.id == "http_redirect"
    assert finding.message == (
        "http://h/x answered 302 and leads to https://h/login?token=********, which is not followed; wanted 200"
    )
    assert finding.remedy == "Probe that URL itself, or set follow_redirects: true."
    assert judged({}, b"", status=304).finding.message == "http://h/x answered 304, wanted 200"
    assert judged({"status": 302}, b"", status=302, headers=(("Location", "/"),)).good


def test_a_header_that_comes_twice_is_compared_whole() -> None:
    finding = judged({"headers": {"server": "us"}}, headers=(("Server", "us"), ("Server", "them"))).finding
    assert finding.message == "http://h/x answered 200, but the header server is 'us, them', wanted 'us'"


def test_no_answer_is_unknown() -> None:
    expectation = Probe.from_option({"url": U}).expectations[0]
    verdict = judge(expectation, NoAnswer("http_dns", "is nowhere", "Look."), release=None, redactor=Redactor())
    assert not verdict.good
    assert verdict.finding.severity is Severity.UNKNOWN
    assert (verdict.finding.message, verdict.finding.remedy) == ("http://h/x is nowhere", "Look.")


def test_what_is_shown_is_short_and_holds_no_secret() -> None:
    body = b'{"password": "open sesame", "echo": "Bearer hush-hush", "esc": "\x1b[31m"}' + b"x" * 5000
    message = judged({"contains": "nothing"}, body).finding.message
    assert "sesame" not in message
    assert "hush" not in message
    assert "\x1b" not in message
    assert len(message) < 300
    finding = judged({"json": {"auth.token": "a"}}, b'{"auth": {"token": "s3cr3t-value"}}').finding
    assert "s3cr3t" not in f"{finding.message} {finding.value}"
    finding = judged({"headers": {"X-Api-Key": "a"}}, headers=(("X-Api-Key", "s3cr3t-value"),)).finding
    assert "s3cr3t" not in f"{finding.message} {finding.value}"


def test_show_cuts_after_200_characters() -> None:
    assert show("x" * 200, Redactor()) == "x" * 200
    assert show("x" * 201, Redactor()) == "x" * 200 + "..."
    assert show({"a": [1, None]}, Redactor()) == '{"a": [1, null]}'


SAME = [
    (1, 1.0, True),
    (1, True, False),
    (0, False, False),
    (True, True, True),
    (1, "1", False),
    (None, None, True),
    (None, "", False),
    ("a", "a", True),
    ("a", None, False),
    ([1, 2], [1, 2], True),
    ([1, 2], [2, 1], False),
    ([1], [1, 2], False),
    ([1], {"0": 1}, False),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
    ({"a": 1}, {"a": 1, "b": 2}, False),
    ({"a": 1}, {"a": True}, False),
]


@pytest.mark.parametrize(("wanted", "found", "equal"), SAME)
def test_values_are_compared_with_their_type(wanted: object, found: object, equal: bool) -> None:
    assert same(wanted, found) is equal
    assert same(*reversed((wanted, found))) is equal


def test_a_path_that_is_not_there_names_where_it_ends() -> None:
    assert at_path({"1": {"a": 2}}, "1.a") == 2
    with pytest.raises(KeyError, match=r"a\.b"):
        at_path({"a": {"c": 1}}, "a.b.c")
    with pytest.raises(KeyError, match=r"a\.-1"):
        at_path({"a": [1]}, "a.-1")
