"""All fault cases of App Runner, in one table."""

from __future__ import annotations

from tests.faults.case import Case
from tests.faults.rows import artefacts, calls, ledger, others, platform, releases, rollbacks

CASES: tuple[Case, ...] = (
    *releases.CASES,
    *platform.CASES,
    *calls.CASES,
    *artefacts.CASES,
    *others.CASES,
    *ledger.CASES,
    *rollbacks.CASES,
)
BY_ID = {case.id: case for case in CASES}
