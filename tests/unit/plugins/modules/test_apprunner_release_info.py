"""The module that lists releases, in process."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.steady.ops.plugins.module_utils._aws import driver
from ansible_collections.steady.ops.plugins.module_utils._errors import AccessDenied
from ansible_collections.steady.ops.plugins.modules import apprunner_release_info
from tests.unit.plugins.module_utils._platform.apprunner.cloud import Cloud, digest

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    made = Cloud()
    monkeypatch.setattr(apprunner_release_info, "connect", lambda client, call: made.api())
    return made


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run_module(**options: Any) -> dict[str, Any]:
        with patch_module_args({"service": "shop-api", **options}), pytest.raises(SystemExit):
            apprunner_release_info.main()
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        return result

    return run_module


def known(*names: str) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = []
    for name in names:
        id = digest(name)[7:19]
        kept.append({"kind": "release", "component": "api", "digest": digest(name), "version": name})
        kept.append({"kind": "verdict", "component": "api", "release": id, "verdict": "verified"})
        kept.append({"kind": "served", "component": "api", "release": id, "at": "2026-11-21T02:58:07Z"})
    return kept


@pytest.mark.parametrize("check_mode", [False, True])
def test_what_served_last_first(cloud: Cloud, run: Run, check_mode: bool) -> None:
    result = run(history=known("1.9.0", "1.8.0"), _ansible_check_mode=check_mode)
    assert (result["changed"], result["findings"]) == (False, [])
    assert [(item["version"], item["serving"], item["artefact"]) for item in result["releases"]] == [
        ("1.8.0", True, "present"),
        ("1.9.0", False, "present"),
    ]
    assert "serves now" in result["lines"][1]
    assert len(result["lines"]) == 3
    assert cloud.sent == []


def test_nothing_is_recorded(cloud: Cloud, run: Run) -> None:
    result = run()
    assert result["releases"] == []
    assert result["next"] == {"playbook": "deploy", "variables": {"deploy_action": "adopt"}}
    assert [finding["id"] for finding in result["findings"]] == ["unrecorded"]


def test_an_artefact_that_cannot_be_asked_for_is_unknown(cloud: Cloud, run: Run) -> None:
    cloud.errors["describe_images"] = [AccessDenied("No right to read images")] * 2
    result = run(history=known("1.9.0", "1.8.0"))
    assert [item["artefact"] for item in result["releases"]] == ["unknown", "unknown"]
    assert [finding["id"] for finding in result["findings"]] == ["no_way_back"]


def test_a_corrupt_history_is_one_sentence(cloud: Cloud, run: Run) -> None:
    result = run(history=[{"component": "api"}])
    assert result["failed"]
    assert result["msg"].startswith("The option history is corrupt: record 1 of api lacks or misstates 'kind'.")


def test_boto3_is_missing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "HAS_BOTO3", False)
    assert run()["msg"] == (
        "The Python package boto3 is missing where this module runs. Install it: pip install boto3."
    )


def test_an_unknown_history_is_not_an_empty_one(cloud: Cloud, run: Run) -> None:
    result = run(history_unknown="The ledger is gone.")
    assert (result["releases"], result["changed"]) == ([], False)
    assert result["lines"][0] == "unknown: The recorded history is unknown: The ledger is gone."
    assert not any("No release is recorded" in line for line in result["lines"])
    assert [finding["id"] for finding in result["findings"]] == ["history", "serving"]


def test_what_is_unfinished_is_one_line(cloud: Cloud, run: Run) -> None:
    change = {"from_release": None, "to_release": {"digest": digest("1.9.0"), "version": "1.9.0"}}
    intent = {"kind": "intent", "run": "01B", "runbook": "deploy", "state": "open", "at": "2026-11-21T02:00:00Z"}
    result = run(history=[*known("1.8.0"), {**intent, "components": {"api": change}}])
    told = f"warning: unfinished: deploy of 1.9.0 ({digest('1.9.0')[7:19]}) since 2026-11-21T02:00:00Z (run 01B)"
    remedy = "Wait for that run; when it was killed, the next deploy or rollback of api settles it."
    assert result["lines"].count(f"{told}. {remedy}") == 1
