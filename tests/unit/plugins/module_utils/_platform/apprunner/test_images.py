"""Image references, as a person writes them and as App Runner is configured."""

from __future__ import annotations

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import InvalidInput
from ansible_collections.steady.ops.plugins.module_utils._platform.apprunner.images import Reference, parse, select

REGISTRY = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
REPOSITORY = f"{REGISTRY}/shop/api"
DIGEST = "sha256:" + "9be07a1c2d3e4f50" * 4


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (f"{REPOSITORY}:1.8.0", Reference(REPOSITORY, "1.8.0")),
        (REPOSITORY, Reference(REPOSITORY, "latest")),
        (f"{REPOSITORY}@{DIGEST}", Reference(REPOSITORY, "", DIGEST)),
        (f"{REPOSITORY}:1.8.0@{DIGEST}", Reference(REPOSITORY, "1.8.0", DIGEST)),
        ("api:", Reference("api", "latest")),
        ("localhost:5000/api", Reference("localhost:5000/api", "latest")),
        ("localhost:5000/api:1", Reference("localhost:5000/api", "1")),
    ],
)
def test_a_full_identifier(written: str, expected: Reference) -> None:
    assert parse(written) == expected


@pytest.mark.parametrize("written", ["", ":1.8.0", "api:not a tag", "api :1", "api:-x", "api\n:1"])
def test_what_is_no_identifier(written: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(written)
    assert str(caught.value) == f"{written!r} is no image reference. Write <repository>:<tag> or a digest."


def test_what_is_no_digest() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse("api@sha256:9be07a")
    assert str(caught.value) == "'sha256:9be07a' is no image digest. Write sha256: and 64 hexadecimal digits."


def test_how_it_is_written() -> None:
    assert Reference(REPOSITORY, "1.8.0").text == f"{REPOSITORY}:1.8.0"
    assert Reference(REPOSITORY, "1.8.0", DIGEST).text == f"{REPOSITORY}@{DIGEST}"
    assert Reference(REPOSITORY, "1.8.0", DIGEST).short == "api:1.8.0"
    assert Reference(REPOSITORY, "", DIGEST).short == "api@sha256:9be07a1c2d3e"


def test_its_place_in_ecr() -> None:
    assert (Reference(REPOSITORY).registry_id, Reference(REPOSITORY).name) == ("123456789012", "shop/api")
    chinese = f"{REGISTRY}.cn/api"
    assert (Reference(chinese).registry_id, Reference(chinese).name) == ("123456789012", "api")
    assert Reference("public.ecr.aws/x/api").registry_id is None


def test_other_registries_cannot_be_asked() -> None:
    with pytest.raises(InvalidInput) as caught:
        _rest = Reference("public.ecr.aws/x/api").name
    assert str(caught.value) == (
        "image_repository 'public.ecr.aws/x/api' is no private ECR repository."
        " Write <account>.dkr.ecr.<region>.amazonaws.com/<name>; images of other registries cannot be proved to exist."
    )


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("1.8.0", Reference(REPOSITORY, "1.8.0")),
        (DIGEST, Reference(REPOSITORY, "", DIGEST)),
        (f"{REPOSITORY}:1.8.0", Reference(REPOSITORY, "1.8.0")),
        ("api:1.8.0", Reference(REPOSITORY, "1.8.0")),
        (f"api@{DIGEST}", Reference(REPOSITORY, "", DIGEST)),
    ],
)
def test_what_a_person_names(selector: str, expected: Reference) -> None:
    assert select(selector, REPOSITORY) == expected


@pytest.mark.parametrize("selector", ["", "sha256:9be07a", "1.8.0 ", "-x", "a b:1", "$(reboot)", "x" * 129])
def test_what_names_no_image(selector: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        select(selector, REPOSITORY)
    assert str(caught.value).startswith(f"deploy_release {selector!r} ")


def test_neither_tag_nor_digest() -> None:
    with pytest.raises(InvalidInput) as caught:
        select("sha256:9be07a", REPOSITORY)
    assert str(caught.value) == (
        "deploy_release 'sha256:9be07a' is neither a tag nor a digest."
        " Write a tag such as 1.8.0, or sha256: and 64 hexadecimal digits."
    )


@pytest.mark.parametrize("selector", [f"{REGISTRY}/shop/web:1", "web:1", f"evil.example/api@{DIGEST}"])
def test_another_repository(selector: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        select(selector, REPOSITORY)
    assert str(caught.value) == (
        f"deploy_release {selector!r} lies in another repository than {REPOSITORY}."
        " Name a tag or digest of the component's image_repository."
    )
