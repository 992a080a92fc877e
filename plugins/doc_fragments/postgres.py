# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connection options of every PostgreSQL module, in the words of community.postgresql."""

from __future__ import annotations


class ModuleDocFragment:
    """How to reach one database."""

    DOCUMENTATION = r"""
options:
  login_host:
    description: Host name or address of the server.
    type: str
    default: localhost
  login_port:
    description: Port of the server.
    type: int
    default: 5432
  login_unix_socket:
    description: Directory of the server's socket; it takes the place of O(login_host).
    type: path
  login_user:
    description: Role to log in as; the name of the account that runs the module where it is not given.
    type: str
  login_password:
    description: Password of the role; better given by O(login_password_file), E(PGPASSWORD) or E(PGPASSFILE).
    type: str
  login_password_file:
    description: File that holds the password alone, on the machine where the module runs.
    type: path
  login_db:
    description: Database to connect to.
    type: str
    default: postgres
  ssl_mode:
    description: How TLS is used, as libpq defines it.
    type: str
    choices: [disable, allow, prefer, require, verify-ca, verify-full]
    default: prefer
  ca_cert:
    description: File with the certificates of the authorities that are trusted.
    type: path
requirements:
  - psycopg >= 3
"""
