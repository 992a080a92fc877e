"""What came back: headers by name, and no secret in a representation."""

from __future__ import annotations

from ansible_collections.steady.ops.plugins.module_utils._http.answer import Request, Response


def test_headers_are_found_by_any_spelling_and_joined() -> None:
    answer = Response("http://h", 200, (("Via", "a"), ("VIA", "b")), b"", 1.0)
    assert answer.header("via") == "a, b"
    assert answer.header("Server") is None


def test_a_request_does_not_show_its_token() -> None:
    assert "hush" not in repr(Request("http://h", 1.0, bearer_token="hush-hush"))
