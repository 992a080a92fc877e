"""All fault cases of release directories, in one table."""

from __future__ import annotations

from tests.faults_release_dir.case import MachineCase
from tests.faults_release_dir.rows import artefacts, commands, disks, others, releases, supervisors

CASES: tuple[MachineCase, ...] = (
    *releases.CASES,
    *supervisors.CASES,
    *disks.CASES,
    *artefacts.CASES,
    *others.CASES,
    *commands.CASES,
)
BY_ID = {case.id: case for case in CASES}
