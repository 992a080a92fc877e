# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judging one answer: what was expected and what came make one finding. Pure.

No answer is C(unknown); an answer that breaks the contract is C(critical); nothing else is C(ok) but all of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from .._findings import Finding, Severity
from .._redact import MASK, Redactor
from .answer import NoAnswer, Response
from .spec import Expectation

_SHOWN = 200
# redaction looks at more than is shown, and at less than a whole body
_LOOKED_AT = 4000


@dataclass(frozen=True)
class Verdict:
    """The finding on one answer, and what was measured on the way."""

    finding: Finding
    latency_ms: float | None = None
    version: str | None = None

    @property
    def good(self) -> bool:
        """Tell whether the answer is as expected."""
        return self.finding.severity is Severity.OK


@dataclass(eq=False)
class _Broken(Exception):
    id: str
    reason: str
    value: float | str | bool | None = None
    threshold: float | str | None = None
    unit: str = ""
    remedy: str = ""


def judge(expected: Expectation, answer: Response | NoAnswer, *, release: str | None, redactor: Redactor) -> Verdict:
    """Compare one answer with what was expected.

    :param release: the version under proof, where the expectation says C(equals: release); None: only observed.
    :param redactor: knows the probe's secrets.
    """
    url = redactor.text(expected.url)
    if isinstance(answer, NoAnswer):
        message = f"{url} {redactor.text(answer.reason)}"
        return Verdict(Finding(answer.id, Severity.UNKNOWN, message, remedy=answer.remedy))
    version: str | None = None
    try:
        _check_status(expected, answer, redactor)
        _check_headers(expected, answer, redactor)
        if expected.json or expected.version_path:
            body = _parsed(answer, redactor)
            version = _observed_version(expected, body)
            _check_values(expected, body, answer.status, redactor)
            _check_version(expected, version, release, redactor)
        _check_contains(expected, answer, redactor)
        _check_latency(expected, answer)
    except _Broken as broken:
        finding = Finding(
            broken.id,
            Severity.CRITICAL,
            f"{url} {broken.reason}",
            broken.value,
            broken.threshold,
            broken.unit,
            broken.remedy,
        )
        return Verdict(finding, answer.latency_ms, version)
    stated = f", version {show(version, redactor)}" if version is not None else ""
    message = f"{url} answered {answer.status} in {answer.latency_ms:.0f} ms{stated}"
    finding = Finding("http_ok", Severity.OK, message, round(answer.latency_ms, 1), expected.max_ms, "ms")
    return Verdict(finding, answer.latency_ms, version)


def show(value: object, redactor: Redactor) -> str:
    """Return a value as it may be shown: redacted, on one line, without terminal control, at most 200 characters."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    shown = "".join(char if char.isprintable() else " " for char in redactor.text(text[:_LOOKED_AT])).strip()
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."


def same(wanted: object, found: object) -> bool:
    """Tell whether two JSON values are equal in type and value: C(1) is not C("1"), nor C(true); C(1) is C(1.0)."""
    if isinstance(wanted, bool) or isinstance(found, bool):
        return isinstance(wanted, bool) and isinstance(found, bool) and wanted == found
    if isinstance(wanted, (int, float)) and isinstance(found, (int, float)):
        return wanted == found
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        return wanted.keys() == found.keys() and all(same(wanted[key], found[key]) for key in wanted)
    if isinstance(wanted, (list, tuple)) and isinstance(found, (list, tuple)):
        return len(wanted) == len(found) and all(same(one, other) for one, other in zip(wanted, found, strict=True))
    return (wanted is None and found is None) or (
        isinstance(wanted, str) and isinstance(found, str) and wanted == found
    )


def at_path(body: object, path: str) -> object:
    """Return the value at a dotted path; a number steps into a list.

    :raises KeyError: with the part of the path that is not there.
    """
    walked: list[str] = []
    for part in path.split("."):
        walked.append(part)
        if isinstance(body, Mapping) and part in body:
            body = body[part]
        elif isinstance(body, list) and part.isdecimal() and int(part) < len(body):
            body = body[int(part)]
        else:
            raise KeyError(".".join(walked))
    return body


def _check_status(expected: Expectation, answer: Response, redactor: Redactor) -> None:
    if answer.status in expected.status:
        return
    wanted = " or ".join(str(code) for code in expected.status)
    leads = answer.header("Location")
    if 300 <= answer.status <= 399 and leads:
        raise _Broken(
            "http_redirect",
            f"answered {answer.status} and leads to {show(leads, redactor)}, which is not followed; wanted {wanted}",
            answer.status,
            wanted,
            remedy="Probe that URL itself, or set follow_redirects: true.",
        )
    said = show(answer.body.decode("utf-8", "replace"), redactor)
    raise _Broken(
        "http_status",
        f"answered {answer.status}, wanted {wanted}" + (f"; it said: {said}" if said else ""),
        answer.status,
        wanted,
    )


def _check_headers(expected: Expectation, answer: Response, redactor: Redactor) -> None:
    for name, wanted in expected.headers.items():
        found = answer.header(name)
        if found is None:
            raise _Broken("http_header", f"answered {answer.status} without the header {name}", None, wanted)
        if found != wanted:
            shown = MASK if _secret(name, redactor) else show(found, redactor)
            reason = f"answered {answer.status}, but the header {name} is {shown!r}, wanted {wanted!r}"
            raise _Broken("http_header", reason, shown, wanted)


def _parsed(answer: Response, redactor: Redactor) -> object:
    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        read = dict(pairs)
        if len(read) != len(pairs):
            raise ValueError("a name stands twice in one object")
        return read

    def finite(word: str) -> object:
        raise ValueError(f"{word} is not JSON")

    try:
        return json.loads(answer.body.decode("utf-8-sig"), object_pairs_hook=once, parse_constant=finite)
    except (ValueError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
    said = show(answer.body.decode("utf-8", "replace"), redactor)
    raise _Broken("http_json", f"answered {answer.status}, but its body is not JSON ({why}): {said or '(empty)'}")


def _check_values(expected: Expectation, body: object, status: int, redactor: Redactor) -> None:
    for path, wanted in expected.json.items():
        shown_wanted = show(json.dumps(wanted, ensure_ascii=False, default=str), redactor)
        try:
            found = at_path(body, path)
        except KeyError as missing:
            reason = f"answered {status}, but its JSON has no {missing.args[0]}, wanted {path} = {shown_wanted}"
            raise _Broken("http_json_missing", reason, None, shown_wanted) from None
        if not same(wanted, found):
            shown = MASK if _secret(path, redactor) else show(json.dumps(found, ensure_ascii=False), redactor)
            reason = f"answered {status}, but {path} is {shown}, wanted {shown_wanted}"
            raise _Broken("http_json_value", reason, shown, shown_wanted)


def _observed_version(expected: Expectation, body: object) -> str | None:
    if not expected.version_path:
        return None
    try:
        found = at_path(body, expected.version_path)
    except KeyError:
        return None
    return str(found) if isinstance(found, (str, int)) and not isinstance(found, bool) else None


def _check_version(expected: Expectation, version: str | None, release: str | None, redactor: Redactor) -> None:
    wanted = expected.wanted_version(release)
    if not expected.version_path or wanted is None or version == wanted:
        return
    if version is None:
        reason = f"states no version at {expected.version_path}, wanted {wanted}"
    else:
        reason = f"states version {show(version, redactor)}, wanted {wanted}"
    raise _Broken("http_version", reason, None if version is None else show(version, redactor), wanted)


def _check_contains(expected: Expectation, answer: Response, redactor: Redactor) -> None:
    if expected.contains is None or expected.contains in answer.body.decode("utf-8", "replace"):
        return
    said = show(answer.body.decode("utf-8", "replace"), redactor)
    wanted = show(expected.contains, redactor)
    raise _Broken(
        "http_contains",
        f"answered {answer.status}, but {wanted!r} is not in its body: {said or '(empty)'}",
        None,
        wanted,
    )


def _check_latency(expected: Expectation, answer: Response) -> None:
    if expected.max_ms is not None and answer.latency_ms > expected.max_ms:
        reason = (
            f"answered {answer.status} as it should, but in {answer.latency_ms:.0f} ms, above {expected.max_ms:g} ms"
        )
        raise _Broken("http_latency", reason, round(answer.latency_ms, 1), expected.max_ms, "ms")


def _secret(name: str, redactor: Redactor) -> bool:
    """Tell whether a value under this name would be masked for its name alone."""
    return MASK in redactor.text(f"{name.rsplit('.', 1)[-1]}=x")
