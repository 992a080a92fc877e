"""The lookup `steady.ops.lab`: where it looks, what it returns, and what it says when there is nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleError

from ansible_collections.steady.ops.plugins.lookup.lab import LookupModule

STATUS: dict[str, Any] = {
    "parts": {
        "postgres": {"state": "up", "port": 20001, "databases": {"accu": {"user": "accu_user"}}},
        "redis": {"state": "down"},
    },
    "scale": 20,
    "ledger": "/somewhere/ledger",
}


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with spaces in its path, whose lab is up, and no other lab in sight."""
    folder = tmp_path / "my checkout"
    (folder / ".lab").mkdir(parents=True)
    (folder / "inventories/accu").mkdir(parents=True)
    (tmp_path / "password").write_text("s3cret word")
    parts = {"postgres": {**STATUS["parts"]["postgres"], "password_file": str(tmp_path / "password")}}
    write(folder, {**STATUS, "checkout": str(folder), "parts": {**STATUS["parts"], **parts}})
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.delenv("STEADY_LAB", raising=False)
    return folder


def write(checkout: Path, status: Any) -> None:
    (checkout / ".lab/status.json").write_text(json.dumps(status))


def look(*terms: str, **variables: Any) -> list[Any]:
    return LookupModule().run(list(terms), variables=variables)


@pytest.mark.parametrize(
    ("term", "value"),
    [
        ("postgres.port", 20001),
        ("postgres.password", "s3cret word"),
        ("postgres.databases.accu.user", "accu_user"),
        ("ledger", "/somewhere/ledger"),
        ("scale", 20),
    ],
)
def test_values_keep_their_type(checkout: Path, term: str, value: Any) -> None:
    assert look(term, inventory_dir=str(checkout / "inventories/accu")) == [value]


@pytest.mark.parametrize("variable", ["inventory_dir", "playbook_dir"])
def test_it_searches_upward_from_the_inventory_and_the_playbook(checkout: Path, variable: str) -> None:
    assert look("scale", **{variable: str(checkout / "inventories/accu")}) == [20]


def test_an_inventory_given_as_a_file_counts_and_a_list_of_hosts_does_not(checkout: Path) -> None:
    sources = ["localhost,", str(checkout / "inventories/accu/lab.yml")]
    assert look("scale", ansible_inventory_sources=sources) == [20]


def test_it_searches_upward_from_the_current_directory(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(checkout / "inventories")
    assert look("scale") == [20]


def test_the_inventory_comes_before_the_current_directory(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere/.lab").mkdir()
    write(tmp_path / "elsewhere", {**STATUS, "scale": 1})
    assert look("scale") == [1]
    assert look("scale", inventory_dir=str(checkout)) == [20]


@pytest.mark.parametrize("named", ["", ".lab", ".lab/status.json"])
def test_the_environment_overrides(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    (tmp_path / "elsewhere/.lab").mkdir()
    write(tmp_path / "elsewhere", {**STATUS, "scale": 1})
    monkeypatch.setenv("STEADY_LAB", str(checkout / named))
    assert look("scale") == [20]


def sentence(*terms: str, **variables: Any) -> str:
    with pytest.raises(AnsibleError) as caught:
        look(*terms, **variables)
    return str(caught.value)


def test_no_lab(checkout: Path, tmp_path: Path) -> None:
    (checkout / ".lab/status.json").unlink()
    assert sentence("scale", inventory_dir=str(checkout)) == (
        f"The lab is not up (no .lab/status.json found upward from {checkout}, {tmp_path}/elsewhere): "
        "start it with `make lab`."
    )


def test_the_environment_names_nothing(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEADY_LAB", str(tmp_path / "nowhere"))
    assert sentence("scale", inventory_dir=str(checkout)) == (
        f"The lab is not up (no status.json found at {tmp_path}/nowhere, which STEADY_LAB names): "
        "start it with `make lab`."
    )


@pytest.mark.parametrize(
    ("term", "said"),
    [
        ("redis.port", "lookup('steady.ops.lab', 'redis.port'): the lab's redis is not up: start it with `make lab`."),
        ("postgres.prt", "there is no prt, only databases, password_file, port, state: correct the name."),
        ("postgres.port.high", "there is no high, only nothing below it: correct the name."),
        ("kafka.port", "the lab has no kafka, only checkout, ledger, postgres, redis, scale: start it with `make lab`"),
        ("parts", "the lab has no parts"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(checkout: Path, term: str, said: str) -> None:
    assert said in sentence(term, inventory_dir=str(checkout))


def test_an_unreadable_password_is_said_without_a_value(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "password").unlink()
    assert "the file cannot be read" in sentence("postgres.password", inventory_dir=str(checkout))


@pytest.mark.parametrize("content", ["", "{", "[]", '{"parts": 3}'])
def test_a_damaged_file_is_not_a_lab(checkout: Path, content: str) -> None:
    (checkout / ".lab/status.json").write_text(content)
    assert sentence("scale", inventory_dir=str(checkout)).startswith(f"The lab's {checkout}/.lab/status.json ")


def test_the_lab_of_another_checkout_is_refused(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy/.lab").symlink_to(checkout / ".lab")
    assert sentence("scale", inventory_dir=str(tmp_path / "copy")) == (
        f"The lab that {tmp_path}/copy/.lab points to belongs to {checkout}: start it with `make lab` in this checkout."
    )
