# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what the play says to a request at the gates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from ...module_utils._errors import InvalidInput
from .._gates import policy as policy_gate
from .._gates.identity import target_of
from .._gates.request import Batch, Component, Policy, Request, Says, Verdict
from .addresses import addresses_of
from .arguments import Asked
from .contract import LEDGER, Action, Contract
from .next_command import Commands

_UNSAID = ("ID", "REASON")
# value(host, variable): templated; None where it is not set; raises InvalidInput where it cannot be read
Value = Callable[[str, str], object]


def read_policy(
    hosts: Sequence[str], value: Value, groups: Mapping[str, Iterable[str]], extra_names: Iterable[str]
) -> tuple[Policy | None, list[Verdict]]:
    """Return the policy of the play's hosts, or the verdicts that refuse it."""
    values = {
        host: {key: found for key in policy_gate.VARIABLES if (found := value(host, key)) not in (None, "")}
        for host in hosts
    }
    verdicts = policy_gate.judge_extra_variables(extra_names)
    if verdicts:
        # what the inventory itself says is hidden behind these
        return None, verdicts
    environments = {host: str(values[host].get("ops_environment", "")) for host in hosts}
    verdicts += policy_gate.judge_groups(groups, environments)
    policy, more = policy_gate.judge_keys(values)
    return policy, verdicts + more


def softened(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Return what is no reason to stop a tool that only reads: it may be there to find just this."""
    return [Verdict(verdict.gate, Says.UNKNOWN, verdict.sentence, verdict.remedy) for verdict in verdicts]


def components_of(
    hosts: Sequence[str], value: Value, groups: Mapping[str, Iterable[str]], *, lab: bool = False
) -> tuple[Component, ...]:
    """Describe the play's hosts; the connection is read only where an identity needs it.

    :param lab: whether they are called a lab: then it matters where they point.
    """
    found = []
    for host in hosts:
        identity = value(host, "component_identity")
        identity = dict(identity) if isinstance(identity, Mapping) else {}
        needs_aws = any(identity.get(key) for key in ("aws_account", "region"))
        connection = value(host, "aws_connection") if needs_aws else None
        found.append(
            Component(
                name=host,
                groups=frozenset(groups[host]),
                platform=str(value(host, "component_platform") or ""),
                platform_role=str(value(host, "component_platform_role") or ""),
                identity=identity,
                aws_connection=dict(connection) if isinstance(connection, Mapping) else {},
                addresses=addresses_of(partial(value, host)) if lab else {},
                fleet=_fleet(host, value),
            )
        )
    return tuple(found)


def _fleet(host: str, value: Value) -> str:
    """Return the name that hosts of the same component share; empty for a component of one host."""
    found = value(host, "component_fleet")
    if found is None or (isinstance(found, str) and found.strip()):
        return (found or "").strip()
    raise InvalidInput(
        f"component_fleet of {host} is {found!r}, which is no name",
        remedy="Write one word, such as component_fleet: api, for the group that holds the fleet's hosts.",
        next={"playbook": "inventory_check"},
    )


def pinned_of(hosts: Sequence[str], value: Value) -> str:
    """Return what the inventory pins, in a few words; what it does not state or cannot say is left out."""
    found = []
    for host in hosts:
        try:
            identity = value(host, "component_identity")
        except InvalidInput:
            continue
        found.append(Component(host, identity=dict(identity) if isinstance(identity, Mapping) else {}))
    return target_of(found)


def objects_of(words: Iterable[str], policy: Policy, hosts: Iterable[str]) -> tuple[str, ...]:
    """Return full object paths, sorted.

    :param words: C(component) for every host, C(environment), a component's name, a full path, or C(ledger), which
        is no object of anybody.
    """
    found: set[str] = set()
    names = tuple(hosts)
    for word in words:
        if word == "component":
            found |= {f"{policy.path}/{name}" for name in names}
        elif word == "environment":
            found.add(policy.path)
        elif word == LEDGER:
            continue
        elif "/" in word:
            found.add(word)
        else:
            found.add(f"{policy.path}/{word}")
    return tuple(sorted(found))


def request_of(
    asked: Asked,
    contract: Contract | None,
    action_asked: str,
    policy: Policy,
    components: tuple[Component, ...],
    typed: Mapping[str, object],
    *,
    check: bool,
    commands: Commands,
    pinned: str = "",
    wish: Callable[[str], str] = str,
    who: Mapping[str, object] | None = None,
) -> Request:
    """Put the request together.

    :param contract: None for a tool.
    :param wish: the value of a variable that says what the run wants.
    :param who: who runs this, as the journal keeps it.
    :param typed: the extra variables: what belongs to one run is typed for it, and never stands in an inventory.
    """
    hosts = [component.name for component in components]
    common = Request(
        runbook=asked.runbook,
        action=asked.action,
        risk=asked.risk,
        policy=policy,
        objects=objects_of(asked.objects, policy, hosts),
        components=components,
        check=check,
        tool=True,
        disruptive=asked.disruptive,
        confirm=",".join(_words(typed.get("ops_confirm"))),
        override=_words(typed.get("ops_override")),
        incident=_text(typed, "ops_incident"),
        reason=_text(typed, "ops_reason"),
        override_confirm=_text(typed, "ops_override_confirm"),
        commands=commands,
        pinned=pinned,
        who=who or {},
    )
    return common if contract is None else _under(common, contract, contract.choose(action_asked), wish)


def _under(request: Request, contract: Contract, action: Action, wish: Callable[[str], str]) -> Request:
    """Return the request with what the contract says of its action."""
    return replace(
        request,
        action=action.name,
        risk=action.risk,
        objects=objects_of(action.objects, request.policy, [component.name for component in request.components]),
        # what only keeps the ledger's books meets the gates of a tool
        tool=action.in_ledger,
        pinned="the ledger" if action.in_ledger else request.pinned,
        disruptive=action.disruptive,
        extra_gates=action.extra_gates,
        platforms=contract.platforms,
        procedures=contract.procedures,
        wish=None
        if action.unit is None
        else {option: said for option, name in action.unit.items() if (said := wish(name))},
        batch=Batch(action.batch, said) if action.batch and (said := wish(action.batch)) else None,
        lacks=tuple(name for name in action.requires if not wish(name)),
        without_ledger=action.without_ledger,
    )


def _text(typed: Mapping[str, object], name: str) -> str:
    text = str(typed.get(name) or "").strip()
    # what a printed command has where a person must say something is nothing said
    return "" if text in _UNSAID else text


def _words(value: object) -> tuple[str, ...]:
    """Return a list, or words with commas between them, as words; nothing as none."""
    parts = value if isinstance(value, (list, tuple)) else str(value or "").split(",")
    return tuple(word for part in parts if (word := str(part).strip()))
