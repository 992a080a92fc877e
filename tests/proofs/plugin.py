"""Pytest plugin: a test that carries ``@pytest.mark.procedure("SU-10")`` proves that row of the procedure map.

The test runs the claiming runbook's playbook, looks at the world by its own means, and hands both to the fixture
``prove_procedure``. With ``--record-proofs`` the proofs of the tests that passed are written to docs/proofs.json.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from tests.proofs.record import Proof, covered_paths, names_row, write

ProveProcedure = Callable[[str, str, Iterable[dict[str, Any]], str], None]
PROOFS = pytest.StashKey[list[dict[str, Any]]]()
CALL_PASSED = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record-proofs", action="store_true", help="write proofs of passed tests to docs/proofs.json")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Attach the proofs to the report of the call phase: under xdist only reports reach the process that writes."""
    report = yield
    if report.when == "call" and report.passed:
        claimed = {mark.args[0] for mark in item.iter_markers("procedure")}
        proofs = item.stash.get(PROOFS, [])
        missing = claimed - {proof["row"] for proof in proofs}
        if missing:
            report.outcome = "failed"
            report.longrepr = f"marked procedure {sorted(missing)} but prove_procedure was not called for it"
        else:
            report.user_properties.extend(("proof", proof) for proof in proofs)
    return report


class Recorder:
    """Collects the proofs of passed tests and writes them when the session ends."""

    def __init__(self) -> None:
        self.proofs: dict[str, list[Proof]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.proofs.pop(report.nodeid, None)
        elif report.when == "call":
            found = [Proof(**value) for name, value in report.user_properties if name == "proof"]
            if found:
                self.proofs[report.nodeid] = found

    def pytest_sessionfinish(self) -> None:
        write([proof for proofs in self.proofs.values() for proof in proofs])


def pytest_configure(config: pytest.Config) -> None:
    in_worker = hasattr(config, "workerinput")
    if config.getoption("--record-proofs") and not in_worker:
        config.pluginmanager.register(Recorder(), "steady-proofs")


@pytest.fixture
def prove_procedure(request: pytest.FixtureRequest) -> ProveProcedure:
    """Return ``prove(row, runbook, journal_entries, observation)``.

    ``journal_entries`` are the run's journal records as dictionaries; one of them must name the row in its
    ``procedures``. ``observation`` is one sentence: what the test itself saw, by means that are not our code.
    """

    def prove(row: str, runbook: str, journal_entries: Iterable[dict[str, Any]], observation: str) -> None:
        claimed = {mark.args[0] for mark in request.node.iter_markers("procedure")}
        assert row in claimed, f'the test lacks @pytest.mark.procedure("{row}")'
        assert names_row(journal_entries, runbook, row), f"no journal entry of runbook {runbook} names {row}"
        assert len(observation.split()) >= 4, "the observation is a sentence: what was seen, where, by what means"
        nodeid = request.node.nodeid
        proof = Proof(row, runbook, nodeid, observation, covered_paths(runbook, nodeid.split("::")[0]))
        request.node.stash.setdefault(PROOFS, []).append(proof.as_dict())

    return prove
