"""Secrets by name."""

from __future__ import annotations

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
