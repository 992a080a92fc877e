# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sample application: a small HTTP service whose releases are bad in real ways.

Started as `python -m lab.app --settings FILE`, standard library only (drivers are imported when settings ask for a real
database or bucket check). `settings.py` says what a settings file holds.
"""
