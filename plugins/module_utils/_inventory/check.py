# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what an inventory states to findings: pure, and never a value but the names of groups, hosts and keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._errors import InvalidInput
from .._findings import Finding, Severity
from .vocabulary import (
    BUILT_IN_GROUPS,
    COMPONENT_VARIABLES,
    ENVIRONMENTS,
    GROUPS,
    KIND_FACTS,
    OPS_VARIABLES,
    RUN_VARIABLES,
)

QUOTED = re.compile(r"'([A-Za-z_]\w*)'")


@dataclass(frozen=True)
class Host:
    """What one component states.

    C(missing) and C(broken) map a key path or variable to the reason in words; C(variables) are the names of its
    C(ops_*) variables. C(taken_from) maps a key path to the one that it takes its value from, where it is another.
    """

    name: str
    groups: tuple[str, ...] = ()
    system: str | None = None
    environment: str | None = None
    kind: str | None = None
    platform: str | None = None
    depends_on: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)
    taken_from: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment_groups(self) -> tuple[str, ...]:
        """Return the environment groups that list the host."""
        return tuple(group for group in self.groups if group in ENVIRONMENTS)


@dataclass(frozen=True)
class Inventory:
    """All groups by name and all components."""

    groups: tuple[str, ...]
    hosts: tuple[Host, ...]

    @classmethod
    def from_option(cls, facts: Mapping[str, Any]) -> Inventory:
        """Read what the lookup C(steady.ops.inventory_facts) gives.

        :raises InvalidInput: a key is missing or not of the shape that the lookup gives.
        """
        try:
            hosts = sorted((_host(host) for host in facts["hosts"]), key=lambda host: host.name)
            return cls(tuple(facts["groups"]), tuple(hosts))
        except (KeyError, TypeError, AttributeError) as error:
            raise InvalidInput(
                f"facts is not what the lookup steady.ops.inventory_facts gives ({error})",
                remedy="Pass facts: \"{{ lookup('steady.ops.inventory_facts') }}\".",
            ) from error


def judge(inventory: Inventory) -> list[Finding]:
    """Return one finding for each fact that is missing or cannot be right, the facts of one key in one finding."""
    found = [*_groups(inventory), *_run_facts(inventory), *_components(inventory), *_dependencies(inventory)]
    return [*found, *_missing(inventory), *_broken(inventory)]


def _bad(id: str, message: str, remedy: str, severity: Severity = Severity.CRITICAL, value: str = "") -> Finding:
    return Finding(id, severity, message, value or None, remedy=remedy)


def _groups(inventory: Inventory) -> Iterator[Finding]:
    if not inventory.hosts:
        yield _bad("inventory.empty", "The inventory holds no component", "Name an inventory with -i.")
    for group in GROUPS:
        if group not in inventory.groups:
            yield _bad("group.missing", f"The group {group} is missing", f"Add '{group}: {{}}', so that plays find it.")
    known = {*GROUPS, *ENVIRONMENTS, *BUILT_IN_GROUPS}
    for group in inventory.groups:
        members = [host for host in inventory.hosts if group in host.groups]
        # a part of a known group, such as the hosts of a fleet, is there for its variables
        part = members and all(set(GROUPS) & set(host.groups) for host in members)
        if group not in known and not part:
            yield _bad(
                "group.unknown",
                f"No play knows the group {group}",
                f"Use one of {', '.join(GROUPS)}.",
                Severity.WARNING,
            )
    for host in inventory.hosts:
        among = host.environment_groups
        if len(among) != 1:
            stands = f"in the groups {' and '.join(among)}" if among else "in no environment group"
            yield _bad(
                "group.environment",
                f"{host.name} stands {stands}",
                f"List it in exactly one of {', '.join(ENVIRONMENTS)}; take one inventory file at a time.",
            )
        elif host.environment and host.environment != among[0]:
            yield _bad(
                "group.environment",
                f"{host.name} stands in the group {among[0]} and its ops_environment is {host.environment}",
                f"Set ops_environment: {among[0]} in group_vars/{among[0]}.yml and nowhere else.",
            )


def _run_facts(inventory: Inventory) -> Iterator[Finding]:
    systems = sorted({host.system for host in inventory.hosts if host.system})
    if len(systems) > 1:
        yield _bad(
            "system.several", f"The inventory mixes the systems {', '.join(systems)}", "Take one inventory at a time."
        )
    for name in sorted({name for host in inventory.hosts for name in host.variables}):
        if name in RUN_VARIABLES:
            yield _bad(
                "policy.run_variable",
                f"{name} belongs to one run and not into an inventory",
                "Give it with -e in the run.",
            )
        elif name not in OPS_VARIABLES:
            yield _bad("policy.unknown", f"No gate reads {name}", f"Use one of {', '.join(sorted(OPS_VARIABLES))}.")


def _components(inventory: Inventory) -> Iterator[Finding]:
    for host in inventory.hosts:
        if host.kind is not None and host.kind not in KIND_FACTS:
            yield _bad(
                "component.kind",
                f"The component_kind of {host.name} is {host.kind}",
                f"Use one of {', '.join(KIND_FACTS)} in host_vars/{host.name}.yml.",
            )
        if "services" in host.groups and not host.platform:
            yield _bad(
                "component.platform",
                f"{host.name} is a service and states no component_platform",
                f"Set it in host_vars/{host.name}.yml.",
            )


def _dependencies(inventory: Inventory) -> Iterator[Finding]:
    needs = {host.name: host.depends_on for host in inventory.hosts}
    for name, wanted in needs.items():
        for other in wanted:
            if other not in needs:
                yield _bad(
                    "depends_on.unknown",
                    f"{name} depends on {other}, which the inventory does not hold",
                    f"Correct component_depends_on in host_vars/{name}.yml, or add the host.",
                )
    circle = find_circle(needs)
    if circle:
        yield _bad(
            "depends_on.circle",
            f"Components depend on each other in a circle: {' -> '.join(circle)}",
            f"Correct component_depends_on in host_vars/{circle[0]}.yml.",
        )


def find_circle(needs: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return one circle of dependencies, its first name repeated at its end, or nothing."""
    done: set[str] = set()
    for start in needs:
        trail: list[str] = []
        circle = _walk(start, needs, trail, done)
        if circle:
            return circle
    return []


def _walk(name: str, needs: Mapping[str, tuple[str, ...]], trail: list[str], done: set[str]) -> list[str]:
    if name in trail:
        return [*trail[trail.index(name) :], name]
    if name in done:
        return []
    trail.append(name)
    for other in needs.get(name, ()):
        circle = _walk(other, needs, trail, done)
        if circle:
            return circle
    trail.pop()
    done.add(name)
    return []


def _missing(inventory: Inventory) -> Iterator[Finding]:
    wanted: dict[tuple[str, str], list[str]] = {}
    remedies: dict[tuple[str, str], dict[str, None]] = {}
    for host in inventory.hosts:
        for path, reason in host.missing.items():
            if not _explained(reason, [other for other in host.missing if other != path]):
                wanted.setdefault((path, reason), []).append(host.name)
                remedies.setdefault((path, reason), {})[_state(path, host)] = None
    for (path, reason), names in sorted(wanted.items()):
        yield _bad(
            "fact.missing",
            f"{path} is missing for {_counted(names, inventory)}: {reason}",
            " ".join(remedies[path, reason]),
            value=path,
        )


def _state(path: str, host: Host) -> str:
    """Say what to write into which file: values that differ by environment are not those of the component itself."""
    source = host.taken_from.get(path, path)
    variable = source.partition(".")[0]
    if variable in COMPONENT_VARIABLES or variable.startswith("component_"):
        place = f"host_vars/{host.name}.yml"
    else:
        place = f"group_vars/{host.environment or '<environment>'}.yml"
    return f"State {'it' if source == path else source} in {place}."


def _counted(names: list[str], inventory: Inventory) -> str:
    return "every component" if len(names) == len(inventory.hosts) > 1 else ", ".join(names)


def _broken(inventory: Inventory) -> Iterator[Finding]:
    for host in inventory.hosts:
        for key, reason in host.broken.items():
            if key not in host.missing and not _explained(reason, list(host.missing)):
                yield _bad(
                    "value.broken", f"{key} of {host.name} cannot be read: {reason}", f"Correct {key}.", value=key
                )


def _explained(reason: str, missing: list[str]) -> bool:
    """Whether a value cannot be read only because it is made from a fact that is named as missing already."""
    causes = {part for path in missing for part in (path.split(".", maxsplit=1)[0], path.rsplit(".", maxsplit=1)[-1])}
    return any(word in causes for word in QUOTED.findall(reason))


def _host(stated: Mapping[str, Any]) -> Host:
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in stated.items()}
    return Host(**values)
