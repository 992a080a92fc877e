# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The image store: digests to releases, tags that move, images that go away.

A release is the settings of the sample application (`lab/app/settings.py`) plus what only the fake reads:
`container_port` (the port that the image listens on; a service configured with another never gets healthy).
Its digest is the SHA-256 of its canonical JSON: equal content has one digest, different content never shares one.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from typing import Any

from lab.app.settings import normalise_behaviour
from lab.fakes.apprunner.state import State

_IDENTIFIER = re.compile(
    r"^(?:(?P<registry>[^/]+\.[^/]+)/)?(?P<repository>[^:@]+)(?::(?P<tag>[^@]+))?(?:@(?P<digest>.+))?$"
)


def registry_host(state: State) -> str:
    """The account's private registry."""
    return f"{state.account}.dkr.ecr.{state.region}.amazonaws.com"


def digest_of(release: dict[str, Any]) -> str:
    """The digest of one release."""
    canonical = json.dumps(release, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


def split(identifier: str) -> tuple[str, str, str, str]:
    """Registry host, repository, tag and digest of an image identifier; empty where it does not say."""
    found = _IDENTIFIER.match(identifier)
    if not found:
        return "", "", "", ""
    parts = found.groupdict(default="")
    return parts["registry"], parts["repository"], parts["tag"], parts["digest"]


class Images:
    """The store's calls; every change is persisted."""

    def __init__(self, state: State) -> None:
        self._state = state

    def full(self, identifier: str) -> str:
        """The identifier with the registry host, which callers of the control API may leave out."""
        registry, *_rest = split(identifier)
        return identifier if registry else f"{registry_host(self._state)}/{identifier}"

    def put(self, repository: str, tag: str, release: dict[str, Any]) -> str:
        """Push a release under a tag (the tag moves); returns its digest."""
        release = {**release, "behaviour": normalise_behaviour(release.get("behaviour"))}
        digest = digest_of(release)
        with self._state.lock:
            store = self._state.repositories.setdefault(repository, {"created": time.time(), "images": {}, "tags": {}})
            store["images"].setdefault(digest, {"release": release, "pushed": time.time()})
            if tag:
                store["tags"][tag] = digest
            self._state.save()
        return digest

    def tag(self, repository: str, tag: str, digest: str) -> bool:
        """Point a tag at an image that is there; False when it is not."""
        with self._state.lock:
            store = self._state.repositories.get(repository)
            if store is None or digest not in store["images"]:
                return False
            store["tags"][tag] = digest
            self._state.save()
        return True

    def delete(self, repository: str, tag: str = "", digest: str = "") -> bool:
        """Delete an image with all its tags, by tag or digest; the repository stays. False when it was not there."""
        with self._state.lock:
            store = self._state.repositories.get(repository, {"images": {}, "tags": {}})
            digest = digest or store["tags"].get(tag, "")
            if digest not in store["images"]:
                return False
            del store["images"][digest]
            store["tags"] = {name: target for name, target in store["tags"].items() if target != digest}
            self._state.save()
        return True

    def resolve(self, identifier: str) -> tuple[str, dict[str, Any]] | None:
        """Digest and release that a pull of the identifier gets now; None when it gets nothing."""
        registry, repository, tag, digest = split(identifier)
        with self._state.lock:
            store = self._state.repositories.get(repository)
            if store is None or registry not in ("", registry_host(self._state)):
                return None
            digest = digest or store["tags"].get(tag or "latest", "")
            image = store["images"].get(digest)
            return (digest, image["release"]) if image else None

    def follows_tag(self, identifier: str, repository: str, tag: str) -> bool:
        """Whether an identifier names this tag (and not a digest), so that a push concerns it."""
        _rest, configured, configured_tag, digest = split(identifier)
        return not digest and (configured, configured_tag or "latest") == (repository, tag)
