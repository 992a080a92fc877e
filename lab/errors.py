# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one error of the lab."""


class LabError(Exception):
    """Something the person who typed the command can act on; the message is one sentence with the remedy."""
