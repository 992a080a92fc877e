# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate identity: production components pin who they are, and that is compared live. Never waived."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ...module_utils._errors import OpsError
from .request import Component, Request, Says, Verdict, passed, refused

GATE = "identity"
# kinds whose live comparison comes with the issue that builds their connection
_LATER = (
    "render_owner",
    "vercel_team",
    "cluster_uid",
    "postgres_system_identifier",
    "database",
    "machine_id",
)
_AWS = ("aws_account", "region")


@dataclass(frozen=True)
class Caller:
    """Whom AWS says that the credentials belong to."""

    account: str
    region: str


AskAws = Callable[[Mapping[str, object]], Caller]


def judge(request: Request, ask_aws: AskAws) -> tuple[list[Verdict], str]:
    """Compare what the inventory pins with what answers.

    :param ask_aws: asks STS over a connection; each connection is asked once.
    :returns: the verdicts, and the target's identity in a few words for the first line of the run.
    """
    asked: dict[str, Caller | OpsError] = {}

    def caller(connection: Mapping[str, object]) -> Caller:
        key = repr(sorted((name, str(value)) for name, value in connection.items()))
        if key not in asked:
            try:
                asked[key] = ask_aws(connection)
            except OpsError as error:
                asked[key] = error
        found = asked[key]
        if isinstance(found, OpsError):
            raise found
        return found

    verdicts = [verdict for component in request.components for verdict in _component(request, component, caller)]
    shown = sorted({f"AWS {found.account} {found.region}" for found in asked.values() if isinstance(found, Caller)})
    return verdicts or [passed(GATE)], ", ".join(shown)


def _component(
    request: Request, component: Component, caller: Callable[[Mapping[str, object]], Caller]
) -> list[Verdict]:
    pinned = {key: str(value) for key, value in component.identity.items() if value not in (None, "")}
    missing = {key for key, value in component.identity.items() if value in (None, "")}
    if "region" in component.identity and "aws_account" not in pinned:
        # a region alone is no identity: every account has it
        missing.add("aws_account")
    verdicts = [
        _unproved(
            request,
            f"component_identity.{key} of {component.name} is not set",
            f"Set component_identity.{key} in the inventory",
        )
        for key in sorted(missing)
        if request.policy.environment == "production"
    ]
    if not component.identity and request.policy.environment == "production":
        verdicts.append(
            _unproved(
                request,
                f"{component.name} does not pin who it is in production",
                "Set component_identity in the inventory, for AWS {aws_account: ..., region: ...}",
            )
        )
    for key in sorted(set(pinned) - set(_AWS)):
        verdicts.append(_other(request, component, key))
    if "aws_account" in pinned or "region" in pinned:
        verdicts.extend(_aws(request, component, pinned, caller))
    return verdicts


def _other(request: Request, component: Component, key: str) -> Verdict:
    if key not in _LATER:
        return refused(
            GATE,
            f"component_identity.{key} of {component.name} is no kind of identity",
            f"Use one of {', '.join((*_AWS, *_LATER))}",
            firm=True,
        )
    sentence = f"Comparing component_identity.{key} of {component.name} is not available yet"
    if request.policy.lab:
        return passed(GATE, sentence)
    return _unproved(request, sentence, "Make this change by hand until it is, or ask for this identity to be built")


def _aws(
    request: Request,
    component: Component,
    pinned: Mapping[str, str],
    caller: Callable[[Mapping[str, object]], Caller],
) -> list[Verdict]:
    try:
        found = caller(component.aws_connection)
    except OpsError as error:
        return [
            _unproved(
                request,
                f"Who answers for {component.name} cannot be told: {error.sentence}",
                error.remedy or "Give AWS credentials that may call sts:GetCallerIdentity",
            )
        ]
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


def _unproved(request: Request, sentence: str, remedy: str) -> Verdict:
    """What cannot be verified stops a change and is unknown to a reader."""
    if request.changes and not request.check:
        return refused(GATE, sentence, remedy)
    return Verdict(GATE, Says.UNKNOWN, sentence, remedy)
