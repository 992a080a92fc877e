# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a channel's secret where its declaration says that it lies."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...module_utils._errors import InvalidInput
from .channels import Channel
from .declaring import wrong_url

_LONGEST = 4096


def secret_of(channel: Channel, environment: Mapping[str, str]) -> str:
    """Return the secret; empty for a channel that needs none.

    :raises InvalidInput: it is not there, or not one line of printable text.
    """
    if channel.secret_file:
        where = channel.secret_file
        found = _content(where)
    elif channel.secret_env:
        where = f"The environment variable {channel.secret_env}"
        found = environment.get(channel.secret_env, "")
        if not found:
            raise InvalidInput(f"{where} is not set where this runs")
    else:
        return ""
    secret = found.strip()
    # more than a line would be another header; its text is shown to nobody
    if not secret or len(secret) > _LONGEST or not secret.isprintable() or not secret.isascii():
        raise InvalidInput(f"{where} is empty, or holds more than one line of plain text")
    if channel.secret_is_url and (wrong := wrong_url(secret, secret=True)):
        raise InvalidInput(f"{where}: its address {wrong}")
    return secret


def _content(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            return file.read(_LONGEST + 2).decode()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InvalidInput(f"{path} holds no text") from None
