"""Running a module that only looks in this process."""

from __future__ import annotations

import json
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

CLOSED = 9


def run(module: Any, **options: Any) -> dict[str, Any]:
    """Return the module's result."""
    said = StringIO()
    with redirect_stdout(said), patch_module_args(options), pytest.raises(SystemExit):
        module.main()
    result: dict[str, Any] = json.loads(said.getvalue())
    return result


def assert_unknown_and_red(result: dict[str, Any], id: str, noun: str) -> None:
    """Nobody answered: no data is unknown, and unknown is red."""
    assert (result["failed"], result["changed"], result["severity"]) == (True, False, "unknown")
    assert [finding["id"] for finding in result["findings"]] == [id]
    assert noun in result
