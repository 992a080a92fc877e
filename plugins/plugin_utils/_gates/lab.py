# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate lab: what is called a lab points at one. The label opens other gates, so it alone proves nothing."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from .request import Component, Request, Says, Verdict, passed, refused

GATE = "lab"
# the account of the lab's fakes; AWS gives it to nobody
ACCOUNT = "000000000000"
_AWS = "aws_connection."
_REMEDY = "Point it at this machine, or call the environment staging or production: ops_environment says what it is"


def judge(request: Request, accounts: Mapping[str, str]) -> list[Verdict]:
    """Refuse to change what is labelled lab and points elsewhere; a reader is told.

    :param accounts: the AWS account that answered for a component.
    """
    if not request.policy.lab:
        return []
    verdicts = [
        _verdict(request, sentence)
        for component in request.components
        for sentence in _elsewhere(component, accounts.get(component.name, ""))
    ]
    return verdicts or [passed(GATE)]


def _elsewhere(component: Component, account: str) -> list[str]:
    """Return what points at no lab, as sentences."""
    told = []
    for option, address in component.addresses.items():
        if option.startswith(_AWS) and account == ACCOUNT:
            continue
        if address is None:
            told.append(f"ops_environment is lab, and where {option} of {component.name} points cannot be told")
        elif not is_here(address):
            told.append(
                f"ops_environment is lab, but {option} of {component.name} points at"
                f" {address or 'AWS itself'}, which is not this machine"
            )
    return told


def _verdict(request: Request, sentence: str) -> Verdict:
    return refused(GATE, sentence, _REMEDY) if request.changes else Verdict(GATE, Says.UNKNOWN, sentence, _REMEDY)


def is_here(address: str) -> bool:
    """Tell whether an address is on this machine: loopback, or a socket's path."""
    if address.startswith("/") or address == "localhost" or address.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
