"""The gate identity, with AWS asked in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import (
    AccessDenied,
    AnswerLost,
    MissingDriver,
    OpsError,
)
from ansible_collections.steady.ops.plugins.plugin_utils._gates import (
    identity,
)
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import (
    Component,
    Request,
    Says,
)
from tests.unit.plugins.plugin_utils._gates.gate_world import LAB, asks, text


def caller(connection: Mapping[str, object]) -> identity.Caller:
    if not connection:
        raise AccessDenied("AWS get_caller_identity was not sent: no credentials")
    return identity.Caller("111", "eu-west-1")


HERE = {"aws_account": "111", "region": "eu-west-1"}


TO = {"profile": "p"}


MACHINE = "0123abcd" * 4


def nobody(hosts: Sequence[str]) -> dict[str, str | OpsError]:
    raise AssertionError(f"{hosts} pin no machine")


@pytest.mark.parametrize(
    ("pinned", "connection", "request_", "expected"),
    [
        (HERE, TO, asks(), ["pass"]),
        ({"aws_account": 111}, TO, asks(), ["pass"]),
        (
            {"aws_account": "222", "region": "us-east-1"},
            TO,
            asks("read", check=True),
            [
                "refuse: api is pinned to aws_account 222, and the credentials in use lead to 111",
                "refuse: api is pinned to region us-east-1, and the credentials in use lead to eu-west-1",
            ],
        ),
        ({}, TO, asks(), ["refuse: api does not pin who it is in production"]),
        ({}, TO, asks("read"), ["unknown: api does not pin who it is in production"]),
        ({}, TO, asks(check=True), ["unknown: api does not pin who it is in production"]),
        ({}, TO, asks(where=LAB), ["pass"]),
        ({"region": "eu-west-1"}, TO, asks(), ["refuse: component_identity.aws_account of api is not set"]),
        ({"region": "eu-west-1"}, TO, asks(where=LAB), ["pass"]),
        ({"machine_id": ""}, TO, asks(), ["refuse: component_identity.machine_id of api is not set"]),
        (
            {"cluster_uid": "c"},
            TO,
            asks(),
            ["refuse: Comparing component_identity.cluster_uid of api is not available yet"],
        ),
        (
            {"cluster_uid": "c"},
            TO,
            asks("read"),
            ["unknown: Comparing component_identity.cluster_uid of api is not available yet"],
        ),
        (
            {"cluster_uid": "c"},
            TO,
            asks(where=LAB),
            ["pass: Comparing component_identity.cluster_uid of api is not available yet"],
        ),
        ({"name": "m"}, TO, asks("read"), ["refuse: component_identity.name of api is no kind of identity"]),
        (
            HERE,
            {},
            asks(),
            ["refuse: Who answers for api cannot be told: AWS get_caller_identity was not sent: no credentials."],
        ),
        (
            HERE,
            {},
            asks("read"),
            ["unknown: Who answers for api cannot be told: AWS get_caller_identity was not sent: no credentials."],
        ),
    ],
)
def test_identity(
    pinned: Mapping[str, object], connection: Mapping[str, object], request_: Request, expected: list[str]
) -> None:
    component = Component("api", identity=pinned, aws_connection=connection)
    verdicts, target, accounts = identity.judge(replace(request_, components=(component,)), caller, nobody)
    assert text(verdicts) == expected
    asked = bool({"aws_account", "region"} & set(pinned))
    assert accounts == ({"api": "111"} if connection and asked else {})
    assert ("AWS 111 eu-west-1" in target) is bool(accounts)
    assert all(verdict.remedy for verdict in verdicts if verdict.says is not Says.PASS)


def test_identity_asks_once_for_each_connection() -> None:
    asked = []

    def counting(connection: Mapping[str, object]) -> identity.Caller:
        asked.append(connection)
        return caller(connection)

    components = tuple(Component(name, identity=HERE, aws_connection=TO) for name in ("api", "web"))
    identity.judge(asks(components=components), counting, nobody)
    assert len(asked) == 1


def test_every_account_that_a_run_leads_to_is_named_once_in_order() -> None:
    def answer(connection: Mapping[str, object]) -> identity.Caller:
        return identity.Caller(str(connection["profile"]), "r")

    components = tuple(
        Component(name, identity={"aws_account": account}, aws_connection={"profile": account, "x": name})
        for name, account in (("web", "222"), ("api", "111"), ("worker", "222"))
    )
    verdicts, target, accounts = identity.judge(asks(components=components), answer, nobody)
    assert (text(verdicts), target) == (["pass"], "AWS 111 r, AWS 222 r")
    assert accounts == {"web": "222", "api": "111", "worker": "222"}


@pytest.mark.parametrize(
    ("error", "target", "remedy"),
    [
        (
            AnswerLost("AWS get_caller_identity got no answer: timed out"),
            "111/eu-west-1 (pinned; AWS did not answer)",
            "Check the network and endpoint_url (aws_connection), or wait until AWS answers again",
        ),
        (
            AccessDenied("AWS refused get_caller_identity"),
            "111/eu-west-1 (pinned; no credentials that AWS takes)",
            "Give AWS credentials that may call sts:GetCallerIdentity",
        ),
        (
            MissingDriver("boto3 is missing", remedy="Install it."),
            "111/eu-west-1 (pinned; AWS could not be asked)",
            "Install it.",
        ),
    ],
    ids=["time-out", "credentials", "driver"],
)
def test_a_target_that_is_pinned_is_never_called_unpinned(error: OpsError, target: str, remedy: str) -> None:
    def fails(_connection: Mapping[str, object]) -> identity.Caller:
        raise error

    component = Component("api", identity=HERE, aws_connection=TO)
    (verdict,), shown, accounts = identity.judge(asks(components=(component,)), fails, nobody)
    assert (shown, verdict.remedy, accounts) == (target, remedy, {})


@pytest.mark.parametrize(
    ("identities", "shown"),
    [
        ([{}], ""),
        ([HERE, {"database": "d"}], "111/eu-west-1 (pinned; not asked)"),
        ([{"region": "r"}], "r (pinned; not asked)"),
        (
            [{"cluster_uid": "c"}, {"database": "d"}],
            "cluster_uid c (pinned; not asked), database d (pinned; not asked)",
        ),
        ([{"machine_id": MACHINE}, {"machine_id": ""}], "machine 0123abcd (pinned; not asked)"),
    ],
)
def test_what_nobody_asks_is_still_named(identities: list[Mapping[str, object]], shown: str) -> None:
    components = [Component(str(number), identity=found) for number, found in enumerate(identities)]
    assert identity.target_of(components) == shown


def test_what_cannot_be_compared_is_named_so() -> None:
    component = Component("api", identity={"cluster_uid": "c"})
    assert identity.judge(asks(components=(component,)), caller, nobody)[1] == "cluster_uid c (pinned; not compared)"


def test_a_unit_on_aws_and_on_a_machine_is_compared_with_both() -> None:
    components = (
        Component("api", identity=HERE, aws_connection=TO),
        Component("web", identity={"machine_id": MACHINE.upper()}),
    )
    verdicts, target, accounts = identity.judge(asks(components=components), caller, lambda _hosts: {"web": MACHINE})
    assert (text(verdicts), target) == (["pass"], "AWS 111 eu-west-1, machine 0123abcd")
    assert accounts == {"api": "111"}
    other = "f" * 32
    verdicts, target, _accounts = identity.judge(asks(components=components), caller, lambda _hosts: {"web": other})
    assert (text(verdicts), target) == (
        [f"refuse: web is pinned to machine_id {MACHINE}, and the machine that answers is {other}"],
        "AWS 111 eu-west-1, machine ffffffff",
    )
