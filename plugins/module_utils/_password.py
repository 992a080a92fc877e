# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The password of a connection: as it was given, or from the file that holds it."""

from __future__ import annotations

from pathlib import Path

from ._errors import InvalidInput


def login_password(password: str | None, password_file: str | None) -> str | None:
    """Return the password, without the line's end of its file.

    :raises InvalidInput: the file cannot be read, or is no text.
    """
    if password or not password_file:
        return password
    try:
        return Path(password_file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise InvalidInput(
            f"login_password_file {password_file} cannot be read: {why}", remedy="Correct the path."
        ) from None
