# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate policy: what decides about a run comes from the inventory alone, and fits together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches

from .request import Policy, Verdict, refused

GATE = "policy"
ENVIRONMENTS = ("production", "staging", "lab")
_KEYS = ("ops_system", "ops_environment", "ops_ledger")
# the one list of them; components bring their own policy under their prefix
VARIABLES = (
    *_KEYS,
    *("ops_ledger_persistent", "ops_windows", "ops_freezes"),
    *("ops_approvers", "ops_allowed_signers", "ops_standing_approvals"),
    *("ops_notify", "ops_anchors", "ops_schedules"),
)
# where Ansible keeps what stands in -e without an equals sign
_LOOSE_WORDS = "_raw_params"


def is_policy(name: str) -> bool:
    """Tell whether a variable may come from the inventory only."""
    return name in VARIABLES or name.startswith("component_")


def is_refused(name: str) -> bool:
    """Tell whether an extra variable is refused by its name."""
    return is_policy(name) or name == _LOOSE_WORDS


def judge_extra_variables(names: Iterable[str]) -> list[Verdict]:
    """Refuse policy that somebody typed instead of writing it into the inventory, and a text that was cut."""
    names = frozenset(names)
    cut = refused(
        GATE,
        "An extra variable was cut at its first blank, because -e splits there",
        """Put its text into quotes of its own, as in -e 'rollback_reason="two words"'""",
        firm=True,
    )
    return [cut for _each in names & {_LOOSE_WORDS}] + [
        refused(
            GATE,
            f"{name} was passed as an extra variable, and policy comes only from the inventory",
            f"Leave out -e {name}=... and set {name} in the inventory's group_vars",
            firm=True,
        )
        for name in sorted(names)
        if is_policy(name)
    ]


def judge_unknown(names: Iterable[str], runbook: str, known: Collection[str], *, again: str) -> list[Verdict]:
    """Refuse a variable that is named like the runbook's own and is none of them: what it should say is not heard.

    :param known: the runbook's variables; empty where they are described nowhere.
    :param again: this run's own command.
    """
    prefix = f"{runbook.rpartition('.')[2]}_"
    verdicts = []
    for name in sorted(names):
        if not known or not name.startswith(prefix) or name in known:
            continue
        nearest = next(iter(get_close_matches(name, sorted(known), n=1)), "")
        meant = f"Did you mean {nearest}? " if nearest else ""
        verdicts.append(
            refused(
                GATE,
                f"{name} was passed as an extra variable, and {runbook} has none of that name",
                f"{meant}It has {', '.join(sorted(known))}",
                firm=True,
                next=again.replace(name, nearest) if nearest else "",
            )
        )
    return verdicts


def judge_groups(groups: Mapping[str, Iterable[str]], environments: Mapping[str, str]) -> list[Verdict]:
    """Refuse hosts that are in two environments, or in another than their variables say.

    :param groups: the groups of each host.
    :param environments: C(ops_environment) of each host.
    """
    verdicts = []
    for host in sorted(groups):
        member = sorted(set(groups[host]) & set(ENVIRONMENTS))
        if len(member) > 1:
            verdicts.append(
                refused(
                    GATE,
                    f"{host} is in the environment groups {' and '.join(member)} at once",
                    "Pass one inventory file with -i, not a directory, and put the host into one environment group",
                    firm=True,
                )
            )
        elif member and environments.get(host, "") not in ("", member[0]):
            verdicts.append(
                refused(
                    GATE,
                    f"{host} is in the group {member[0]} but its ops_environment is {environments[host]}",
                    f"Set ops_environment in group_vars/{member[0]}.yml only",
                    firm=True,
                )
            )
    return verdicts


def judge_keys(values: Mapping[str, Mapping[str, object]]) -> tuple[Policy | None, list[Verdict]]:
    """Return the one policy of all hosts, or why there is none.

    :param values: the policy variables of each host; a missing or empty one is not there.
    """
    verdicts = [
        refused(
            GATE,
            f"The inventory does not set {key} for {host}",
            f"Set {key} in the inventory's group_vars (group_vars/<environment>.yml)",
            firm=True,
        )
        for host in sorted(values)
        for key in _KEYS
        if not values[host].get(key)
    ]
    if verdicts or not values:
        return None, verdicts
    for key in _KEYS:
        found = sorted({str(value[key]) for value in values.values()})
        if len(found) > 1:
            verdicts.append(
                refused(
                    GATE,
                    f"The hosts of this play have different values of {key}: {', '.join(found)}",
                    "Pass the inventory of one system and environment with -i",
                    firm=True,
                )
            )
    first = values[sorted(values)[0]]
    if first["ops_environment"] not in ENVIRONMENTS:
        verdicts.append(
            refused(
                GATE,
                f"ops_environment is {first['ops_environment']!r}",
                f"Use one of {', '.join(ENVIRONMENTS)}",
                firm=True,
            )
        )
    return (None if verdicts else _policy(values)), verdicts


def _policy(values: Mapping[str, Mapping[str, object]]) -> Policy:
    first = values[sorted(values)[0]]

    def declared(key: str) -> object:
        # one host that declares is enough: a group may hold windows that the others do not have
        return next((values[host][key] for host in sorted(values) if values[host].get(key)), None)

    return Policy(
        system=str(first["ops_system"]),
        environment=str(first["ops_environment"]),
        ledger=str(first["ops_ledger"]),
        windows=declared("ops_windows"),
        freezes=declared("ops_freezes"),
        approvers=declared("ops_approvers"),
        allowed_signers=declared("ops_allowed_signers"),
        standing_approvals=declared("ops_standing_approvals"),
        notify=declared("ops_notify"),
        anchors=declared("ops_anchors"),
        schedules=declared("ops_schedules"),
        ledger_persistent=all(bool(value.get("ops_ledger_persistent")) for value in values.values()),
    )


def stand_in(values: Sequence[Mapping[str, object]]) -> Policy:
    """Return a policy to talk about an inventory that states none: what its first host does not say is not known."""
    known = {key: str((values[0] if values else {}).get(key) or "?") for key in ("ops_system", "ops_environment")}
    return Policy(system=known["ops_system"], environment=known["ops_environment"], ledger="")
