"""The artefact of a task, on the controller."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import (
    AccessDenied,
    InvalidInput,
    Refused,
    RequestRefused,
    Unreachable,
)
from ansible_collections.steady.ops.plugins.plugin_utils._artefacts import fetching
from ansible_collections.steady.ops.plugins.plugin_utils._artefacts.fetching import Artefacts, aws_from
from ansible_collections.steady.ops.plugins.plugin_utils._artefacts.selecting import Source
from tests.unit.plugins.plugin_utils._artefacts.test_git import Repository
from tests.unit.plugins.plugin_utils._artefacts.test_s3 import CONTENT, Bucket

DIGEST = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
HOSTILE = "-a b;'c'$(id)\"ä"


class Place:
    def __init__(self, base: Path) -> None:
        self.base, self.said = base, list[str]()
        (base / "temporary").mkdir()

    def of(self, source: Source | None, **more: Any) -> Artefacts:
        return Artefacts(source, str(self.base / "temporary"), say=self.said.append, **more)

    def archive(self, **more: Any) -> Artefacts:
        return self.of(Source("archive", f"{self.base}/app-{{release}}.tgz", **more))

    def put(self, release: str, content: bytes = CONTENT) -> Path:
        path = self.base / f"app-{release}.tgz"
        path.write_bytes(content)
        return path

    def left(self) -> list[str]:
        return os.listdir(self.base / "temporary")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.mark.parametrize("release", ["1.8.0", HOSTILE])
def test_an_archive_is_fetched_once_and_gone_in_the_end(place: Place, release: str) -> None:
    kept = place.put(release)
    artefacts = place.archive()
    assert artefacts.fetched is None
    for _turn in range(2):
        options = artefacts.named({"release": release, "path": "/opt/app"})
        assert (options["artefact_digest"], options["artefact_ref"]) == (DIGEST, release)
        kept.unlink(missing_ok=True)
    assert artefacts.fetched is not None
    path, digest = artefacts.fetched
    assert Path(path).read_bytes() == CONTENT and digest == DIGEST
    assert Path(path).parent.stat().st_mode & 0o777 == 0o700 and Path(path).name == "artefact"
    artefacts.close()
    artefacts.close()
    assert place.left() == [] and artefacts.fetched is None


def test_a_task_or_component_without_one_is_left_alone(place: Place) -> None:
    assert place.of(None).named({"release": "1.8.0"}) == {"release": "1.8.0"}
    assert place.archive().named({"state": "rolled_back"}) == {"state": "rolled_back"}
    assert place.left() == []


def test_an_archive_that_is_another_is_refused(place: Place) -> None:
    place.put("1.8.0", b"other")
    with pytest.raises(Refused, match=r"'1.8.0' has the digest sha256:.*, not sha256:.*It was replaced or damaged"):
        place.archive(digests={"1.8.0": DIGEST}).named({"release": "1.8.0"})


def test_what_is_not_at_its_source_may_be_on_the_machine(place: Place) -> None:
    artefacts = place.archive()
    assert artefacts.named({"release": "1.8.0"}) == {"release": "1.8.0"} and artefacts.fetched is None
    assert place.said[0].endswith(
        "app-1.8.0.tgz is not there. Only a release that is on the machine already can be served."
    )
    record = {"kind": "release", "id": "9be07a1c2d3e", "ref": "1.8.0", "digest": DIGEST}
    place.put("1.8.0", b"replaced meanwhile")
    options = {"release": "9be07a1c2d3e", "history": [record]}
    assert artefacts.named(options) == options and "has the digest" in place.said[1]
    place.put("1.8.0")
    assert artefacts.named(options)["artefact_digest"] == DIGEST


def test_a_full_disk_is_said(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object) -> str:
        raise OSError(28, "No space left on device")

    place.put("1.8.0")
    monkeypatch.setattr(fetching, "_stored", full)
    with pytest.raises(RequestRefused, match="cannot be kept on the controller: No space left on device"):
        place.archive().named({"release": "1.8.0"})


def s3(place: Place, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> Artefacts:
    monkeypatch.setattr(fetching, "client", lambda _connection, service: bucket if service == "s3" else None)
    return place.of(Source("s3", "s3://releases/a b/{release}.tgz"), aws={"region": "us-east-1"})


def test_an_object_is_fetched(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = Bucket()
    artefacts = s3(place, bucket, monkeypatch)
    assert artefacts.named({"release": HOSTILE})["artefact_digest"] == DIGEST
    assert bucket.asked == {"Bucket": "releases", "Key": f"a b/{HOSTILE}.tgz"}


def test_an_object_that_cannot_be_had(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unreachable, match="could not be read to its end"):
        s3(place, Bucket(announced=9_999_999), monkeypatch).named({"release": "1"})
    with pytest.raises(AccessDenied):
        s3(place, Bucket(error="AccessDenied"), monkeypatch).named({"release": "1"})
    artefacts = s3(place, Bucket(error="NoSuchKey"), monkeypatch)
    assert artefacts.named({"release": "1"}) == {"release": "1"}
    assert place.said[0].startswith("s3://releases/a b/1.tgz is not there: AWS get_object: so it is.")


def test_a_commit_is_fetched(place: Place) -> None:
    (place.base / "g").mkdir()
    repository = Repository(place.base / "g")
    artefacts = place.of(Source("git", str(repository.path)))
    first = artefacts.named({"release": "v1.0.0"})
    assert (first["artefact_ref"], first["artefact_version"]) == ("v1.0.0", "1.0.0")
    again = artefacts.named({"release": repository.first})
    assert again["artefact_digest"] == first["artefact_digest"] and "artefact_version" not in again
    artefacts.close()
    assert place.left() == []


def test_aws_connections() -> None:
    assert aws_from(None) == {} and aws_from({"region": "x"}) == {"region": "x"}
    with pytest.raises(InvalidInput, match="aws_connection is no mapping"):
        aws_from("x")
