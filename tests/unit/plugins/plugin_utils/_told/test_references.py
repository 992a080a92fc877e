"""Secrets by reference."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._told.references import secret_of
from tests.unit.plugins.plugin_utils._told.told_world import channel

CANARY = "canary-3b7a"


def test_a_secret_comes_from_its_file_or_variable(tmp_path: Path) -> None:
    file = tmp_path / "pd"
    file.write_text(f"{CANARY}\n")
    assert secret_of(channel("pagerduty", routing_key_env="", routing_key_file=str(file)), {}) == CANARY
    assert secret_of(channel("pagerduty"), {"PD": CANARY}) == CANARY
    assert secret_of(channel("webhook"), {}) == ""
    file.write_text(f"https://hook.example/{CANARY}\n")
    assert secret_of(channel(url_file=str(file)), {}).endswith(CANARY)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty, or holds more than one line of plain text"),
        (f"{CANARY}\r\nHost: evil".encode(), "is empty, or holds more than one line of plain text"),
        (f"{CANARY}é".encode(), "is empty, or holds more"),
        (CANARY.encode() * 1000, "is empty, or holds more"),
        (b"\xff\xfe", "holds no text"),
        (None, "cannot be read: No such file or directory"),
    ],
)
def test_what_is_no_secret_is_named_and_not_shown(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    file = tmp_path / "pd"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InvalidInput) as caught:
        secret_of(channel("pagerduty", routing_key_env="", routing_key_file=str(file)), {})
    assert str(caught.value).startswith(f"{file} {sentence}") and CANARY not in str(caught.value)


def test_a_variable_that_is_not_set_is_named() -> None:
    with pytest.raises(InvalidInput, match="The environment variable PD is not set where this runs"):
        secret_of(channel("pagerduty"), {})


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        (CANARY, "is no http or https address"),
        (f"http://hook.example/{CANARY}", "must begin with https://, since a secret goes there"),
        (f"https://u:{CANARY}@hook.example/", "holds a user or a password"),
    ],
)
def test_a_secret_address_is_one(tmp_path: Path, address: str, sentence: str) -> None:
    file = tmp_path / "slack"
    file.write_text(address)
    with pytest.raises(InvalidInput) as caught:
        secret_of(channel(url_file=str(file)), {})
    assert f"{file}: its address {sentence}" in str(caught.value) and CANARY not in str(caught.value)
