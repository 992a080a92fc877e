"""What every test layer shares. The collection root is on sys.path (pyproject.toml, ``pythonpath``)."""

from __future__ import annotations

from hypothesis import settings
from hypothesis.database import DirectoryBasedExampleDatabase

pytest_plugins = ["pytester", "tests.proofs.plugin", "tests.soak.plugin"]

# no deadline: the machine that runs the tests may be busy
settings.register_profile("steady", deadline=None, database=DirectoryBasedExampleDatabase(".cache/hypothesis"))
settings.load_profile("steady")
