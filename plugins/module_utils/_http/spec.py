# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe: what a component must answer, which command must pass, how often, and for how long. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from .._errors import InvalidInput
from .._own_command import OwnCommand, argv_from, names_from
from .._redact import redact_shapes
from . import reading
from .answer import Request

RELEASE = "release"

_EXPECTATION_KEYS = ("url", "status", "json", "contains", "headers", "version", "max_ms")
_URL_KEYS = (*_EXPECTATION_KEYS, "also", "follow_redirects", "bearer_token", "validate_certs", "ca_cert")
_PACE_KEYS = ("consecutive", "interval_seconds", "timeout_seconds", "deadline_seconds", "stability_seconds")
_PROBE_KEYS = (*_URL_KEYS, *_PACE_KEYS, "command", "environment")
_DAY = 86400
_COMMAND_SECONDS = 60.0


@dataclass(frozen=True)
class Expectation:
    """One URL and what it must answer.

    :param json: dotted path -> the exact value there, compared with its type.
    :param headers: name -> the exact value in the answer.
    :param version_path: where the body states the version; empty: nowhere.
    :param version_equals: C(release): the version under proof; any other text: exactly that.
    """

    url: str
    status: tuple[int, ...] = (200,)
    json: Mapping[str, object] = field(default_factory=dict)
    contains: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    version_path: str = ""
    version_equals: str = RELEASE
    max_ms: float | None = None

    def wanted_version(self, release: str | None) -> str | None:
        """Return the version that the answer must state; None where it is only observed."""
        return release if self.version_equals == RELEASE else self.version_equals

    def as_option(self) -> dict[str, object]:
        """Return the keys from which the same expectation is read again."""
        option: dict[str, object] = {"url": self.url, "status": list(self.status)}
        if self.version_path:
            option["version"] = {"json": self.version_path, "equals": self.version_equals}
        given = {"json": dict(self.json), "contains": self.contains, "headers": dict(self.headers)}
        option.update({key: value for key, value in given.items() if value})
        return option if self.max_ms is None else {**option, "max_ms": self.max_ms}


@dataclass(frozen=True)
class Probe:
    """Expectations that must all hold in each sample, the command that must pass then, and the rules of sampling.

    :param expectations: none only where there is a command.
    :param consecutive: so many good samples in a row prove the component.
    :param timeout_seconds: for one request, all in all, and for one run of the command.
    :param deadline_seconds: the row of good samples must be there by then.
    :param stability_seconds: after the row, every further sample must be good for so long.
    """

    expectations: tuple[Expectation, ...]
    consecutive: int = 3
    interval_seconds: float = 1.0
    timeout_seconds: float = 5.0
    deadline_seconds: float = 60.0
    stability_seconds: float = 0.0
    follow_redirects: bool = False
    bearer_token: str | None = field(default=None, repr=False)
    validate_certs: bool = True
    ca_cert: str | None = None
    command: OwnCommand | None = None

    @classmethod
    def from_option(cls, option: object, where: str = "probe") -> Probe:
        """Read and check the dictionary C(component_probe).

        :param where: the name by which errors call the dictionary.
        :raises InvalidInput: naming the key, such as C(probe.status).
        """
        given = reading.known_keys(reading.mapping(option, where), _PROBE_KEYS, where)
        sampling = _sampling(given, where)
        command = _command(given, where, sampling.get("timeout_seconds"))
        asks = command is None or any(key in given for key in _URL_KEYS)
        expectations = _expectations(given, where) if asks else ()
        probe = cls(expectations, command=command, **sampling)  # type: ignore[arg-type]
        if (probe.consecutive - 1) * probe.interval_seconds > probe.deadline_seconds:
            raise InvalidInput(
                f"{where}.deadline_seconds of {probe.deadline_seconds:g} is too short for {probe.consecutive} samples "
                f"{probe.interval_seconds:g} s apart",
                remedy="Raise deadline_seconds, or lower consecutive or interval_seconds.",
            )
        return probe

    @property
    def url(self) -> str:
        """Return the first URL; empty where only a command is run."""
        return self.expectations[0].url if self.expectations else ""

    @property
    def subject(self) -> str:
        """Return what is asked first, as a sentence names it."""
        return self.url or f"the command {cast(OwnCommand, self.command).argv[0]}"

    def request(self, expectation: Expectation) -> Request:
        """Return what is to be sent for one expectation."""
        return Request(
            expectation.url,
            self.timeout_seconds,
            self.follow_redirects,
            # the token belongs to the server of the first URL
            self.bearer_token if _origin(expectation.url) == _origin(self.url) else None,
            self.validate_certs,
            self.ca_cert,
        )

    def as_option(self) -> dict[str, object]:
        """Return the dictionary from which the same probe is read again, without the token: for records."""
        option: dict[str, object] = {key: getattr(self, key) for key in _PACE_KEYS}
        if self.expectations:
            option.update(self.expectations[0].as_option())
            option.update({key: getattr(self, key) for key in ("follow_redirects", "validate_certs")})
        if self.expectations[1:]:
            option["also"] = [expectation.as_option() for expectation in self.expectations[1:]]
        if self.ca_cert is not None:
            option["ca_cert"] = self.ca_cert
        if self.command is not None:
            option.update(command=list(self.command.argv), environment=list(self.command.environment))
        return option


def _command(given: Mapping[str, object], where: str, timeout_seconds: object) -> OwnCommand | None:
    if "command" not in given:
        if given.get("environment"):
            raise InvalidInput(f"{where}.environment has no command to go to", remedy=f"Name {where}.command.")
        return None
    argv = argv_from(given["command"], f"{where}.command")
    line = " ".join(argv)
    if redact_shapes(line) != line:
        # the probe is recorded, and every user of a machine sees the arguments of its programs
        raise InvalidInput(
            f"{where}.command holds what looks like a secret",
            remedy=f"Let the program read it from a variable that {where}.environment names.",
        )
    names = names_from(given.get("environment", []), f"{where}.environment")
    return OwnCommand(argv, cast(float, timeout_seconds), names)


def _expectations(given: Mapping[str, object], where: str) -> tuple[Expectation, ...]:
    first = _expectation({key: given[key] for key in _EXPECTATION_KEYS if key in given}, where, None)
    further = given.get("also", [])
    if not isinstance(further, (list, tuple)):
        raise InvalidInput(f"{where}.also is no list", remedy="Write a list of dictionaries, each with a url.")
    expectations = [first]
    for index, item in enumerate(further):
        spot = f"{where}.also[{index}]"
        keys = reading.known_keys(reading.mapping(item, spot), _EXPECTATION_KEYS, spot)
        expectations.append(_expectation(keys, spot, first.url))
    if sum(bool(expectation.version_path) for expectation in expectations) > 1:
        raise InvalidInput(f"{where} states the version twice", remedy="Keep one 'version' key.")
    return tuple(expectations)


def _expectation(given: Mapping[str, object], where: str, base: str | None) -> Expectation:
    if "url" not in given:
        raise InvalidInput(f"{where}.url is missing", remedy="Name the URL that is to be asked.")
    headers = reading.mapping(given.get("headers", {}), f"{where}.headers")
    values = reading.mapping(given.get("json", {}), f"{where}.json")
    version_path, version_equals = _version(given.get("version"), f"{where}.version")
    return Expectation(
        url=reading.url(given["url"], f"{where}.url", base),
        status=reading.statuses(given.get("status", 200), f"{where}.status"),
        json={reading.path(key, f"{where}.json"): value for key, value in values.items()},
        contains=reading.text(given["contains"], f"{where}.contains") if "contains" in given else None,
        headers={
            reading.header_name(name, f"{where}.headers"): reading.text(value, f"{where}.headers.{name}")
            for name, value in headers.items()
        },
        version_path=version_path,
        version_equals=version_equals,
        max_ms=reading.number(given["max_ms"], f"{where}.max_ms", low=1, high=600_000) if "max_ms" in given else None,
    )


def _version(value: object, where: str) -> tuple[str, str]:
    if value is None:
        return "", RELEASE
    given = reading.known_keys(reading.mapping(value, where), ("json", "equals"), where)
    if "json" not in given:
        raise InvalidInput(f"{where}.json is missing", remedy="Name the path of the version in the body.")
    return reading.path(given["json"], f"{where}.json"), reading.text(given.get("equals", RELEASE), f"{where}.equals")


def _sampling(given: Mapping[str, object], where: str) -> dict[str, object]:
    limits = {
        "interval_seconds": (0.05, 60.0),
        "timeout_seconds": (0.1, 3600.0 if "command" in given else 120.0),
        "deadline_seconds": (0.0, float(_DAY)),
        "stability_seconds": (0.0, float(_DAY)),
    }
    read: dict[str, object] = {
        key: reading.number(given[key], f"{where}.{key}", low=low, high=high, unit="s")
        for key, (low, high) in limits.items()
        if key in given
    }
    if "command" in given:
        read.setdefault("timeout_seconds", _COMMAND_SECONDS)
    if "consecutive" in given:
        read["consecutive"] = reading.whole(given["consecutive"], f"{where}.consecutive", low=1, high=1000)
    for key in ("follow_redirects", "validate_certs"):
        if key in given:
            read[key] = reading.flag(given[key], f"{where}.{key}")
    if "bearer_token" in given:
        read["bearer_token"] = reading.token(given["bearer_token"], f"{where}.bearer_token")
    if "ca_cert" in given:
        read["ca_cert"] = reading.text(given["ca_cert"], f"{where}.ca_cert")
    return read


def _origin(url: str) -> str:
    """Return scheme, host and port as they are written."""
    return "/".join(url.split("/", 3)[:3]).lower()
