"""The permit and the result, as modules and plays read them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.module_utils._errors import Refused
from ansible_collections.steady.ops.plugins.module_utils._permit import Permit
from ansible_collections.steady.ops.plugins.plugin_utils._gates.request import passed, refused
from ansible_collections.steady.ops.plugins.plugin_utils._ledger.leases import Lease
from ansible_collections.steady.ops.plugins.plugin_utils._runs.shapes import permit_of, result_of, unit_of
from ansible_collections.steady.ops.plugins.plugin_utils._runs.units import Course
from tests.unit.plugins.plugin_utils._gates.gate_world import API, asks
from tests.unit.plugins.plugin_utils._ledger.lease_world import holder


def test_modules_take_the_permit(tmp_path: Path) -> None:
    lease = Lease(API, 7, holder("run", tmp_path), datetime.now(UTC))
    permit = permit_of(asks(), "01", tmp_path / "run", [lease])
    assert Permit.from_option(permit, check=False).object == API
    with pytest.raises(Refused, match="comes from a check run"):
        Permit.from_option(permit_of(asks(check=True), "01", tmp_path, []), check=False)
    assert Permit.from_option(permit_of(asks(check=True), "01", tmp_path, []), check=True).object == API


def test_what_may_be_said_of_a_run_that_passed_is_not_said_of_a_plan() -> None:
    found = Course((), (), (), ("fleet api: 1 of 2 hosts serve 2",))
    assert unit_of(found, {}, check=False)["told"] == ["fleet api: 1 of 2 hosts serve 2"]
    assert unit_of(found, {}, check=True)["told"] == []


def test_the_result_names_the_gates_that_did_not_simply_pass() -> None:
    result = result_of(asks(check=True), "01", [passed("a"), refused("hold", "b", "c")], "AWS 1")
    findings = result["findings"]
    assert isinstance(findings, list) and [finding["id"] for finding in findings] == ["gate.hold"]
    assert (result["mode"], result["lab"], result["target"], result["objects"]) == ("check", False, "AWS 1", [API])
