"""The module that lists releases of release directories, in process."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.steady.ops.plugins.module_utils._platform.release_dir import content
from ansible_collections.steady.ops.plugins.modules import release_dir_release_info
from tests.contract.results import check_result

Run = Callable[..., dict[str, Any]]
DIGESTS = {name: f"sha256:{name * 64}" for name in "ab"}


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run_module(**given: Any) -> dict[str, Any]:
        supervisor = {"kind": "command", "start": ["true"], "status": ["false"]}
        options = {"path": str(tmp_path / "api"), "supervisor": supervisor, **given}
        with patch_module_args(options), pytest.raises(SystemExit):
            release_dir_release_info.main()
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        if not result.get("failed"):
            check_result("release_dir_release_info", result)
        return result

    return run_module


def known(*names: str) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = []
    for name in names:
        id = name * 12
        kept.append({"kind": "release", "component": "api", "digest": DIGESTS[name], "version": name})
        kept.append({"kind": "verdict", "component": "api", "release": id, "verdict": "verified"})
        kept.append({"kind": "served", "component": "api", "release": id, "at": "2026-11-21T02:58:07Z"})
    return kept


@pytest.mark.parametrize("check_mode", [False, True])
def test_what_served_last_first(tmp_path: Path, run: Run, check_mode: bool) -> None:
    directory = tmp_path / "api/releases" / ("b" * 12)
    directory.mkdir(parents=True)
    metadata = {"digest": DIGESTS["b"], "finished": True, "tree": content.tree_hash({})}
    (directory / ".steady-release.json").write_text(json.dumps(metadata))
    (directory / ".steady-content.json").write_text('{"tree": {}}')
    (tmp_path / "api/current").symlink_to(f"releases/{'b' * 12}")
    result = run(history=known("a", "b"), _ansible_check_mode=check_mode)
    assert [(item["version"], item["serving"], item["artefact"]) for item in result["releases"]] == [
        ("b", True, "present"),
        ("a", False, "gone"),
    ]
    assert [finding["id"] for finding in result["findings"]] == ["no_way_back"]
    assert "serves now" in result["lines"][1]


def test_nothing_yet(run: Run) -> None:
    result = run()
    assert (result["changed"], result["releases"], result["findings"]) == (False, [], [])
    assert result["lines"] == ["No release is recorded; adopting what serves begins."]


def test_an_unknown_history_is_not_an_empty_one(run: Run) -> None:
    result = run(history_unknown="The ledger is gone.")
    assert (result["releases"], result["next"]) == ([], {})
    assert result["lines"][0] == "unknown: The recorded history is unknown: The ledger is gone."


def test_an_option_that_is_wrong(run: Run) -> None:
    assert "supervisor.unit is empty" in run(supervisor={"kind": "systemd"})["msg"]
