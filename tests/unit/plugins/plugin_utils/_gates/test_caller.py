"""Asking AWS, with a client that answers from here."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._aws import driver
from ansible_collections.steady.ops.plugins.module_utils._aws.options import AwsConnection
from ansible_collections.steady.ops.plugins.module_utils._errors import Unreachable
from ansible_collections.steady.ops.plugins.plugin_utils._gates.caller import ask_aws
from ansible_collections.steady.ops.plugins.plugin_utils._gates.identity import Caller


def answering(monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any], region: str | None) -> None:
    sts = SimpleNamespace(get_caller_identity=lambda: answer, meta=SimpleNamespace(region_name=region))

    def client(connection: AwsConnection, service: str, brief: bool = False) -> Any:
        # brief: a hung provider must not hold up the run for minutes
        assert (connection.profile, service, brief) == ("p", "sts", True)
        return sts

    monkeypatch.setattr(driver, "client", client)


def test_account_and_region_come_from_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, {"Account": "111"}, "eu-west-1")
    assert ask_aws({"profile": "p"}) == Caller("111", "eu-west-1")


def test_an_answer_without_an_account_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, {}, None)
    with pytest.raises(Unreachable) as caught:
        ask_aws({"profile": "p"})
    assert str(caught.value) == "AWS get_caller_identity named no account."


def test_a_connection_without_a_region_leads_to_none(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, {"Account": 111}, None)
    assert ask_aws({"profile": "p"}) == Caller("111", "")
