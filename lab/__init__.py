# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab: real servers and named fakes on this machine, as ordinary processes on loopback.

`python -m lab up` starts it, `down` removes it, `status` says honestly what answers. Each server is a *part*
(lab/parts/); what is common to all of them (where the state lives, processes, the three commands) stands beside.
"""
