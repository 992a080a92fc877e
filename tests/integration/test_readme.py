"""The README's first success, as printed: its inventory and its commands, against an App Runner fake of the test's own.

Replaced are only what a reader replaces: account, URL and the ledger's directory. The verdict comes from the service's
own answers.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import urllib.request
from pathlib import Path

from lab.fakes.apprunner.control import start

ROOT = Path(__file__).resolve().parents[2]
SCALE = 400
# command (its end) -> what the service answers afterwards
STORY = [
    ("-e ledger_action=initialise", "1.0.0"),
    ("playbooks/inventory_check.yml", "1.0.0"),
    ("-e deploy_action=adopt", "1.0.0"),
    ("-e deploy_release=2.0.0 --check --diff", "1.0.0"),
    ("-e deploy_release=2.0.0", "2.0.0"),
    ("playbooks/rollback.yml", "1.0.0"),
    ("playbooks/releases.yml", "1.0.0"),
]


def commands(readme: str) -> list[str]:
    """Return the commands on the reader's own inventory, in order."""
    return re.findall(r"^(\.venv/bin/ansible-playbook .*-i mine/production\.yml.*)$", readme, re.MULTILINE)


def write_inventory(readme: str, target: Path, replaced: dict[str, str]) -> None:
    """Write the files that the README prints, with what a reader puts in place of its names."""
    for name, text in re.findall(r"```yaml\n# (mine/\S+)\n(.*?)```", readme, re.DOTALL):
        for old, new in replaced.items():
            text = text.replace(old, new)
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_the_first_success_is_as_printed(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    printed = commands(readme)
    assert [told for told, _rest in STORY] == [
        told for (told, _rest), command in zip(STORY, printed, strict=True) if told in command
    ]

    with start(tmp_path / "fake", SCALE, region="eu-west-1") as fake:
        for version in ("1.0.0", "2.0.0"):
            fake.control.put_image("my-images", version, version)
        service = fake.control.create_service("my-api", "my-images:1.0.0")
        account = str(service["arn"]).split(":")[4]
        names = {
            "https://abcdefghij.eu-west-1.awsapprunner.com": str(service["url"]),
            "123456789012": account,
            "/var/lib/steady/mine": str(tmp_path / "ledger"),
            "# ops_ledger_persistent": "ops_ledger_persistent",  # tests may run in a container
        }
        write_inventory(readme, tmp_path, names)
        given = {"AWS_ENDPOINT_URL": fake.endpoint, "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
        for command, (_rest, version) in zip(printed, STORY, strict=True):
            words = command.replace("mine/production.yml", "INVENTORY").split()
            words = [str(tmp_path / "mine/production.yml") if word == "INVENTORY" else word for word in words]
            done = subprocess.run(
                words,
                cwd=ROOT,
                # a home of its own: it remembers the ledgers that were used, and the next test run makes this one anew
                env={**os.environ, **given, "LC_ALL": "C.UTF-8", "ANSIBLE_HOME": str(tmp_path / "home")},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                text=True,
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
            with urllib.request.urlopen(f"{service['url']}/health", timeout=10) as answer:
                assert json.load(answer)["version"] == version, f"after {command}\n{done.stdout}"
        # the only changes: the deployment and the rollback
        assert [row["operation"] for row in fake.control.requests(mutating=True)] == ["UpdateService"] * 2
