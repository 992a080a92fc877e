"""What the tests of ledgers share."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.steady.ops.plugins.plugin_utils._ledger.ledger import (
    Ledger,
    initialise,
)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return initialise(url(tmp_path), "toy", "lab")[0]


def url(base: Path) -> str:
    return f"file://{base}/ledger"
