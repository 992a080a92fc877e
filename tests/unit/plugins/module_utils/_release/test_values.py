"""The values that deploy and rollback speak of."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ansible_collections.steady.ops.plugins.module_utils._release.values import (
    Ending,
    Observation,
    Operation,
    Release,
    Wanted,
    release_id,
)

DIGEST = "sha256:9be07a1c2d3e4f5061728394a5b6c7d8e9f00112233445566778899aabbccdde"


@pytest.mark.parametrize(
    ("digest", "id"), [(DIGEST, "9be07a1c2d3e"), ("9be07a1c2d3e4f", "9be07a1c2d3e"), ("sha256:ab", "ab"), ("", "")]
)
def test_an_id_is_the_beginning_of_the_digest(digest: str, id: str) -> None:
    assert release_id(digest) == id
    assert Release(digest).id == id


def test_a_label_is_what_people_know_it_by() -> None:
    assert Release(DIGEST, version="1.8.0").label == "1.8.0 (9be07a1c2d3e)"
    assert Release(DIGEST).label == "9be07a1c2d3e"


def test_a_release_as_the_ledger_keeps_it() -> None:
    release = Release(DIGEST, "api:1.8.0", "1.8.0", "20260914_01", {"url": "http://h"})
    assert release.as_dict() == {
        "id": "9be07a1c2d3e",
        "ref": "api:1.8.0",
        "digest": DIGEST,
        "version": "1.8.0",
        "schema_revision": "20260914_01",
        "probe": {"url": "http://h"},
    }


def test_the_probe_does_not_make_another_release() -> None:
    assert Release(DIGEST, probe={"url": "http://h"}) == Release(DIGEST)
    assert Release(DIGEST, version="1.8.0") != Release(DIGEST)


def test_an_operation_shows_the_times_that_are_known_in_utc() -> None:
    operation = Operation("op-1", "UPDATE_SERVICE", "PENDING", Ending.RUNNING)
    assert operation.as_dict() == {"id": "op-1", "type": "UPDATE_SERVICE", "status": "PENDING"}
    began = datetime(2026, 11, 21, 3, 58, 7, tzinfo=timezone(timedelta(hours=1)))
    timed = Operation("op-1", "UPDATE_SERVICE", "SUCCEEDED", Ending.SUCCEEDED, began, began + timedelta(minutes=1))
    assert timed.as_dict()["started_at"] == "2026-11-21T02:58:07Z"
    assert timed.as_dict()["ended_at"] == "2026-11-21T02:59:07Z"


def test_an_observation_without_a_digest_has_no_id() -> None:
    assert Observation(digest=DIGEST).release_id == "9be07a1c2d3e"
    assert Observation().release_id == ""


def test_the_component_is_the_last_part_of_the_object() -> None:
    assert Wanted("deploy", "smartunderwrite/production/api").component == "api"
    assert Wanted("deploy", "api").component == "api"
