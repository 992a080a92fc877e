# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a component's artefacts come from, and which one a task asks for. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ...module_utils._errors import InvalidInput

RELEASE = "{release}"
KINDS = ("archive", "s3", "git")
_KNOWN = {*KINDS, "digests", "version", "strip", "token_file"}
_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})\Z")
_BUCKET = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(.+)\Z", re.DOTALL)
_REMEDY = "Set component_options.artefact as docs/machines.md shows."


@dataclass(frozen=True)
class Source:
    """C(component_options.artefact).

    :param kind: C(archive), C(s3) or C(git).
    :param place: the path or key, with C({release}) in it; for git the repository.
    :param digests: what the archive of a release must contain, as C(sha256:...) by the release's name.
    :param version: what the version endpoint answers, with C({release}) in it; C(None) for the release's own name.
    :param strip: how many leading directories of the archive's paths to leave out.
    :param token_file: for git over HTTPS, a file that holds the token.
    """

    kind: str
    place: str
    digests: Mapping[str, str] = field(default_factory=dict)
    version: str | None = None
    strip: int = 0
    token_file: str = ""


@dataclass(frozen=True)
class Asked:
    """The release that a task asks for.

    :param name: as the source knows it.
    :param digest: what it must contain; empty where nobody said.
    :param recorded: whether it was deployed before, and may be on the machine still.
    """

    name: str
    digest: str = ""
    recorded: bool = False


def source_from(component_options: object) -> Source | None:
    """Read C(component_options.artefact); C(None) where the component has none.

    :raises InvalidInput: it is not complete; the sentence names the key.
    """
    given = component_options.get("artefact") if isinstance(component_options, Mapping) else None
    if not given:
        return None
    if not isinstance(given, Mapping):
        raise InvalidInput("component_options.artefact is no mapping", remedy=_REMEDY)
    unknown = sorted(str(key) for key in given if key not in _KNOWN)
    kinds = [kind for kind in KINDS if given.get(kind)]
    if unknown or len(kinds) != 1:
        what = f"does not know {', '.join(unknown)}" if unknown else "names not exactly one of archive, s3 and git"
        raise InvalidInput(f"component_options.artefact {what}", remedy=_REMEDY)
    kind, place = kinds[0], str(given[kinds[0]])
    _check_place(kind, place)
    version, digests, strip = given.get("version"), given.get("digests") or {}, given.get("strip") or 0
    if not isinstance(digests, Mapping) or not isinstance(strip, int) or strip < 0:
        raise InvalidInput("component_options.artefact has digests or strip of a wrong kind", remedy=_REMEDY)
    return Source(
        kind=kind,
        place=place,
        digests={str(name): _digest(str(name), str(value)) for name, value in digests.items()},
        version=None if version is None else str(version),
        strip=strip,
        token_file=str(given.get("token_file") or ""),
    )


def asked(source: Source, options: Mapping[str, object]) -> Asked | None:
    """Return which release a task needs an artefact of; C(None) where it needs none, or brings its own.

    A release that is named by its recorded id or digest is fetched under the name it was recorded with, and must have
    that digest.

    :raises InvalidInput: the name cannot be one.
    """
    name = str(options.get("release") or "")
    own = options.get("artefact_path") or options.get("artefact_digest")
    if not name or own or options.get("state") not in (None, "", "deployed"):
        return None
    recorded = _recorded(name, options.get("history"))
    if recorded is None and _DIGEST.match(name):
        # not ours: whether it is on the machine is the module's to say
        return None
    if recorded is not None:
        return recorded
    unsafe = "/" in name or name in (".", "..")
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in name) or (source.kind != "git" and unsafe):
        raise InvalidInput(f"deploy_release {name!r} cannot be part of a path", remedy="Name a release.")
    return Asked(name, source.digests.get(name, ""))


def place_of(source: Source, name: str) -> str:
    """Return the path or key of a release."""
    return source.place.replace(RELEASE, name)


def bucket_and_key(place: str) -> tuple[str, str]:
    """Take C(s3://bucket/key) apart.

    :raises InvalidInput: it is none.
    """
    found = _BUCKET.match(place)
    if not found:
        raise InvalidInput(f"component_options.artefact.s3 {place!r} is no s3://bucket/key", remedy=_REMEDY)
    return found[1], found[2]


def version_of(source: Source, name: str) -> str | None:
    """Return what the version endpoint of a release answers: its name, without the v of a tag; C(None) for unknown.

    A commit says nothing about the version.
    """
    if source.version is not None:
        return source.version.replace(RELEASE, name) or None
    if source.kind == "git" and re.fullmatch(r"[0-9a-f]{7,64}", name):
        return None
    return name[1:] if re.match(r"v[0-9]", name) else name


def named(options: Mapping[str, object], source: Source, name: str, digest: str) -> dict[str, object]:
    """Return the module's options with the artefact named; what the task sets itself stays."""
    found: dict[str, object] = {
        "artefact_ref": name,
        "artefact_version": version_of(source, name),
        "artefact_strip": source.strip,
    }
    kept = {key: value for key, value in options.items() if value is not None}
    return {**{key: value for key, value in found.items() if value}, **kept, "artefact_digest": digest}


def _recorded(name: str, history: object) -> Asked | None:
    records: Iterable[object] = history if isinstance(history, list) else []
    for record in records:
        if isinstance(record, Mapping) and record.get("kind") == "release":
            digest, ref = str(record.get("digest") or ""), str(record.get("ref") or "")
            if ref and digest and name in (record.get("id"), digest, digest.removeprefix("sha256:")):
                return Asked(ref, digest, recorded=True)
    return None


def _check_place(kind: str, place: str) -> None:
    if kind == "git":
        # git reads ext::... as a command, and a word with a leading - as an option
        if place.startswith("-") or "::" in place or re.match(r"[a-z+]+://[^/@]*:[^/@]*@", place):
            raise InvalidInput(
                "component_options.artefact.git is no plain address of a repository",
                remedy="Write a path, ssh://... or https://..., without a password; name a token_file instead.",
            )
        return
    if RELEASE not in place:
        raise InvalidInput(f"component_options.artefact.{kind} has no {RELEASE} in it", remedy=_REMEDY)
    if kind == "s3":
        bucket_and_key(place)
    elif not place.startswith("/"):
        raise InvalidInput(f"component_options.artefact.archive {place!r} is no absolute path", remedy=_REMEDY)


def _digest(name: str, value: str) -> str:
    found = _DIGEST.match(value.strip().lower())
    if not found:
        raise InvalidInput(
            f"component_options.artefact.digests has no SHA-256 for {name!r}",
            remedy="Write sha256: and 64 hexadecimal digits.",
        )
    return f"sha256:{found[1]}"
