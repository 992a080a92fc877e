"""Every refusal, word for word: the sentence that says why, the remedy that says what to do, and whether --check stops.

A person reads these at night. Who changes one changes it here too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import AccessDenied, OpsError, Unreachable
from ansible_collections.steady.ops.plugins.plugin_utils._gates import (
    approval,
    backup,
    confirm,
    freeze,
    hold,
    identity,
    lease,
    machines,
    override,
    place,
    platforms,
    policy,
    window,
)
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import (
    Component,
    Says,
    Verdict,
    refusal_text,
    refusals,
)
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.holds import Hold
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.leases import Holder, Lease
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.processes import Process
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.takeover import Life
from tests.unit.plugins.plugin_utils._gates.gate_world import API, LAB, LIVE, NOW, asks

VALUES: Mapping[str, object] = {"ops_system": "toy", "ops_environment": "lab", "ops_ledger": "file:///l"}
OTHER = Lease(API, 1, Holder("01A", "ann", "box", "box", Process(7, 7), None, "/x", "deploy"), NOW)


def pinned(error: Exception | None = None, **identities: object) -> list[Verdict]:
    def answer(_connection: Mapping[str, object]) -> identity.Caller:
        if error:
            raise error
        return identity.Caller("111", "eu-west-1")

    return identity.judge(asks(components=(Component("api", identity=identities),)), answer, lambda _hosts: {})[0]


def lives_on(answer: str | OpsError, pinned: str = "a" * 32) -> list[Verdict]:
    component = Component("api", identity={"machine_id": pinned})
    return machines.judge(asks(), component, {"api": answer})


TABLE: dict[str, tuple[Callable[[], list[Verdict]], str, bool]] = {
    "another account": (
        lambda: pinned(aws_account="222"),
        "identity: api is pinned to aws_account 222, and the credentials in use lead to 111."
        " Use the credentials of toy/production (aws_connection), or correct component_identity.",
        True,
    ),
    "another region": (
        lambda: pinned(aws_account="111", region="us-east-1"),
        "identity: api is pinned to region us-east-1, and the credentials in use lead to eu-west-1."
        " Use the credentials of toy/production (aws_connection), or correct component_identity.",
        True,
    ),
    "nothing pinned": (
        pinned,
        "identity: api does not pin who it is in production."
        " Set component_identity: {aws_account: ..., region: ...} on AWS, {machine_id: ...} on a machine.",
        False,
    ),
    "half pinned": (
        lambda: pinned(aws_account="111", region=None),
        "identity: component_identity.region of api is not set. Set component_identity.region in the inventory.",
        False,
    ),
    "no such kind": (
        lambda: pinned(hostname="x"),
        "identity: component_identity.hostname of api is no kind of identity. Use one of aws_account, region,"
        " machine_id, render_owner, vercel_team, cluster_uid, postgres_system_identifier, database.",
        True,
    ),
    "no check yet": (
        lambda: pinned(cluster_uid="x"),
        "identity: Comparing component_identity.cluster_uid of api is not available yet."
        " Make this change by hand until it is, or ask for this identity to be built.",
        False,
    ),
    "no answer": (
        lambda: pinned(Unreachable("AWS get_caller_identity gave no answer"), aws_account="111"),
        "identity: Who answers for api cannot be told: AWS get_caller_identity gave no answer."
        " Check the network and endpoint_url (aws_connection), or wait until AWS answers again.",
        False,
    ),
    "no credentials": (
        lambda: pinned(AccessDenied("The credentials expired", remedy="Sign in again"), aws_account="111"),
        "identity: Who answers for api cannot be told: The credentials expired. Sign in again.",
        False,
    ),
    "another machine": (
        lambda: lives_on("B" * 32),
        "identity: api is pinned to machine_id aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, and the machine that answers is"
        " bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb. Point ansible_host of api at the machine that is meant, or correct"
        " component_identity.",
        True,
    ),
    "no id of a machine": (
        lambda: lives_on("", pinned="box1"),
        "identity: component_identity.machine_id of api is 'box1', which is no id of a machine. Set it to what stands"
        " in /etc/machine-id there, 32 hexadecimal digits in quotes.",
        True,
    ),
    "a machine that does not answer": (
        lambda: lives_on(Unreachable("The machine gave no answer within 10 s")),
        "identity: Which machine api lives on cannot be told: The machine gave no answer within 10 s. Check the network"
        " and how Ansible reaches api (ansible_host ...), wait until it answers, or leave it out with --limit '!api'.",
        False,
    ),
    "a machine without an id": (
        lambda: lives_on(""),
        "identity: Which machine api lives on cannot be told: it has no /etc/machine-id that can be read. Run"
        " systemd-machine-id-setup on it as root, and set component_identity.machine_id to the id that it keeps.",
        False,
    ),
    "platform": (
        lambda: platforms.judge(asks(platforms=("apprunner", "compose"), components=(Component("api", platform="x"),))),
        "platforms: api runs on x, and deploy works on apprunner, compose so far."
        " Name the role that operates it in component_platform_role, or leave it out with --limit '!api';"
        " look at what the inventory says: `ansible-playbook steady.ops.inventory_check`",
        True,
    ),
    "lease": (
        lambda: lease.judge(asks(), OTHER, Life.LIVING, expired=False),
        "lease: toy/production/api is being changed by run 01A (deploy) of ann@box, process 7."
        " Wait for that run to end, or end it with `kill 7` on box; the same command then works.",
        False,
    ),
    "hold": (
        lambda: hold.judge(asks(), [Hold(API, "restoring", NOW, "ann", NOW)]),
        "hold: ann holds toy/production/api until 2026-11-21T00:00:00Z: restoring. Ask ann, or lift it:"
        " `ansible-playbook steady.ops.lease -e lease_action=lift -e lease_object=toy/production/api`",
        False,
    ),
    "window": (
        lambda: window.judge(asks(where=replace(LIVE, windows="nights"), disruptive=True), NOW),
        "window: ops_windows is 'nights'. Write always, or a list with {name: weekly, zone: Europe/Berlin,"
        """ days: [sunday], from: "02:00", to: "04:00"}: `ansible-playbook steady.ops.window`""",
        False,
    ),
    "freeze": (
        lambda: freeze.judge(asks(where=replace(LIVE, freezes=["x"])), NOW),
        'freeze: ops_freezes[0] is \'x\'. Write {name: christmas, zone: Europe/Berlin, from: "12-20", to: "01-03",'
        """ reason: "..."}: `ansible-playbook steady.ops.window`""",
        False,
    ),
    "confirm": (
        lambda: confirm.judge(asks("destructive", confirm="true")),
        "confirm: deploy deploy destroys something of toy/production/api, and ops_confirm is 'true'. When you are"
        " sure, add the path in full: `ansible-playbook x.yml -e ops_confirm=toy/production/api`",
        False,
    ),
    "backup": (
        lambda: backup.judge(asks("destructive")),
        "backup: deploy deploy needs a fresh, verified backup, and proving one is not available yet."
        " Do this step by its written procedure until it is.",
        False,
    ),
    "approval": (
        lambda: approval.judge(asks(where=replace(LIVE, approvers=["ann"])), None, NOW)[0],
        "approval: This change of toy/production wants approval, and whether it has any stands in the ledger."
        " Bring the ledger back.",
        False,
    ),
    "override": (
        lambda: override.judge(asks(override=("lease",)), [], None)[0],
        "override: ops_override names lease, which nothing waives, because somebody is at work on the same thing at"
        " this moment. Leave it out: the refusal of that gate says the way on: `ansible-playbook x.yml`",
        False,
    ),
    "ledger in a container": (
        lambda: place.judge(LIVE, "AWX"),
        "ledger: This runs in AWX and the ledger file:///ledger of toy/production may vanish with it."
        " Keep the ledger on a mounted volume and set ops_ledger_persistent: true in the inventory.",
        True,
    ),
    "policy typed": (
        lambda: policy.judge_extra_variables(["ops_environment", "value"]),
        "policy: ops_environment was passed as an extra variable, and policy comes only from the inventory."
        " Leave out -e ops_environment=... and set ops_environment in the inventory's group_vars.",
        True,
    ),
    "text cut": (
        lambda: policy.judge_extra_variables(["rollback_reason", "_raw_params"]),
        "policy: An extra variable was cut at its first blank, because -e splits there."
        """ Put its text into quotes of its own, as in -e 'rollback_reason="two words"'.""",
        True,
    ),
    "two environments": (
        lambda: policy.judge_groups({"api": ["production", "lab"]}, {"api": "lab"}),
        "policy: api is in the environment groups lab and production at once."
        " Pass one inventory file with -i, not a directory, and put the host into one environment group.",
        True,
    ),
    "another environment": (
        lambda: policy.judge_groups({"api": ["production"]}, {"api": "lab"}),
        "policy: api is in the group production but its ops_environment is lab."
        " Set ops_environment in group_vars/production.yml only.",
        True,
    ),
    "missing key": (
        lambda: policy.judge_keys({"api": {**VALUES, "ops_ledger": ""}})[1],
        "policy: The inventory does not set ops_ledger for api."
        " Set ops_ledger in the inventory's group_vars (group_vars/<environment>.yml).",
        True,
    ),
    "two ledgers": (
        lambda: policy.judge_keys({"api": VALUES, "web": {**VALUES, "ops_ledger": "file:///m"}})[1],
        "policy: The hosts of this play have different values of ops_ledger: file:///l, file:///m."
        " Pass the inventory of one system and environment with -i.",
        True,
    ),
    "no such environment": (
        lambda: policy.judge_keys({"api": {**VALUES, "ops_environment": "prod"}})[1],
        "policy: ops_environment is 'prod'. Use one of production, staging, lab.",
        True,
    ),
}


@pytest.mark.parametrize(("judge", "told", "firm"), TABLE.values(), ids=TABLE)
def test_a_refusal_says_why_and_the_way_on(judge: Callable[[], list[Verdict]], told: str, firm: bool) -> None:
    (verdict,) = judge()
    assert verdict.says is Says.REFUSE
    assert refusal_text([verdict]) == f"Refused by the gate {told}"
    assert refusals([verdict], check=True) == ([verdict] if firm else []), "what --check goes on without"


@pytest.mark.parametrize(
    "name",
    [
        "ops_system",
        "ops_environment",
        "ops_ledger",
        "ops_ledger_persistent",
        "ops_windows",
        "ops_freezes",
        "ops_approvers",
        "component_identity",
        "component_x",
    ],
)
def test_every_policy_variable_is_refused_on_the_command_line(name: str) -> None:
    (verdict,) = policy.judge_extra_variables([name])
    assert verdict.sentence.startswith(f"{name} was passed as an extra variable")


@pytest.mark.parametrize("name", ["ops_confirm", "ops_override", "ops_incident", "ops_reason", "ops_override_confirm"])
def test_what_a_run_decides_is_typed(name: str) -> None:
    assert policy.judge_extra_variables([name]) == []


@pytest.mark.parametrize("key", ["render_owner", "vercel_team", "cluster_uid", "database"])
def test_an_identity_that_nobody_can_compare_lets_no_change_pass(key: str) -> None:
    (verdict,) = pinned(**{key: "x"})
    assert verdict.says is Says.REFUSE and f"component_identity.{key} of api" in verdict.sentence
    lab = asks(where=LAB, components=(Component("api", identity={key: "x"}),))
    assert [found.says for found in identity.judge(lab, lambda _: identity.Caller("", ""), lambda _: {})[0]] == [
        Says.PASS
    ]
