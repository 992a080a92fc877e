# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connection options of every Redis module, in the words of community.general."""

from __future__ import annotations


class ModuleDocFragment:
    """How to reach one Redis server."""

    DOCUMENTATION = r"""
options:
  login_host:
    description: Host name or address of the server.
    type: str
    default: localhost
  login_port:
    description: Port of the server.
    type: int
    default: 6379
  login_user:
    description: User of Redis' access control list; the default user where it is not given.
    type: str
  login_password:
    description: Password of the user; better given by O(login_password_file).
    type: str
  login_password_file:
    description: File that holds the password alone, on the machine where the module runs.
    type: path
  tls:
    description: Whether to speak TLS.
    type: bool
    default: false
  validate_certs:
    description: Whether the server's certificate must be valid; only with O(tls=true).
    type: bool
    default: true
  ca_cert:
    description: File with the certificates of the authorities that are trusted.
    type: path
requirements:
  - redis >= 5
"""
