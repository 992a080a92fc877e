# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk through the dependencies of components, leaf first: what is broken by itself, what waits for it. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from .._errors import InvalidInput
from .._findings import Severity

# nothing listens: neither good nor bad, and never called either
NOT_ASKED = "not asked"
KINDS = ("http", "command", "postgres", "redis", "s3", "tcp", "job")


@dataclass(frozen=True)
class Component:
    """One component and what was found out about it.

    :param findings: as modules return them; none at all is C(unknown).
    :param failure: why the question could not be put, where it could not.
    """

    name: str
    kind: str
    depends_on: tuple[str, ...]
    findings: tuple[Mapping[str, object], ...] = ()
    failure: str = ""

    @property
    def severity(self) -> str:
        """Return the worst severity; a job is not asked, no data is C(unknown)."""
        if self.kind == "job":
            return NOT_ASKED
        known = {severity.value: severity for severity in Severity}
        found = [known.get(str(finding.get("severity")), Severity.UNKNOWN) for finding in self.findings]
        if self.failure or not found:
            found.append(Severity.UNKNOWN)
        return max(found, key=lambda severity: severity.rank).value

    @property
    def message(self) -> str:
        """Return what is to be said about it: the findings of its severity, or why there is none."""
        if self.kind == "job":
            return "nothing listens here: the freshness of its data is its health"
        speaking = [
            str(finding.get("message", "")) for finding in self.findings if finding.get("severity") == self.severity
        ]
        if self.failure:
            speaking.append(self.failure)
        return "; ".join(text for text in speaking if text) or "nobody could say how it is"

    @property
    def remedy(self) -> str:
        """Return the first remedy among the findings of its severity."""
        remedies = [
            str(finding.get("remedy") or "") for finding in self.findings if finding.get("severity") == self.severity
        ]
        return next((remedy for remedy in remedies if remedy), "")


def needs(value: object) -> tuple[str, ...]:
    """Return the names in C(component_depends_on), which may be left out.

    :raises InvalidInput: it is no list of names.
    """
    if value is None:
        return ()
    if not isinstance(value, (list, tuple)) or not all(isinstance(name, str) and name for name in value):
        raise InvalidInput(f"component_depends_on is {value!r}", remedy="Write it as a list of components' names.")
    return tuple(str(name) for name in value)


def leaf_first(depends_on: Mapping[str, Sequence[str]], known: Collection[str]) -> list[str]:
    """Return the names so that each stands behind all that it depends on; else in the order given.

    :param depends_on: name -> what it needs, for the components of this run.
    :param known: every name of the inventory; a dependency outside this run is not asked, one outside it is an error.
    :raises InvalidInput: a dependency is unknown, or the dependencies go in a circle.
    """
    order: list[str] = []
    for name in depends_on:
        _visit(name, depends_on, known, (), order)
    return order


def _visit(
    name: str, depends_on: Mapping[str, Sequence[str]], known: Collection[str], path: tuple[str, ...], order: list[str]
) -> None:
    if name in path:
        circle = " -> ".join([*path[path.index(name) :], name])
        raise InvalidInput(
            f"component_depends_on goes in a circle: {circle}", remedy="Take one of these dependencies out."
        )
    if name in order:
        return
    for needed in depends_on[name]:
        if needed in depends_on:
            _visit(needed, depends_on, known, (*path, name), order)
        elif needed not in known:
            near = difflib.get_close_matches(needed, list(known), n=1)
            remedy = f"Did you mean {near[0]!r}?" if near else "Name hosts of this inventory."
            raise InvalidInput(f"component_depends_on of {name} names {needed}, which is no component", remedy=remedy)
    order.append(name)


@dataclass(frozen=True)
class Walk:
    """The components in leaf-first order, and which broken ones each of them waits for."""

    components: tuple[Component, ...]
    broken_below: Mapping[str, tuple[str, ...]]

    @property
    def first_broken(self) -> Component | None:
        """Return the first component that is not well, all that it needs being looked at before it."""
        return next((component for component in self.components if _is_broken(component)), None)

    def lines(self) -> list[str]:
        """Return one short line for each component."""
        width = max((len(component.name) for component in self.components), default=0)
        return [
            f"{component.name:<{width}}  {component.severity:<9}  {component.message}{self._because(component)}"
            for component in self.components
        ]

    def waiting_for(self, name: str) -> list[str]:
        """Return the components that depend on this one, directly or through others."""
        return [component.name for component in self.components if name in self.broken_below[component.name]]

    def _because(self, component: Component) -> str:
        below = self.broken_below[component.name]
        if not below:
            return ""
        return f" (it depends on {_listed(below)}, which {'is' if len(below) == 1 else 'are'} not well)"


def walk(components: Sequence[Component], known: Collection[str]) -> Walk:
    """Bring the components into order and mark those that depend on a broken one.

    :raises InvalidInput: a dependency is unknown, or the dependencies go in a circle.
    """
    named = {component.name: component for component in components}
    order = leaf_first({component.name: component.depends_on for component in components}, known)
    broken_below: dict[str, tuple[str, ...]] = {}
    for name in order:
        below: list[str] = []
        for needed in named[name].depends_on:
            if needed in named:
                own = [needed] if _is_broken(named[needed]) else []
                below.extend(one for one in (*broken_below[needed], *own) if one not in below)
        broken_below[name] = tuple(one for one in order if one in below)
    return Walk(tuple(named[name] for name in order), broken_below)


def sentence(walked: Walk) -> str:
    """Return what is broken first and who depends on it, or that all is well."""
    first = walked.first_broken
    if first is None:
        asked = [component for component in walked.components if component.severity != NOT_ASKED]
        if not asked:
            return "Nothing was asked: no component of this run has anything that listens."
        return f"{_counted(len(asked))} well."
    state = {"unknown": "cannot be said to be well", "warning": "is close to its limits"}.get(
        first.severity, "is broken"
    )
    said = f"{first.name} ({first.kind}) {state}: {first.message.rstrip('.')}"
    waiting = walked.waiting_for(first.name)
    if waiting:
        said += f"; {_listed(waiting)} {'depends' if len(waiting) == 1 else 'depend'} on it"
    others = [
        component.name for component in walked.components if _is_broken(component) and component.name != first.name
    ]
    if others:
        said += f". Not well either: {_listed(others)}"
    return f"{said}. {first.remedy}".strip()


def _is_broken(component: Component) -> bool:
    return component.severity not in (Severity.OK.value, NOT_ASKED)


def _counted(count: int) -> str:
    return "The one component that was asked is" if count == 1 else f"All {count} components that were asked are"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
