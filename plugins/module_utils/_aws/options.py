# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options of every AWS module, in the words of amazon.aws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

AWS_OPTIONS: dict[str, dict[str, object]] = {
    "region": {"type": "str"},
    "profile": {"type": "str"},
    "access_key": {"type": "str", "no_log": True},
    "secret_key": {"type": "str", "no_log": True},
    "session_token": {"type": "str", "no_log": True},
    "endpoint_url": {"type": "str"},
    "validate_certs": {"type": "bool", "default": True},
    "ca_bundle": {"type": "path"},
}


@dataclass(frozen=True)
class AwsConnection:
    """How to reach one AWS account; what is not given is found as the AWS SDK finds it."""

    region: str | None = None
    profile: str | None = None
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    endpoint_url: str | None = None
    validate_certs: bool = True
    ca_bundle: str | None = None

    @classmethod
    def from_options(cls, options: Mapping[str, object]) -> AwsConnection:
        """Read the options of a module, an empty string as not given."""
        given = {name: options.get(name) or None for name in AWS_OPTIONS if name != "validate_certs"}
        return cls(**given, validate_certs=options.get("validate_certs") is not False)  # type: ignore[arg-type]
