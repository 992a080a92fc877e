"""What every test layer shares. The collection root is on sys.path (pyproject.toml, ``pythonpath``)."""

from __future__ import annotations

pytest_plugins = ["pytester", "tests.proofs.plugin", "tests.soak.plugin"]
