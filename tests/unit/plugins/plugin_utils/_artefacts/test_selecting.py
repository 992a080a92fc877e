"""C(component_options.artefact), and which artefact a task asks for."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.plugin_utils._artefacts.selecting import (
    Asked,
    Source,
    asked,
    bucket_and_key,
    named,
    place_of,
    source_from,
    version_of,
)

DIGEST = "sha256:" + "ab" * 32
ARCHIVE = Source("archive", "/srv/app-{release}.tar.gz", {"1.8.0": DIGEST})
GIT = Source("git", "https://git.example/app.git")
RECORD = {"kind": "release", "id": "abababababab", "ref": "1.8.0", "digest": DIGEST}


def source(**given: Any) -> Source | None:
    return source_from({"path": "/opt/app", "artefact": given})


@pytest.mark.parametrize("options", [None, {}, {"path": "/opt/app"}, {"artefact": None}, {"artefact": {}}, "text"])
def test_a_component_without_one(options: object) -> None:
    assert source_from(options) is None


def test_what_is_read() -> None:
    assert source(archive="/srv/app-{release}.tar.gz", digests={"1.8.0": "AB" * 32}) == ARCHIVE
    assert source(s3="s3://releases/app/{release}.tgz", strip=1, version="") == Source(
        "s3", "s3://releases/app/{release}.tgz", strip=1, version=""
    )
    assert source(git="git@git.example:app.git", token_file="~/token") == Source(
        "git", "git@git.example:app.git", token_file="~/token"
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("text", "component_options.artefact is no mapping"),
        ({"archive": "/a-{release}", "s3": "s3://b/{release}"}, "names not exactly one of archive, s3 and git"),
        ({"strip": 1}, "names not exactly one of archive, s3 and git"),
        ({"archive": "/a-{release}", "url": 1, "ftp": 2}, "does not know ftp, url"),
        ({"archive": "/srv/app.tar.gz"}, "artefact.archive has no {release} in it"),
        ({"archive": "app-{release}.tar.gz"}, "is no absolute path"),
        ({"s3": "releases/{release}.tgz"}, "'releases/{release}.tgz' is no s3://bucket/key"),
        ({"git": "--upload-pack=id"}, "artefact.git is no plain address"),
        ({"git": "ext::sh -c id"}, "artefact.git is no plain address"),
        ({"git": "https://me:canary-7c1f@git.example/app"}, "without a password; name a token_file instead"),
        ({"archive": "/a-{release}", "digests": {"1.8.0": "md5:1"}}, "digests has no SHA-256 for '1.8.0'"),
        ({"archive": "/a-{release}", "digests": [1]}, "has digests or strip of a wrong kind"),
        ({"archive": "/a-{release}", "strip": -1}, "has digests or strip of a wrong kind"),
        ({"archive": "/a-{release}", "strip": "1"}, "has digests or strip of a wrong kind"),
    ],
)
def test_what_is_refused(given: object, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        source_from({"artefact": given})
    assert said in str(refused.value) and "canary" not in str(refused.value)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"release": ""},
        {"release": "1.8.0", "state": "rolled_back"},
        {"release": "1.8.0", "state": "adopted"},
        {"release": "1.8.0", "artefact_digest": DIGEST},
        {"release": "1.8.0", "artefact_path": "/there"},
        {"release": DIGEST, "history": [{"kind": "served"}, "nonsense"]},
    ],
)
def test_a_task_that_needs_none(options: dict[str, Any]) -> None:
    assert asked(ARCHIVE, options) is None


def test_a_release_by_name_and_one_by_what_the_ledger_says() -> None:
    assert asked(ARCHIVE, {"release": "1.8.0", "state": "deployed"}) == Asked("1.8.0", DIGEST)
    assert asked(ARCHIVE, {"release": "1.9.0"}) == Asked("1.9.0")
    history = [{"kind": "release", "id": "abababababab"}, RECORD]
    for name in ("abababababab", DIGEST, DIGEST.removeprefix("sha256:")):
        assert asked(GIT, {"release": name, "history": history}) == Asked("1.8.0", DIGEST, recorded=True)


HOSTILE = ["a b", "a'b", 'a"b', "a;b", "-rf", "$(id)", "ä", "a{release}b", "a\\b", "*"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_strange_name_is_a_name(name: str) -> None:
    assert asked(ARCHIVE, {"release": name}) == Asked(name)
    assert place_of(ARCHIVE, name) == f"/srv/app-{name}.tar.gz"


@pytest.mark.parametrize("name", ["../../etc/shadow", "a/b", ".", "..", "a\nb", "a\x00b", "a\x7fb"])
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be part of a path"):
        asked(ARCHIVE, {"release": name})


def test_a_tag_may_have_directories() -> None:
    assert asked(GIT, {"release": "release/1.8.0"}) == Asked("release/1.8.0")
    with pytest.raises(InvalidInput):
        asked(GIT, {"release": "a\nb"})


def test_buckets() -> None:
    assert bucket_and_key("s3://releases/a b/ä;.tgz") == ("releases", "a b/ä;.tgz")


@pytest.mark.parametrize(
    ("kind", "version", "name", "answered"),
    [
        ("archive", None, "1.8.0", "1.8.0"),
        ("git", None, "v1.8.0", "1.8.0"),
        ("archive", None, "vendor", "vendor"),
        ("git", None, "0c1d2e3f4a5b", None),
        ("archive", None, "20261121", "20261121"),
        ("git", "{release}", "v1.8.0", "v1.8.0"),
        ("archive", "app {release}", "2", "app 2"),
        ("archive", "", "1.8.0", None),
    ],
)
def test_what_a_release_answers(kind: str, version: str | None, name: str, answered: str | None) -> None:
    assert version_of(Source(kind, "x", version=version), name) == answered


def test_what_the_task_states_itself_stays() -> None:
    assert named({"release": "1.8.0", "artefact_strip": None}, ARCHIVE, "1.8.0", DIGEST) == {
        "release": "1.8.0",
        "artefact_ref": "1.8.0",
        "artefact_version": "1.8.0",
        "artefact_digest": DIGEST,
    }
    deep = Source("git", "x", strip=2)
    options = named({"artefact_version": "2", "artefact_ref": "two"}, deep, "v1.8.0", DIGEST)
    assert (options["artefact_version"], options["artefact_ref"], options["artefact_strip"]) == ("2", "two", 2)
