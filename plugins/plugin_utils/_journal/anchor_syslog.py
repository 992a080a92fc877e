# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The anchor C(syslog): one message for each end of a run, sent to the log daemon of this machine."""

from __future__ import annotations

import errno
import socket
from collections.abc import Mapping

from ...module_utils._errors import Unreachable
from .heads import Heads

SOCKET = "/dev/log"
TAG = "steady.ops"
# facility authpriv, severity notice
_PRIORITY = 10 * 8 + 5
_SECONDS = 2.0


def write(options: Mapping[str, object], heads: Heads) -> None:
    """Send the heads as one message.

    :raises Unreachable: nobody listens there, or does not take it within two seconds.
    """
    path = str(options.get("socket") or SOCKET)
    message = f"<{_PRIORITY}>{TAG}: ".encode() + heads.as_line()
    try:
        try:
            _send(path, socket.SOCK_DGRAM, message)
        except OSError as error:
            if error.errno != errno.EPROTOTYPE:
                raise
            # some daemons listen with a stream; a message of theirs ends in a zero
            _send(path, socket.SOCK_STREAM, message + b"\0")
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise Unreachable(
            f"{path} takes no message: {said}", remedy="Start the log daemon, or name its socket in ops_anchors"
        ) from None


def _send(path: str, kind: socket.SocketKind, message: bytes) -> None:
    with socket.socket(socket.AF_UNIX, kind) as channel:
        channel.settimeout(_SECONDS)
        channel.connect(path)
        channel.sendall(message)
