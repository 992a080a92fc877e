"""What a bucket's answer means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._aws.bucket import BucketFacts, ask, judge
from ansible_collections.steady.ops.plugins.module_utils._errors import (
    AccessDenied,
    NotFound,
    OpsError,
    RequestRefused,
    Unreachable,
)

FACTS = BucketFacts("us-east-1", False, 35.2)

TABLE = [
    (FACTS, None, None, "s3_ok", "ok", "bucket docs was listed in 35 ms"),
    (FACTS, "a/b", 35.2, "s3_ok", "ok", "bucket docs showed a/b in 35 ms"),
    (FACTS, None, 35, "s3_latency", "critical", "The bucket docs answered in 35 ms, above 35 ms"),
    (NotFound("No"), None, None, "s3_not_found", "critical", "The bucket docs does not exist"),
    (NotFound("No"), "a/b", None, "s3_not_found", "critical", "The bucket docs or its key a/b does not exist"),
    (AccessDenied("No"), None, None, "s3_denied", "unknown", "The bucket docs is closed to these credentials: No"),
    (Unreachable("No"), None, None, "s3_unreachable", "unknown", "The bucket docs gave no answer: No"),
]


@pytest.mark.parametrize(("found", "key", "max_ms", "id", "severity", "message"), TABLE)
def test_one_finding(
    found: BucketFacts | OpsError, key: str | None, max_ms: float | None, id: str, severity: str, message: str
) -> None:
    finding = judge("docs", found, key=key, max_ms=max_ms)
    assert (finding.id, finding.severity.value, finding.message) == (id, severity, message)


class Api:
    """An S3 that keeps what it was asked."""

    def __init__(self, **answers: Any) -> None:
        self.answers, self.asked = answers, list[tuple[str, dict[str, object]]]()

    def __call__(self, operation: str, parameters: Mapping[str, object]) -> dict[str, Any]:
        self.asked.append((operation, dict(parameters)))
        answer = self.answers.get(operation, {})
        if isinstance(answer, OpsError):
            raise answer
        return dict(answer)


def test_a_bucket_is_asked_for_and_listed() -> None:
    api = Api(head_bucket={"BucketRegion": "eu-west-1"}, list_objects_v2={"KeyCount": 1})
    found = ask(api, "docs", key=None, owner="123456789012")
    assert isinstance(found, BucketFacts)
    assert found.as_dict("docs") == {
        "name": "docs",
        "region": "eu-west-1",
        "empty": False,
        "latency_ms": round(found.latency_ms, 1),
    }
    whose = {"Bucket": "docs", "ExpectedBucketOwner": "123456789012"}
    assert api.asked == [("head_bucket", whose), ("list_objects_v2", {**whose, "MaxKeys": 1})]


def test_a_key_is_asked_for_instead_of_the_listing() -> None:
    api = Api()
    found = ask(api, "docs", key="a", owner=None)
    assert isinstance(found, BucketFacts)
    assert (found.region, found.empty) == (None, None)
    assert [name for name, _rest in api.asked] == ["head_bucket", "head_object"]


def test_an_error_about_the_bucket_is_an_answer_and_another_is_not() -> None:
    assert isinstance(ask(Api(list_objects_v2=AccessDenied("No")), "docs", key=None, owner=None), AccessDenied)
    with pytest.raises(RequestRefused):
        ask(Api(head_bucket=RequestRefused("No")), "docs", key=None, owner=None)
