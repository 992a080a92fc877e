"""Every gate as a table: who passes, who is refused, in which words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import AccessDenied
from ansible_collections.steady.ops.plugins.plugin_utils._gates import (
    approval,
    backup,
    confirm,
    hold,
    identity,
    lease,
    override,
    place,
    platforms,
    policy,
    window,
)
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import (
    Component,
    Policy,
    Request,
    Says,
    Verdict,
    refusal_text,
    refusals,
    refused,
)
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.holds import Hold
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.leases import Holder, Lease
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.processes import Process
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.takeover import Life

NOW = datetime(2026, 11, 21, tzinfo=UTC)
LIVE = Policy("toy", "production", "file:///ledger")
LAB = Policy("toy", "lab", "file:///ledger")
API = "toy/production/api"


def asks(risk: str = "change", where: Policy = LIVE, **more: object) -> Request:
    values: dict[str, object] = {"objects": (API,), "again": "ansible-playbook x.yml", **more}
    return Request("deploy", "deploy", risk, where, **values)  # type: ignore[arg-type]


def text(verdicts: list[Verdict]) -> list[str]:
    return [f"{verdict.says.value}: {verdict.sentence}".rstrip(": ") for verdict in verdicts]


def test_policy_keys() -> None:
    values = {"ops_system": "toy", "ops_environment": "lab", "ops_ledger": "file:///l"}
    found, none = policy.judge_keys({"api": values, "web": {**values, "ops_windows": "always"}})
    assert none == [] and found == Policy("toy", "lab", "file:///l", windows="always")
    assert text(policy.judge_keys({"api": {}})[1]) == [
        f"refuse: The inventory does not set {key} for api" for key in ("ops_system", "ops_environment", "ops_ledger")
    ]
    assert text(policy.judge_keys({"api": values, "web": {**values, "ops_system": "other"}})[1]) == [
        "refuse: The hosts of this play have different values of ops_system: other, toy"
    ]
    assert text(policy.judge_keys({"api": {**values, "ops_environment": "prod"}})[1]) == [
        "refuse: ops_environment is 'prod'"
    ]
    assert policy.judge_keys({}) == (None, [])


def test_policy_groups() -> None:
    both = {"api": ["lab", "production", "services"]}
    assert text(policy.judge_groups(both, {})) == [
        "refuse: api is in the environment groups lab and production at once"
    ]
    assert text(policy.judge_groups({"api": ["lab"]}, {"api": "staging"})) == [
        "refuse: api is in the group lab but its ops_environment is staging"
    ]
    assert policy.judge_groups({"api": ["lab"], "web": []}, {"api": "lab", "web": "staging"}) == []


@pytest.mark.parametrize(
    ("name", "is_policy"),
    [("ops_ledger", True), ("component_probe", True), ("ops_confirm", False), ("deploy_release", False)],
)
def test_policy_comes_from_the_inventory(name: str, is_policy: bool) -> None:
    assert bool(policy.judge_extra_variables([name])) is is_policy
    assert all(verdict.firm for verdict in policy.judge_extra_variables([name]))


@pytest.mark.parametrize(
    ("environment", "marks", "found"),
    [
        ({}, (), ""),
        ({"AWX_HOST": "x"}, (), "AWX"),
        ({"container": "podman"}, (), "a container"),
        ({"KUBERNETES_SERVICE_HOST": "x"}, (), "a container"),
        ({}, ("/.dockerenv",), "a container"),
    ],
)
def test_where_a_ledger_passes_away(environment: Mapping[str, str], marks: tuple[str, ...], found: str) -> None:
    assert place.is_passing(environment, marks.__contains__) == found
    assert bool(place.judge(LIVE, found)) is bool(found)
    assert place.judge(LAB, found) == [] == place.judge(replace(LIVE, ledger_persistent=True), found)
    assert place.judge(replace(LIVE, ledger="s3://bucket"), found) == []


def caller(connection: Mapping[str, object]) -> identity.Caller:
    if not connection:
        raise AccessDenied("AWS get_caller_identity was not sent: no credentials")
    return identity.Caller("111", "eu-west-1")


HERE = {"aws_account": "111", "region": "eu-west-1"}
TO = {"profile": "p"}


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
            {"machine_id": "m"},
            TO,
            asks(),
            ["refuse: Comparing component_identity.machine_id of api is not available yet"],
        ),
        (
            {"machine_id": "m"},
            TO,
            asks("read"),
            ["unknown: Comparing component_identity.machine_id of api is not available yet"],
        ),
        (
            {"machine_id": "m"},
            TO,
            asks(where=LAB),
            ["pass: Comparing component_identity.machine_id of api is not available yet"],
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
    verdicts, target = identity.judge(replace(request_, components=(component,)), caller)
    assert text(verdicts) == expected
    assert target == ("AWS 111 eu-west-1" if connection and {"aws_account", "region"} & set(pinned) else "")
    assert all(verdict.remedy for verdict in verdicts if verdict.says is not Says.PASS)


def test_identity_asks_once_for_each_connection() -> None:
    asked = []

    def counting(connection: Mapping[str, object]) -> identity.Caller:
        asked.append(connection)
        return caller(connection)

    components = tuple(Component(name, identity=HERE, aws_connection=TO) for name in ("api", "web"))
    identity.judge(asks(components=components), counting)
    assert len(asked) == 1


def test_platforms() -> None:
    components = (
        Component("api", platform="apprunner"),
        Component("web", platform="compose"),
        Component("etl", platform="nomad", platform_role="acme.nomad.deploy"),
        Component("bare"),
    )
    verdicts = platforms.judge(asks(platforms=("apprunner",), components=components))
    assert text(verdicts) == [
        "refuse: web runs on compose, and deploy works on apprunner so far",
        "refuse: bare runs on no platform at all (component_platform is not set), and deploy works on apprunner so far",
    ]
    assert "component_platform_role, or leave it out with --limit '!web'" in verdicts[0].remedy
    assert platforms.judge(asks(components=components)) == []


def test_hold() -> None:
    stop = Hold(API, "", NOW, "ann", NOW)
    (verdict,) = hold.judge(asks(), [stop], "inventory.yml")
    assert verdict.sentence == f"ann holds {API} until 2026-11-21T00:00:00Z: no reason given"
    assert f"-i inventory.yml -e ledger_action=lift -e ledger_hold={API}`" in verdict.remedy
    assert text(hold.judge(asks(), [], "x")) == ["pass"]
    assert hold.judge(asks("read"), [stop], "x") == []


def test_lease() -> None:
    process = Process(7, 7)
    other = Lease(API, 1, Holder("01A", "ann", "box", "box", process, None, "/x", "deploy"), NOW)
    (verdict,) = lease.judge(asks(), other, Life.LIVING, expired=False)
    assert verdict.sentence == f"{API} is being changed by run 01A (deploy) of ann@box, process 7"
    assert "`kill 7` on box" in verdict.remedy
    assert text(lease.judge(asks(), other, Life.LIVING, expired=True)) == ["pass"]
    assert text(lease.judge(asks(), other, Life.DEAD, expired=False)) == ["pass"]
    assert text(lease.judge(asks(), None, None, expired=False)) == ["pass"]
    assert lease.judge(asks("read"), other, Life.LIVING, expired=False) == []


@pytest.mark.parametrize(
    ("request_", "names"),
    [
        (asks(), []),
        (asks(where=replace(LIVE, windows=[{"days": "sat"}])), []),
        (asks(where=replace(LIVE, windows=[{"days": "sat"}]), disruptive=True), ["ops_windows"]),
        (asks(where=replace(LIVE, windows="always"), disruptive=True), []),
        (asks(where=replace(LIVE, windows="nights"), extra_gates=frozenset({"window"})), ["ops_windows"]),
        (asks(where=replace(LIVE, freezes=["xmas"])), ["ops_freezes"]),
        (asks(where=replace(LAB, freezes=["xmas"])), []),
        (replace(asks(where=replace(LIVE, freezes=["xmas"])), runbook="rollback"), []),
        (
            replace(asks(where=replace(LIVE, freezes=["x"]), extra_gates=frozenset({"freeze"})), runbook="x"),
            ["ops_freezes"],
        ),
    ],
)
def test_window(request_: Request, names: list[str]) -> None:
    expected = [
        f"refuse: {name} is declared for toy/production and evaluating it is not available yet" for name in names
    ]
    assert text(window.judge(request_)) == (expected or ["pass"])


def test_a_reader_meets_no_window_and_no_approval() -> None:
    where = replace(LIVE, windows=["x"], freezes=["x"], approvers=["ann"])
    assert window.judge(asks("read", where)) == [] == approval.judge(asks("read", where))


@pytest.mark.parametrize(
    ("typed", "objects", "expected"),
    [
        ("", (API,), f"deploy deploy destroys something of {API}, and ops_confirm is not given"),
        ("api", (API,), f"deploy deploy destroys something of {API}, and ops_confirm is 'api'"),
        (API, (API,), ""),
        ("a/b/2, a/b/1", ("a/b/1", "a/b/2"), ""),
        ("a/b/1", ("a/b/1", "a/b/2"), "deploy deploy destroys something of a/b/1,a/b/2, and ops_confirm is 'a/b/1'"),
    ],
)
def test_confirm(typed: str, objects: tuple[str, ...], expected: str) -> None:
    (verdict,) = confirm.judge(asks("destructive", confirm=typed, objects=objects))
    assert verdict.sentence == expected
    if expected:
        assert f"`ansible-playbook x.yml -e ops_confirm={','.join(objects)}`" in verdict.remedy


def test_confirm_is_for_what_destroys() -> None:
    assert confirm.judge(asks()) == []
    assert text(confirm.judge(asks(extra_gates=frozenset({"confirm"}))))[0].startswith("refuse")


def test_what_is_not_available_yet_refuses_when_asked_for() -> None:
    assert backup.judge(asks()) == [] == backup.judge(asks("destructive", tool=True))
    assert text(backup.judge(asks("destructive")))[0].startswith("refuse: deploy deploy needs a fresh, verified backup")
    assert text(backup.judge(asks(extra_gates=frozenset({"backup"}))))[0].startswith("refuse")
    assert text(approval.judge(asks())) == ["pass"]
    assert text(approval.judge(asks(where=replace(LIVE, approvers=["ann"]))))[0].startswith("refuse: ops_approvers is")
    assert override.judge(asks()) == []
    assert text(override.judge(asks(override=("window", "hold")))) == [
        "refuse: ops_override asks to waive window, hold, and overrides are not available yet"
    ]


def test_check_mode_is_stopped_by_firm_refusals_only() -> None:
    soft, firm = refused("hold", "a", "b"), refused("policy", "c", "d", firm=True)
    assert refusals([soft, firm], check=True) == [firm]
    assert refusals([soft, firm], check=False) == [soft, firm]
    assert refusal_text([soft]) == "Refused by the gate hold: a. b."
    assert refusal_text([soft, firm]) == "Refused for 2 reasons\n  hold: a. b.\n  policy: c. d."
    finding = soft.as_finding().as_dict()
    assert (finding["id"], finding["severity"], finding["remedy"]) == ("gate.hold", "critical", "b")
