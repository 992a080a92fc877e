"""Artefacts out of S3, by a client that answers as boto3's does."""

from __future__ import annotations

import io
from typing import Any

import botocore.exceptions
import pytest
from botocore.response import StreamingBody

from ansible_collections.steady.ops.plugins.module_utils._errors import AccessDenied, NotFound
from ansible_collections.steady.ops.plugins.plugin_utils._artefacts.s3 import read

CONTENT = b"x" * 2_500_000


class Bucket:
    """What boto3's client does with one object."""

    def __init__(self, content: bytes = CONTENT, announced: int | None = None, error: str = "") -> None:
        self.content, self.error = content, error
        self.announced = len(content) if announced is None else announced
        self.asked: dict[str, Any] = {}

    def get_object(self, **asked: Any) -> dict[str, Any]:
        self.asked = asked
        if self.error:
            answer = {"Error": {"Code": self.error, "Message": "so it is"}, "ResponseMetadata": {"HTTPStatusCode": 404}}
            raise botocore.exceptions.ClientError(answer, "GetObject")  # type: ignore[arg-type]
        return {"Body": StreamingBody(io.BytesIO(self.content), self.announced)}


def test_an_object_comes_piece_by_piece() -> None:
    bucket = Bucket()
    assert [len(piece) for piece in read(bucket, "releases", "a b;'c'")] == [1 << 20, 1 << 20, 2_500_000 - (2 << 20)]
    assert bucket.asked == {"Bucket": "releases", "Key": "a b;'c'"}


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchBucket"])
def test_one_that_is_not_there_is_named(code: str) -> None:
    with pytest.raises(NotFound, match=r"s3://releases/app\.tgz is not there: .*Correct deploy_release, or upload it"):
        list(read(Bucket(error=code), "releases", "app.tgz"))


def test_one_that_may_not_be_read() -> None:
    with pytest.raises(AccessDenied):
        list(read(Bucket(error="AccessDenied"), "releases", "app.tgz"))
