"""tools/procedures.py: claimed, proved, stale, and what is wrong with a claim."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools import procedures
from tools.treehash import tree_hash

CATALOGUE = """---
# a comment stays
SU-08: {title: Deploy, system: smartunderwrite, capability: C06, runbook: null}
SU-10: {title: "Roll back, with a comma", system: smartunderwrite, capability: C07, also: [C06], runbook: null}
AN-01: {title: Architecture, system: asset_anchor, capability: C36, runbook: null}
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "procedures.yml").write_text(CATALOGUE)
    (tmp_path / "roles").mkdir()
    return tmp_path


def claim(house: Path, runbook: str, *rows: str) -> None:
    meta = house / "roles" / runbook / "meta"
    meta.mkdir(parents=True)
    (meta / "runbook.yml").write_text(f"purpose: for the test\nprocedures: [{', '.join(rows)}]\n")


def prove(house: Path, row: str, runbook: str, paths: list[str] | None = None) -> None:
    paths = [f"roles/{runbook}"] if paths is None else paths
    proof = {"runbook": runbook, "test": "t", "observation": "o", "paths": paths, "recorded_at": "2026-11-21T02:58:07Z"}
    rows = {row: proof | {"tree": tree_hash(paths, house)}}
    (house / "docs" / "proofs.json").write_text(json.dumps({"rows": rows}))


def run(house: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = procedures.main(arguments, house)
    return code, capsys.readouterr().out


def test_nothing_claimed_is_green_and_counts_every_row(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = run(house, capsys)
    assert code == 0
    assert out.splitlines()[-1] == "0 of 3 procedures live"
    assert "smartunderwrite        2          0          0          0          2" in out


def test_claimed_without_proof_is_red_and_named(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    claim(house, "rollback", "SU-10")
    code, out = run(house, capsys, "--claim")
    assert code == 1
    wanted = "NOT PROVED SU-10 Roll back, with a comma: rollback claims it and no recorded test proves it."
    assert wanted in out.splitlines()


def test_proved_is_live_until_what_it_covers_changes(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    claim(house, "rollback", "SU-10")
    prove(house, "SU-10", "rollback")
    code, out = run(house, capsys, "--claim")
    assert (code, out.splitlines()[-1]) == (0, "1 of 3 procedures live")
    assert "live SU-10 Roll back, with a comma: rollback" in out.splitlines()

    (house / "roles" / "rollback" / "tasks.yml").write_text("- changed")
    code, out = run(house, capsys)
    assert code == 0
    assert "STALE SU-10 Roll back, with a comma: what its proof covers has changed; run its test again." in out
    assert out.splitlines()[-1] == "0 of 3 procedures live"


@pytest.mark.parametrize("paths", [[], ["docs/procedures.yml"]])
def test_a_proof_by_another_runbook_or_over_nothing_proves_nothing(
    house: Path, capsys: pytest.CaptureFixture[str], paths: list[str]
) -> None:
    claim(house, "rollback", "SU-10")
    prove(house, "SU-10", "deploy" if paths else "rollback", paths)
    code, out = run(house, capsys, "--claim")
    assert code == 1 and "NOT PROVED SU-10" in out


def test_claiming_writes_the_map_and_leaves_the_rest_of_it_alone(
    house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    claim(house, "rollback", "SU-10")
    run(house, capsys, "--claim")
    text = (house / "docs" / "procedures.yml").read_text()
    row = 'SU-10: {title: "Roll back, with a comma", system: smartunderwrite, capability: C07, also: [C06], runbook: '
    assert text == CATALOGUE.replace(row + "null}", row + "rollback}")


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (["XX-99"], "WRONG rollback claims XX-99, which docs/procedures.yml does not list: correct its contract."),
        (
            ["SU-10"],
            "WRONG docs/procedures.yml says runbook null for SU-10, the contracts say rollback: "
            "run `python -m tools.procedures --claim`.",
        ),
    ],
)
def test_a_wrong_claim_is_red(house: Path, capsys: pytest.CaptureFixture[str], rows: list[str], sentence: str) -> None:
    claim(house, "rollback", *rows)
    code, out = run(house, capsys)
    assert code == 1 and sentence in out.splitlines()


def test_one_row_claimed_twice_is_red(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    claim(house, "deploy", "SU-10")
    claim(house, "rollback", "SU-10")
    code, out = run(house, capsys)
    assert code == 1
    assert "WRONG SU-10 is claimed by deploy and by rollback: leave it in the contract that runs it." in out


def test_another_repository_brings_its_rows_claims_and_proofs(
    house: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "docs").mkdir()
    row = "NO-01: {title: Nomad, system: sixth, capability: C06, runbook: nomad_deploy}\n"
    (other / "docs" / "procedures.yml").write_text(row)
    claim(other, "nomad_deploy", "NO-01")
    prove(other, "NO-01", "nomad_deploy")
    code, out = run(house, capsys, "--json", str(other / "roles"))
    found = json.loads(out)
    assert (code, found["red"], found["problems"]) == (0, False, [])
    assert found["rows"]["NO-01"]["state"] == "live"
    assert found["systems"]["sixth"] == {"live": 1}
