"""Secrets by name."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._runs.secrets import secrets_in


def test_secrets_are_known_by_name() -> None:
    options = {
        "login_password": "one",
        "login_password_file": "/file",
        "nested": {"headers": {"Authorization": "two"}, "list": [{"api_key": "three"}, {"name": "four"}]},
        "environment_secrets": {"X": "five"},
        "bearer_token": None,
    }
    assert secrets_in(options) == {"one", "two", "three", "five"}


@pytest.mark.parametrize(
    "name",
    [
        "login_password",
        "PGPASSWD",
        "client_secret",
        "session_token",
        "api_key",
        "apiKey",
        "access_key",
        "private_key",
        "Authorization",
        "aws_credentials",
        "Cookie",
        "secrets",
    ],
)
def test_names_of_secrets(name: str) -> None:
    assert secrets_in({name: "x"}) == {"x"} == secrets_in([{"a": ({name: ["x"]},)}])


@pytest.mark.parametrize("name", ["password_file", "token_path", "secret_arn", "secret_name", "token_seconds", "keys"])
def test_names_that_only_lead_to_secrets(name: str) -> None:
    assert secrets_in({name: "x"}) == set()


def test_only_texts_are_secrets() -> None:
    assert secrets_in({"password": 5, "token": None, "secret": "", "api_key": [True, []]}) == set()
    assert secrets_in("x") == set() == secrets_in(None) == secrets_in([])
