"""inventory_check.yml on an inventory outside this repository, through ansible-runner: red with names, then green."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import ansible_runner

from tools.treehash import ROOT

FACTS = """
ops_ledger: file://{ledger}
ops_contacts: {{owner: somebody}}
ops_urls: {{status_page: none}}
api_url: http://127.0.0.1:9
api_image_repository: repository/smartunderwrite-api
"""


def play(name: str, inventory: Path, private: Path, *more: str) -> tuple[int, str]:
    """Run a playbook; return its exit code and what a person saw."""
    private.mkdir()
    seen, _rest, code = ansible_runner.run_command(
        private_data_dir=str(private),
        executable_cmd=str(Path(sys.executable).parent / "ansible-playbook"),
        cmdline_args=[f"playbooks/{name}.yml", "-i", str(inventory), *more],
        host_cwd=str(ROOT),
        # a home of its own: it remembers the ledgers that were used, and the next test run makes this one anew
        envvars={"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_HOME": str(private / "home")},
        quiet=True,
    )
    return int(code), str(seen)


def test_a_missing_fact_is_named_until_it_is_stated(tmp_path: Path) -> None:
    outside = tmp_path / "their inventories" / "smartunderwrite"
    shutil.copytree(ROOT / "inventories" / "smartunderwrite", outside)
    values = outside / "group_vars" / "staging.yml"
    code, seen = play("inventory_check", outside / "staging.yml", tmp_path / "first")
    assert code == 2
    assert "api_url is missing for api: nobody has stated it. State it in group_vars/staging.yml." in seen
    assert "documents_bucket is missing for documents" in seen

    page = values.read_text().replace("api_identity: {", "api_service: api\napi_identity: {aws_account: '1', ")
    page = page.replace("documents_identity: {", "documents_bucket: documents\ndocuments_identity: {aws_account: '1', ")
    page = page.replace("database_connection: {", "database_connection: {login_host: 127.0.0.1, login_user: someone, ")
    values.write_text(page + FACTS.format(ledger=tmp_path / "ledger"))
    initialise = ("-e", "ledger_action=initialise")
    assert play("ledger", outside / "staging.yml", tmp_path / "ledger run", *initialise)[0] == 0
    code, seen = play("inventory_check", outside / "staging.yml", tmp_path / "second")
    assert code == 0, seen
    assert "The inventory states everything that is required." in seen
