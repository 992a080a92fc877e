"""Single values of a declaration; whole channels are in test_channels.py."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._told.declaring import (
    Wrong,
    addresses_of,
    is_local,
    port_of,
    rules_of,
    wrong_url,
)
from ansible_collections.steady.ops.plugins.plugin_utils._told.events import RULES


@pytest.mark.parametrize(
    ("url", "secret", "wrong"),
    [
        ("https://hook.example/x", True, ""),
        ("http://127.0.0.1:8080/x", True, ""),
        ("http://[::1]/x", True, ""),
        ("http://hook.example/x", False, ""),
        ("http://localhost.evil.example/x", True, "must begin with https://, since a secret goes there"),
        ("https://hook.example:0/x", False, "is no http or https address"),
        ("https://[::1/x", False, "is no http or https address"),
        (
            "https://user@hook.example/x",
            False,
            "holds a user or a password: name the secret with token_file or token_env",
        ),
    ],
)
def test_an_address_is_right_or_named(url: str, secret: bool, wrong: str) -> None:
    assert wrong_url(url, secret=secret) == wrong


def test_what_nobody_says_has_its_default() -> None:
    assert rules_of(None, "slack") == frozenset(RULES) > rules_of("", "pagerduty")
    assert (port_of({}), port_of({"tls": "none"}), addresses_of(None)) == (587, 25, ())
    assert is_local("127.0.0.1") and not is_local("127.0.0.1.example")


def test_a_rule_that_is_none_is_cut_before_it_is_shown() -> None:
    with pytest.raises(Wrong, match=r"on names 'x{40}', which"):
        rules_of(["x" * 100], "slack")
