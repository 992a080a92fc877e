# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sign of life for a service that calls somebody when it stays away. Its address may be a secret.

Imported only when one is sent: it brings ssl and http.client with it.
"""

from __future__ import annotations

import http.client
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from .._told.posting import opener_of, trouble

SECONDS = 5
_LONGEST = 4096


def beat(file: str, variable: str, environment: Mapping[str, str]) -> str:
    """Ask the address once; return why that did not succeed, without a word of it, or nothing.

    :param file: the file that holds the address; empty where C(variable) names the environment variable that does.
    """
    url = _address(file, variable, environment)
    try:
        parts = urllib.parse.urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and url.isprintable() and " " not in url
    except ValueError:
        usable = False
    if not usable:
        return f"{f'the file {file}' if file else f'the variable {variable}'} holds no http or https address"
    request = urllib.request.Request(url, headers={"User-Agent": "steady.ops"})
    try:
        with opener_of().open(request, timeout=SECONDS):
            return ""
    except urllib.error.HTTPError as error:
        with error:
            return f"it answered {error.code}"
    except urllib.error.URLError as error:
        return trouble(error.reason if isinstance(error.reason, BaseException) else error)
    except (OSError, ValueError, http.client.HTTPException) as error:
        return trouble(error)


def _address(file: str, variable: str, environment: Mapping[str, str]) -> str:
    if not file:
        return environment.get(variable, "").strip()
    try:
        with Path(file).open("rb") as stream:
            return stream.read(_LONGEST).decode().strip()
    except (OSError, UnicodeDecodeError):
        return ""
