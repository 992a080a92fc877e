# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ECR calls that a deployment makes, over the image store."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from lab.fakes.apprunner.images import digest_of, registry_host
from lab.fakes.apprunner.state import State
from lab.fakes.apprunner.wire import ApiError

MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json"
IMAGE_BYTES = 48_211_304


class Registry:
    """Handlers by operation name."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.handlers: dict[str, Callable[[dict[str, Any], list[dict[str, Any]]], dict[str, Any]]] = {
            "DescribeImages": self.describe_images,
            "BatchGetImage": self.batch_get_image,
            "ListImages": self.list_images,
            "DescribeRepositories": self.describe_repositories,
        }

    def describe_images(self, params: dict[str, Any], _faults: list[dict[str, Any]]) -> dict[str, Any]:
        """DescribeImages: of the ids asked for (all must exist), or of the repository."""
        store = self._store(params)
        asked = params.get("imageIds")
        if not asked:
            wanted = params.get("filter", {}).get("tagStatus", "ANY")
            rows = [self._detail(params["repositoryName"], store, digest) for digest in store["images"]]
            rows = [row for row in rows if wanted == "ANY" or ("imageTags" in row) == (wanted == "TAGGED")]
            return _paged(rows, params, "imageDetails")
        digests = []
        for image_id in asked:
            digest = self._resolve(store, image_id)
            if digest is None:
                raise ApiError(
                    "ImageNotFoundException",
                    f"The image with imageId {_shown(image_id)} does not exist within the repository with name "
                    f"'{params['repositoryName']}' in the registry with id '{self._state.account}'",
                )
            digests.append(digest)
        rows = [self._detail(params["repositoryName"], store, digest) for digest in dict.fromkeys(digests)]
        return {"imageDetails": rows}

    def batch_get_image(self, params: dict[str, Any], _faults: list[dict[str, Any]]) -> dict[str, Any]:
        """BatchGetImage: what is there, and failures for the rest."""
        store = self._store(params)
        images, failures = [], []
        for image_id in params["imageIds"]:
            digest = self._resolve(store, image_id)
            if digest is None:
                reason = "Requested image not found"
                failures.append({"imageId": image_id, "failureCode": "ImageNotFound", "failureReason": reason})
                continue
            release = store["images"][digest]["release"]
            manifest = {"schemaVersion": 2, "mediaType": MANIFEST_TYPE, "config": {"digest": digest_of(release)}}
            images.append(
                {
                    "registryId": self._state.account,
                    "repositoryName": params["repositoryName"],
                    "imageId": {**image_id, "imageDigest": digest},
                    "imageManifest": json.dumps(manifest),
                    "imageManifestMediaType": MANIFEST_TYPE,
                }
            )
        return {"images": images, "failures": failures}

    def list_images(self, params: dict[str, Any], _faults: list[dict[str, Any]]) -> dict[str, Any]:
        """ListImages: one row per tag, one without a tag for untagged images."""
        store = self._store(params)
        rows: list[dict[str, Any]] = []
        for digest in store["images"]:
            tags = _tags(store, digest)
            rows += [{"imageDigest": digest, "imageTag": tag} for tag in tags] or [{"imageDigest": digest}]
        wanted = params.get("filter", {}).get("tagStatus", "ANY")
        rows = [row for row in rows if wanted == "ANY" or ("imageTag" in row) == (wanted == "TAGGED")]
        return _paged(rows, params, "imageIds")

    def describe_repositories(self, params: dict[str, Any], _faults: list[dict[str, Any]]) -> dict[str, Any]:
        """DescribeRepositories."""
        names = params.get("repositoryNames") or sorted(self._state.repositories)
        rows = [
            {
                "repositoryArn": f"arn:aws:ecr:{self._state.region}:{self._state.account}:repository/{name}",
                "registryId": self._state.account,
                "repositoryName": name,
                "repositoryUri": f"{registry_host(self._state)}/{name}",
                "createdAt": self._store({**params, "repositoryName": name})["created"],
                "imageTagMutability": "MUTABLE",
            }
            for name in names
        ]
        return _paged(rows, params, "repositories")

    def _store(self, params: dict[str, Any]) -> dict[str, Any]:
        name = params["repositoryName"]
        known = params.get("registryId", self._state.account) == self._state.account
        if not known or name not in self._state.repositories:
            raise ApiError(
                "RepositoryNotFoundException",
                f"The repository with name '{name}' does not exist in the registry with id '{self._state.account}'",
            )
        return self._state.repositories[name]

    @staticmethod
    def _resolve(store: dict[str, Any], image_id: dict[str, str]) -> str | None:
        if not image_id:
            raise ApiError("InvalidParameterException", "Invalid parameter: an imageId needs a tag or a digest")
        digest = image_id.get("imageDigest") or store["tags"].get(image_id.get("imageTag", ""))
        if digest not in store["images"] or (
            "imageTag" in image_id and store["tags"].get(image_id["imageTag"]) != digest
        ):
            return None
        return str(digest)

    def _detail(self, repository: str, store: dict[str, Any], digest: str) -> dict[str, Any]:
        row: dict[str, Any] = {
            "registryId": self._state.account,
            "repositoryName": repository,
            "imageDigest": digest,
            "imageSizeInBytes": IMAGE_BYTES,
            "imagePushedAt": store["images"][digest]["pushed"],
            "imageManifestMediaType": MANIFEST_TYPE,
        }
        tags = _tags(store, digest)
        return {**row, "imageTags": tags} if tags else row


def _tags(store: dict[str, Any], digest: str) -> list[str]:
    return sorted(tag for tag, target in store["tags"].items() if target == digest)


def _shown(image_id: dict[str, str]) -> str:
    return "{" + ", ".join(f"{key}:'{value}'" for key, value in image_id.items()) + "}"


def _paged(rows: list[dict[str, Any]], params: dict[str, Any], name: str) -> dict[str, Any]:
    try:
        start = int(params.get("nextToken", 0))
    except ValueError as error:
        raise ApiError("InvalidParameterException", "Invalid parameter: nextToken") from error
    stop = start + params.get("maxResults", 100)
    return {name: rows[start:stop], **({"nextToken": str(stop)} if stop < len(rows) else {})}
