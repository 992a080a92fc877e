# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways on from a refusal, as playbook and variables: only the controller knows how a person types them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from .values import Wanted

Way = dict[str, object]
# where no recorded release can be offered
UNNAMED = "NAME-OF-THE-RELEASE"
ADOPT: Way = {"playbook": "deploy", "variables": {"deploy_action": "adopt"}}
LIST: Way = {"playbook": "releases"}
CHECK_LEDGER: Way = {"playbook": "ledger", "variables": {"ledger_action": "check"}}


def deployment(release: str, **more: object) -> Way:
    """Return the deployment of a release; of one to be named where it is empty."""
    return {"playbook": "deploy", "variables": {"deploy_release": release or UNNAMED, **more}}


def instead_of(name: str, there: Iterable[str]) -> Way:
    """Return the deployment of the release that is called most like one that is not there; else the list.

    :param there: the names that there are.
    """
    near = get_close_matches(name, there, n=1)
    return deployment(near[0]) if near else LIST


def as_wanted(way: Mapping[str, object], wanted: Wanted) -> Way:
    """Return the deployment of another release as what was asked for: who adopts does not want to deploy."""
    variables = way.get("variables")
    if wanted.action != "adopt" or not isinstance(variables, Mapping):
        return dict(way)
    return {**way, "variables": {**variables, "deploy_action": "adopt"}}


def return_to(**variables: object) -> Way:
    """Return a rollback."""
    return {"playbook": "rollback", "variables": variables} if variables else {"playbook": "rollback"}


def again(wanted: Wanted) -> Way:
    """Return what was asked for, once more."""
    if wanted.action == "adopt":
        return ADOPT
    if wanted.action == "deploy":
        return deployment(wanted.release)
    given = {"rollback_to": wanted.rollback_to, "rollback_from": wanted.rollback_from}
    return return_to(**{name: value for name, value in given.items() if value})
