"""The anchor s3 on a real HTTP server: objects are locked, and none can be hidden."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from ansible_collections.steady.ops.plugins.plugin_utils._journal import anchor_s3
from ansible_collections.steady.ops.plugins.plugin_utils._journal.anchors import anchor, kept_by, read_anchors
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import Ledger
from tests.journal_world import DictStore, ledger_in, written


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATESTTESTTESTTEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-key-of-the-test")
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
    names = [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]
    if "anchors" not in names:
        client.create_bucket(Bucket="anchors", ObjectLockEnabledForBucket=True)
    return client


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = ledger_in(DictStore())
    written(made, 1, random.Random(1), tmp_path / "unused", how_often=0)
    return made


def test_heads_are_locked_and_a_delete_marker_hides_none(
    ledger: Ledger, endpoint: str, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = [{"kind": "s3", "bucket": "anchors", "prefix": "a/", "region": "us-east-1", "endpoint_url": endpoint}]
    assert anchor(ledger, named) == []
    assert anchor(ledger, named) == [], "what is there already stays as it is"
    known = read_anchors(named)[0][0]
    before = kept_by(known, ledger.identity.id)
    assert [mark.sequence for mark in before.marks["journal"]] == [3] and not before.problem
    key = before.marks["journal"][0].source.removeprefix("s3://anchors/a ")
    lock = s3.head_object(Bucket="anchors", Key=key)
    assert lock["ObjectLockMode"] == "COMPLIANCE" and lock["ObjectLockRetainUntilDate"].year >= 2027
    s3.delete_object(Bucket="anchors", Key=key)
    assert kept_by(known, ledger.identity.id).marks["journal"] == before.marks["journal"]
    for number in range(3):
        ledger.journal.append({"event": "step", "run": str(number)})
        assert anchor(ledger, named) == []
    monkeypatch.setattr(anchor_s3, "_PAGE", 2)
    assert sorted({mark.sequence for mark in kept_by(known, ledger.identity.id).marks["journal"]}) == [3, 4, 5, 6]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"bucket": "no-such-bucket"}, "NoSuchBucket|does not exist"),
        ({"bucket": "no such"}, "Invalid bucket name"),
        ({"retention_days": "long"}, "retention_days is 'long'. Write a number of days"),
        ({"retention_days": -1}, "retention_days is -1"),
        ({"retention_mode": "soft"}, "retention_mode is 'SOFT'. Use one of COMPLIANCE, GOVERNANCE"),
        ({"profile": "no-such-profile"}, "No AWS client for s3 can be made"),
        ({"endpoint_url": "http://127.0.0.1:9"}, "found no server"),
    ],
)
def test_what_cannot_be_kept_is_one_sentence(
    ledger: Ledger, endpoint: str, s3: Any, change: dict[str, object], told: str
) -> None:
    named = [{"kind": "s3", "bucket": "anchors", "region": "us-east-1", "endpoint_url": endpoint, **change}]
    said = anchor(ledger, named)
    assert len(said) == 1 and said[0].startswith("not anchored in s3://")
    with pytest.raises(AssertionError, match=told):
        raise AssertionError(said[0])


def test_a_bucket_without_lock_keeps_them_too(ledger: Ledger, endpoint: str, s3: Any) -> None:
    s3.create_bucket(Bucket="plain")
    s3.put_object(Bucket="plain", Key=f"{ledger.identity.id}/journal/notes.txt", Body=b"x")
    named = [
        {"kind": "s3", "bucket": "plain", "region": "us-east-1", "endpoint_url": endpoint, "retention_days": 0},
    ]
    assert anchor(ledger, named) == []
    assert [m.sequence for m in kept_by(read_anchors(named)[0][0], ledger.identity.id).marks["journal"]] == [3]
