# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How bad an incident is: by what does not work, by how many users it reaches, and the worse of the two."""

from __future__ import annotations

import difflib

from ...module_utils._errors import InvalidInput

SEVERITIES = ("P0", "P1", "P2", "P3")
# what does not work any more
FUNCTIONS = {"outage": "P0", "data_loss": "P0", "major": "P1", "minor": "P2", "cosmetic": "P3"}
_HALF = 50.0


def classify(users_percent: float | None, function: str) -> str:
    """Return the severity; empty where neither is said.

    :param users_percent: how many of the users it reaches; half of them or more is P1, fewer is P2, nobody is P3.
    :param function: one of C(outage), C(data_loss), C(major), C(minor), C(cosmetic); empty where it is not said.
    """
    axes = [FUNCTIONS[function]] if function else []
    if users_percent is not None:
        axes.append("P1" if users_percent >= _HALF else "P2" if users_percent > 0 else "P3")
    return min(axes, default="")


def severity_of(text: str) -> str:
    """Read a severity; empty where none is said.

    :raises InvalidInput: it is none.
    """
    return _one_of(text.upper(), SEVERITIES, "incident_severity", text)


def function_of(text: str) -> str:
    """Read what does not work; empty where nothing is said.

    :raises InvalidInput: it is no such word.
    """
    return _one_of(text.lower(), tuple(FUNCTIONS), "incident_function", text)


def percent_of(text: str) -> float | None:
    """Read how many users it reaches; None where nothing is said.

    :raises InvalidInput: it is no number from 0 to 100.
    """
    if not text:
        return None
    try:
        number = float(text.removesuffix("%"))
    except ValueError:
        number = -1.0
    if not 0 <= number <= 100:
        raise InvalidInput(f"incident_users_percent is {text[:40]!r}", remedy="Write a number from 0 to 100.")
    return number


def _one_of(word: str, known: tuple[str, ...], option: str, typed: str) -> str:
    if not word or word in known:
        return word
    near = difflib.get_close_matches(word, known, n=1)
    meant = f"Did you mean {near[0]}? " if near else ""
    raise InvalidInput(f"{option} is {typed[:40]!r}", remedy=f"{meant}Use one of {', '.join(known)}.")
