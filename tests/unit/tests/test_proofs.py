from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.proofs import plugin
from tests.proofs.record import Proof, covered_paths, names_row, write

PROVED = """
import pytest

@pytest.mark.procedure("SU-10")
def test_roll_back(prove_procedure):
    entries = [{"runbook": "rollback", "event": "opened", "procedures": ["SU-10"]}]
    prove_procedure("SU-10", "rollback", entries, "the API's own /version said 1.7.0")
    assert OUTCOME
"""


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[Proof]:
    proofs: list[Proof] = []
    monkeypatch.setattr(plugin, "write", proofs.extend)
    monkeypatch.setattr(plugin, "covered_paths", lambda runbook, test: (f"roles/{runbook}", test))
    return proofs


def run(pytester: pytest.Pytester, source: str) -> pytest.RunResult:
    pytester.makepyfile(test_it=source)
    pytester.makeini("[pytest]\nmarkers = procedure(row)")
    return pytester.runpytest_inprocess("-p", "tests.proofs.plugin", "-p", "no:cacheprovider", "--record-proofs")


def test_a_passed_test_leaves_its_proof(pytester: pytest.Pytester, written: list[Proof]) -> None:
    run(pytester, PROVED.replace("OUTCOME", "True")).assert_outcomes(passed=1)
    assert [(proof.row, proof.runbook, proof.test) for proof in written] == [
        ("SU-10", "rollback", "test_it.py::test_roll_back")
    ]
    assert written[0].observation == "the API's own /version said 1.7.0"


def test_a_failed_test_proves_nothing(pytester: pytest.Pytester, written: list[Proof]) -> None:
    run(pytester, PROVED.replace("OUTCOME", "False")).assert_outcomes(failed=1)
    assert written == []


def test_a_failed_teardown_proves_nothing(pytester: pytest.Pytester, written: list[Proof]) -> None:
    fixture = "\n@pytest.fixture(autouse=True)\ndef lab():\n    yield\n    raise RuntimeError('still running')\n"
    run(pytester, PROVED.replace("OUTCOME", "True") + fixture).assert_outcomes(passed=1, errors=1)
    assert written == []


def test_a_mark_without_a_proof_is_a_failure(pytester: pytest.Pytester, written: list[Proof]) -> None:
    source = 'import pytest\n\n@pytest.mark.procedure("SU-10")\ndef test_nothing():\n    pass\n'
    result = run(pytester, source)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*marked procedure ?'SU-10'? but prove_procedure was not called for it*"])
    assert written == []


def test_a_journal_that_does_not_name_the_row_is_a_failure(pytester: pytest.Pytester, written: list[Proof]) -> None:
    run(pytester, PROVED.replace('"procedures": ["SU-10"]', '"procedures": ["SU-12"]')).assert_outcomes(failed=1)
    assert written == []


def test_only_the_claiming_runbook_counts() -> None:
    entries = [{"runbook": "deploy", "procedures": ["SU-10"]}]
    assert names_row(entries, "deploy", "SU-10")
    assert not names_row(entries, "rollback", "SU-10")


def test_a_proof_covers_role_playbook_modules_and_test(tmp_path: Path) -> None:
    for name, text in {
        "roles/rollback/tasks/apprunner.yml": "- name: X\n  steady.ops.apprunner_deploy:\n    state: rolled_back\n",
        "playbooks/rollback.yml": "- hosts: services\n  tasks:\n    - steady.ops.guard: {runbook: rollback}\n",
        "plugins/modules/apprunner_deploy.py": "",
        "plugins/modules/guard.py": "",
        "plugins/modules/http_health.py": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert covered_paths("rollback", "tests/integration/test_rollback.py", tmp_path) == (
        "playbooks/rollback.yml",
        "plugins/modules/apprunner_deploy.py",
        "plugins/modules/guard.py",
        "roles/rollback",
        "tests/integration/test_rollback.py",
    )


def test_older_proofs_of_other_rows_stay(tmp_path: Path) -> None:
    (tmp_path / "play.yml").write_text("")
    for row in ("SU-12", "SU-10"):
        write([Proof(row, "rollback", "t.py::test", "seen from outside by curl", ("play.yml",))], tmp_path)
    rows = json.loads((tmp_path / "docs" / "proofs.json").read_text())["rows"]
    assert list(rows) == ["SU-10", "SU-12"]
    assert sorted(rows["SU-10"]) == ["observation", "paths", "recorded_at", "runbook", "test", "tree"]
