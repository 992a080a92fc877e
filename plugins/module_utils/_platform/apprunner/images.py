# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Image references: what a person writes, what App Runner is configured for, and which digest that is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..._errors import InvalidInput

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_PRIVATE = re.compile(r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(?P<name>.+)")
_REFERENCE = re.compile(r"[A-Za-z0-9._/-]+(?::[0-9]+/[A-Za-z0-9._/-]+)?(?::[A-Za-z0-9_.-]+)?(?:@sha256:[0-9a-f]+)?")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")


@dataclass(frozen=True)
class Reference:
    """An image reference in its parts.

    :param repository: everything before the tag or digest, C(<registry>/<name>).
    """

    repository: str
    tag: str = ""
    digest: str = ""

    @property
    def text(self) -> str:
        """Return the reference as App Runner takes it: by digest where that is known."""
        return f"{self.repository}@{self.digest}" if self.digest else f"{self.repository}:{self.tag}"

    @property
    def short(self) -> str:
        """Return the reference as people read it, without the registry."""
        name = self.repository.rpartition("/")[2]
        return f"{name}:{self.tag}" if self.tag else f"{name}@{self.digest[:19]}"

    @property
    def registry_id(self) -> str | None:
        """Return the account of a private ECR repository."""
        match = _PRIVATE.fullmatch(self.repository)
        return match["account"] if match else None

    @property
    def name(self) -> str:
        """Return the repository's name within its registry.

        :raises InvalidInput: it is not a private ECR repository.
        """
        match = _PRIVATE.fullmatch(self.repository)
        if match is None:
            raise InvalidInput(
                f"image_repository {self.repository!r} is no private ECR repository",
                remedy="Write <account>.dkr.ecr.<region>.amazonaws.com/<name>; images of other registries cannot be"
                " proved to exist.",
            )
        return match["name"]


def parse(identifier: str) -> Reference:
    """Read a full image identifier.

    :raises InvalidInput: it is none.
    """
    rest, _rest, digest = identifier.partition("@")
    head, colon, tag = rest.rpartition(":")
    repository, tag = (head, tag) if colon and "/" not in tag else (rest, "")
    if digest and not _DIGEST.fullmatch(digest):
        raise InvalidInput(f"{digest!r} is no image digest", remedy="Write sha256: and 64 hexadecimal digits.")
    if not repository or (tag and not _TAG.fullmatch(tag)) or any(blank in identifier for blank in " \t\r\n"):
        raise InvalidInput(f"{identifier!r} is no image reference", remedy="Write <repository>:<tag> or a digest.")
    return Reference(repository, tag or ("" if digest else "latest"), digest)


def select(selector: str, repository: str) -> Reference:
    """Read what C(deploy_release) names: a digest, a tag, or a full reference within the repository.

    :raises InvalidInput: none of these, or a reference into another repository.
    """
    if _DIGEST.fullmatch(selector):
        return Reference(repository, digest=selector)
    if _TAG.fullmatch(selector):
        return Reference(repository, selector)
    if not _REFERENCE.fullmatch(selector) or selector.startswith("sha256:"):
        raise InvalidInput(
            f"deploy_release {selector!r} is neither a tag nor a digest",
            remedy="Write a tag such as 1.8.0, or sha256: and 64 hexadecimal digits.",
        )
    reference = parse(selector)
    if reference.repository not in (repository, repository.rpartition("/")[2]):
        raise InvalidInput(
            f"deploy_release {selector!r} lies in another repository than {repository}",
            remedy="Name a tag or digest of the component's image_repository.",
        )
    return Reference(repository, reference.tag, reference.digest)
