# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the variables of a component point: the gate lab asks whether that is a lab."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from ...module_utils._errors import InvalidInput

# what reaches a component, and the key that says where; a new kind of connection is one line here
_PLACES = (
    ("aws_connection", "endpoint_url"),
    ("postgres_connection", "login_host"),
    ("redis_connection", "login_host"),
    ("component_probe", "url"),
    ("component_readiness", "url"),
    ("component_options", "host"),
)


def addresses_of(value: Callable[[str], object]) -> dict[str, str | None]:
    """Return each option that names a place, with its host; empty for AWS itself, None where it cannot be read.

    :param value: a variable of the component, templated; None where it is not set.
    :raises nothing: what cannot be read is an answer here.
    """
    found: dict[str, str | None] = {}
    for variable, key in _PLACES:
        try:
            options = value(variable)
        except InvalidInput:
            found[f"{variable}.{key}"] = None
            continue
        if isinstance(options, Mapping) and (options.get(key) or key == "endpoint_url"):
            found[f"{variable}.{key}"] = host_of(str(options.get(key) or ""))
    try:
        if value("ansible_host") and value("ansible_connection") != "local":
            found["ansible_host"] = str(value("ansible_host"))
    except InvalidInput:
        found["ansible_host"] = None
    return found


def host_of(place: str) -> str | None:
    """Return the host of a URL or of a bare address; None where it names none."""
    try:
        return urlsplit(place).hostname if "://" in place else place
    except ValueError:
        return None
