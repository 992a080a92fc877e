"""The module inventory_check, in process: red and green, and no value in what it returns."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.steady.ops.plugins.module_utils._inventory.vocabulary import GROUPS
from ansible_collections.steady.ops.plugins.modules import inventory_check

API = {
    "name": "api",
    "groups": ["lab", "services"],
    "system": "accu",
    "environment": "lab",
    "kind": "http",
    "platform": "kubernetes",
    "variables": ["ops_system"],
}


def run(capsys: pytest.CaptureFixture[str], *, groups: tuple[str, ...] = (), **options: Any) -> dict[str, Any]:
    facts = {"groups": ["all", "ungrouped", *GROUPS, "lab", *groups], "hosts": [API | options.pop("changes", {})]}
    with patch_module_args({"facts": facts, **options}), pytest.raises(SystemExit):
        inventory_check.main()
    return dict(json.loads(capsys.readouterr().out))


def test_an_inventory_in_order_is_green(capsys: pytest.CaptureFixture[str]) -> None:
    result = run(capsys)
    assert (result["changed"], result["findings"], result["lines"], result["verdict"]) == (False, [], [], "ok")
    assert result["msg"] == "The inventory states everything that is required."


def test_a_missing_fact_is_red_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    result = run(capsys, changes={"missing": {"api_url": "nobody has stated it"}})
    assert result["failed"] is True
    assert (result["msg"], result["verdict"]) == ("1 fact is missing or wrong in the inventory.", "critical")
    assert result["lines"] == ["api_url is missing for api: nobody has stated it. State it in group_vars/lab.yml."]
    assert result["findings"][0]["value"] == "api_url"


def test_it_can_go_on_whatever_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    missing = {"api_url": "nobody has stated it", "kube_context": "nobody has stated it"}
    result = run(capsys, changes={"missing": missing}, groups=("queues",), fail_on="never", _ansible_check_mode=True)
    assert "failed" not in result
    assert result["msg"] == "2 facts are missing or wrong in the inventory (and 1 to look at)."


def test_something_to_look_at_is_red_only_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    result = run(capsys, groups=("queues",))
    assert "failed" not in result
    assert result["msg"] == "The inventory states everything that is required (and 1 to look at)."
    assert result["lines"][0].startswith("To look at: No play knows the group queues. ")
    assert run(capsys, groups=("queues",), fail_on="warning")["failed"] is True


def test_wrong_facts_are_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with patch_module_args({"facts": {"hosts": []}}), pytest.raises(SystemExit):
        inventory_check.main()
    result = json.loads(capsys.readouterr().out)
    assert result["failed"] is True and "steady.ops.inventory_facts" in result["msg"]
