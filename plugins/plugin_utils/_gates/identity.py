# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate identity: production components pin who they are, and that is compared live. Never waived."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ...module_utils._errors import AccessDenied, OpsError, Unreachable
from . import machines
from .machines import AskMachines
from .request import Component, Request, Verdict, passed, refused, unproved

GATE = "identity"
# kinds whose live comparison comes with the issue that builds their connection
_LATER = (
    "render_owner",
    "vercel_team",
    "cluster_uid",
    "postgres_system_identifier",
    "database",
)
_AWS = ("aws_account", "region")
_COMPARED = (*_AWS, machines.KEY)


@dataclass(frozen=True)
class Caller:
    """Whom AWS says that the credentials belong to."""

    account: str
    region: str


AskAws = Callable[[Mapping[str, object]], Caller]
Answers = Mapping[str, Caller | OpsError]


def judge(request: Request, ask_aws: AskAws, ask_machines: AskMachines) -> tuple[list[Verdict], str, dict[str, str]]:
    """Compare what the inventory pins with what answers.

    :param ask_aws: asks STS over a connection; each connection is asked once.
    :param ask_machines: asks the machines of hosts, all in one go.
    :returns: the verdicts, the target's identity in a few words for the first line of the run, and the AWS account
        that answered for a component.
    """
    asked: dict[str, Caller | OpsError] = {}

    def caller(connection: Mapping[str, object]) -> Caller | OpsError:
        key = repr(sorted((name, str(value)) for name, value in connection.items()))
        if key not in asked:
            try:
                asked[key] = ask_aws(connection)
            except OpsError as error:
                asked[key] = error
        return asked[key]

    answers = {
        component.name: caller(component.aws_connection)
        for component in request.components
        if set(_AWS) & set(_pinned(component))
    }
    there = machines.ask(request.components, ask_machines)
    verdicts = [
        verdict for component in request.components for verdict in _component(request, component, answers, there)
    ]
    accounts = {name: found.account for name, found in answers.items() if isinstance(found, Caller)}
    return verdicts or [passed(GATE)], target_of(request.components, answers, there), accounts


def target_of(
    components: Sequence[Component], answers: Answers | None = None, there: machines.Answers | None = None
) -> str:
    """Return who the components are, in a few words: who answered, or what is pinned and why that is all.

    :param answers: what AWS said for each component; None where nobody was asked.
    :param there: what their machines said; None where nobody was asked.
    """
    aws, others = set(), set()
    for component in components:
        pinned = _pinned(component)
        wanted = "/".join(pinned[key] for key in _AWS if key in pinned)
        found = (answers or {}).get(component.name)
        if isinstance(found, Caller):
            aws.add(f"AWS {found.account} {found.region}")
        elif wanted:
            aws.add(f"{wanted} (pinned; {_why_unknown(found)})")
        why = "not asked" if answers is None else "not compared"
        others |= {f"{key} {value} (pinned; {why})" for key, value in pinned.items() if key not in _COMPARED}
    return ", ".join([*sorted(aws), *machines.shown(components, there)] or sorted(others))


def _why_unknown(error: Caller | OpsError | None) -> str:
    if isinstance(error, Unreachable):
        return "AWS did not answer"
    if isinstance(error, AccessDenied):
        return "no credentials that AWS takes"
    return "AWS could not be asked" if error else "not asked"


def _pinned(component: Component) -> dict[str, str]:
    return {key: str(value) for key, value in component.identity.items() if value not in (None, "")}


def _component(request: Request, component: Component, answers: Answers, there: machines.Answers) -> list[Verdict]:
    pinned = _pinned(component)
    missing = {key for key, value in component.identity.items() if value in (None, "")}
    if "region" in component.identity and "aws_account" not in pinned:
        # a region alone is no identity: every account has it
        missing.add("aws_account")
    verdicts = [
        unproved(
            GATE,
            request,
            f"component_identity.{key} of {component.name} is not set",
            f"Set component_identity.{key} in the inventory",
        )
        for key in sorted(missing)
        if request.policy.environment == "production"
    ]
    if not component.identity and request.policy.environment == "production":
        verdicts.append(
            unproved(
                GATE,
                request,
                f"{component.name} does not pin who it is in production",
                "Set component_identity: {aws_account: ..., region: ...} on AWS, {machine_id: ...} on a machine",
            )
        )
    for key in sorted(set(pinned) - set(_COMPARED)):
        verdicts.append(_other(request, component, key))
    if machines.KEY in pinned:
        verdicts.extend(machines.judge(request, component, there))
    if "aws_account" in pinned or "region" in pinned:
        verdicts.extend(_aws(request, component, pinned, answers[component.name]))
    return verdicts


def _other(request: Request, component: Component, key: str) -> Verdict:
    if key not in _LATER:
        return refused(
            GATE,
            f"component_identity.{key} of {component.name} is no kind of identity",
            f"Use one of {', '.join((*_COMPARED, *_LATER))}",
            firm=True,
        )
    sentence = f"Comparing component_identity.{key} of {component.name} is not available yet"
    if request.policy.lab:
        return passed(GATE, sentence)
    return unproved(
        GATE, request, sentence, "Make this change by hand until it is, or ask for this identity to be built"
    )


def _aws(request: Request, component: Component, pinned: Mapping[str, str], found: Caller | OpsError) -> list[Verdict]:
    if isinstance(found, OpsError):
        sentence = f"Who answers for {component.name} cannot be told: {found.sentence}"
        return [unproved(GATE, request, sentence, found.remedy or _way_on(found))]
    verdicts = []
    for key, answer in (("aws_account", found.account), ("region", found.region)):
        if key in pinned and pinned[key] != answer:
            verdicts.append(
                refused(
                    GATE,
                    f"{component.name} is pinned to {key} {pinned[key]}, and the credentials in use lead to {answer}",
                    f"Use the credentials of {request.policy.path} (aws_connection), or correct component_identity",
                    firm=True,
                )
            )
    return verdicts


def _way_on(error: OpsError) -> str:
    if isinstance(error, Unreachable):
        # nothing is known of the credentials: whoever looks there looks in the wrong place
        return "Check the network and endpoint_url (aws_connection), or wait until AWS answers again"
    return "Give AWS credentials that may call sts:GetCallerIdentity"
