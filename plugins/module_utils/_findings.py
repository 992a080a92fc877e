# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings: one verdict each, with the value, the threshold and the remedy. No data is C(unknown), never C(ok)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from ._errors import InvalidInput


class Severity(str, Enum):
    """How bad a finding is; C(unknown) means that nothing could be said."""

    OK = "ok"
    WARNING = "warning"
    UNKNOWN = "unknown"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Return the place in the order ok, warning, unknown, critical."""
        return list(Severity).index(self)


@dataclass(frozen=True)
class Finding:
    """One verdict about one thing."""

    id: str
    severity: Severity
    message: str
    value: float | str | bool | None = None
    threshold: float | str | None = None
    unit: str = ""
    remedy: str = ""

    def as_dict(self) -> dict[str, object]:
        """Return the finding as a result shows it."""
        return {
            "id": self.id,
            "severity": self.severity.value,
            "value": self.value,
            "threshold": self.threshold,
            "unit": self.unit,
            "message": self.message,
            "remedy": self.remedy,
        }


@dataclass(frozen=True)
class Threshold:
    """Two limits on a number. With C(above) a value over the limit is bad, with C(below) one under it.

    :raises InvalidInput: no limit is set, one is no number, the direction is unknown, or the critical limit lies
        on the good side of the other.
    """

    warning: float | None = None
    critical: float | None = None
    direction: str = "above"
    unit: str = ""

    def __post_init__(self) -> None:
        if self.direction not in ("above", "below"):
            raise InvalidInput(
                f"The threshold's direction {self.direction!r} is unknown", remedy="Use 'above' or 'below'."
            )
        if self.warning is None and self.critical is None:
            raise InvalidInput("A threshold needs a limit", remedy="Set 'warning', 'critical', or both.")
        for name, limit in (("warning", self.warning), ("critical", self.critical)):
            # a comparison with NaN is never true: such a limit would be green for ever
            if limit is not None and (isinstance(limit, (bool, str)) or math.isnan(limit)):
                raise InvalidInput(f"The {name} limit {limit!r} is not a number", remedy="Write a number.")
        if self.warning is not None and self.critical is not None and self._beyond(self.warning, self.critical):
            raise InvalidInput(
                f"The critical limit {_number(self.critical)} is reached before"
                f" the warning limit {_number(self.warning)}",
                remedy=f"Exchange them, or change the direction {self.direction!r}.",
            )

    def _beyond(self, value: float, limit: float) -> bool:
        return value > limit if self.direction == "above" else value < limit


def evaluate(id: str, value: float | None, threshold: Threshold, *, what: str, remedy: str = "") -> Finding:
    """Judge one measured value.

    :param what: the measured thing as a sentence begins with it, such as C(the latency of api).
    :returns: C(unknown) where there is no value.
    """
    unit = f" {threshold.unit}" if threshold.unit else ""
    if value is None or math.isnan(value):
        return Finding(id, Severity.UNKNOWN, f"There is no data on {what}", None, None, threshold.unit, remedy)
    shown = f"{_number(value)}{unit}"
    for severity, limit in ((Severity.CRITICAL, threshold.critical), (Severity.WARNING, threshold.warning)):
        if limit is not None and threshold._beyond(value, limit):
            message = f"{_capital(what)} is {shown}, {threshold.direction} the limit of {_number(limit)}{unit}"
            return Finding(id, severity, message, value, limit, threshold.unit, remedy)
    limit = threshold.warning if threshold.warning is not None else threshold.critical
    return Finding(id, Severity.OK, f"{_capital(what)} is {shown}", value, limit, threshold.unit)


def worst(findings: Iterable[Finding]) -> Severity:
    """Return the highest severity; C(unknown) when there is no finding at all."""
    return max((finding.severity for finding in findings), key=lambda severity: severity.rank, default=Severity.UNKNOWN)


def fails(findings: Iterable[Finding], fail_on: str = "critical") -> bool:
    """Tell whether the findings make the run red.

    :param fail_on: C(critical) (which C(unknown) fails as well: what could not be looked at is not well),
        C(warning), or C(never).
    :raises InvalidInput: another word.
    """
    if fail_on == "never":
        return False
    if fail_on not in ("warning", "critical"):
        raise InvalidInput(f"fail_on is {fail_on!r}", remedy="Use 'critical', 'warning' or 'never'.")
    limit = Severity.WARNING if fail_on == "warning" else Severity.UNKNOWN
    return worst(findings).rank >= limit.rank


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _number(value: float) -> str:
    """Return the number as a person writes it: no exponent, no needless digits."""
    if value == 0 or 0.001 <= abs(value) < 1e15:
        return f"{value:.3f}".rstrip("0").rstrip(".")
    return f"{value:g}"
