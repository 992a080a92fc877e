# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors that domain code raises: one sentence, one remedy, provider detail apart.

A library never ends the program; C(main()) catches the one root error and hands
C(error.as_result()) to C(fail_json).
"""

from __future__ import annotations

from collections.abc import Mapping


class OpsError(Exception):
    """What failed and why in one sentence, and what to do about it in another.

    :param sentence: what failed and why, ending without a full stop or with one.
    :param remedy: the way on; a command to copy where there is one.
    :param details: what the provider said, already redacted.
    :param next: the one command that is the way on, as C(playbook) and optionally C(variables): only the controller
        knows how the person types it.
    """

    def __init__(
        self,
        sentence: str,
        *,
        remedy: str = "",
        details: Mapping[str, object] | None = None,
        next: Mapping[str, object] | None = None,
    ) -> None:
        self.sentence = _closed(sentence, ".?!")
        # a command to copy stays as it is
        self.remedy = _closed(remedy, ".?!`'")
        self.details = dict(details or {})
        self.next = dict(next or {})
        super().__init__(str(self))

    def __str__(self) -> str:
        return f"{self.sentence} {self.remedy}".strip()

    def as_result(self) -> dict[str, object]:
        """Return the keyword arguments of C(fail_json)."""
        result: dict[str, object] = {"msg": str(self), "error_kind": type(self).__name__, "changed": False}
        if self.details:
            result["details"] = self.details
        if self.next:
            result["next"] = self.next
        return result


class InvalidInput(OpsError):
    """An option or inventory value is wrong; the sentence names it."""


class Refused(OpsError):
    """A rule or gate says no; nothing was touched."""


class Unreachable(OpsError):
    """A server or provider gave no usable answer."""


class Throttled(Unreachable):
    """The provider refused the call because there were too many: it did nothing and may be sent again."""


class AnswerLost(Unreachable):
    """The call was sent and no usable answer came: whether it was carried out is not known."""


class RequestRefused(OpsError):
    """The provider read the call and refused it: it did nothing.

    C(details["code"]) holds the provider's own error code.
    """


class AccessDenied(OpsError):
    """Credentials are missing, wrong, expired, or not enough."""


class NotFound(OpsError):
    """The named object does not exist."""


class LeaseLost(OpsError):
    """The right to change the object ended before the next step began."""


class MissingDriver(OpsError):
    """A Python package or client program is not installed where it is needed."""


def _closed(text: str, ends: str) -> str:
    text = text.strip()
    return text if not text or text[-1] in ends else f"{text}."
