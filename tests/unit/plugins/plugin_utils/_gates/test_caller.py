"""Asking AWS, with a client that answers from here."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._aws import driver
from ansible_collections.steady.ops.plugins.module_utils._errors import Unreachable
from ansible_collections.steady.ops.plugins.plugin_utils._gates.caller import ask_aws
from ansible_collections.steady.ops.plugins.plugin_utils._gates.identity import Caller


def answering(monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any], region: str | None) -> None:
    sts = SimpleNamespace(get_caller_identity=lambda: answer, meta=SimpleNamespace(region_name=region))
    monkeypatch.setattr(driver, "client", lambda connection, service, mutating=False: sts)


def test_account_and_region_come_from_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, {"Account": "111"}, "eu-west-1")
    assert ask_aws({"profile": "p"}) == Caller("111", "eu-west-1")


def test_an_answer_without_an_account_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, {}, None)
    with pytest.raises(Unreachable, match="named no account"):
        ask_aws({})
