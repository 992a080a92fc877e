"""tools/release.py: the list of what an installation holds, the checksums, and a trial that can fail."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tools.release import write_checksums
from tools.release_trial import Trial, TrialFailed
from tools.sbom import sbom


def test_the_list_holds_the_tarball_and_every_package_with_what_it_needs(tmp_path: Path) -> None:
    tarball = tmp_path / "steady-ops-1.2.3.tar.gz"
    tarball.write_bytes(b"a tarball")
    written = json.loads(sbom(tarball, "1.2.3", ["boto3", "psycopg[binary]>=3.2,<4"]))
    collection = written["metadata"]["component"]
    assert (written["bomFormat"], collection["name"], collection["version"]) == ("CycloneDX", "steady.ops", "1.2.3")
    assert collection["hashes"][0]["content"] == "2469d8880c5d140fa5774872d571fc600547eda0b1b29545ef8bf19b20aa3837"
    names = {entry["name"] for entry in written["components"]}
    assert {"boto3", "botocore", "s3transfer", "psycopg", "psycopg-binary"} <= names
    assert "psycopg-pool" not in names, "an extra that nobody asked for"
    needs = {entry["ref"].partition("@")[0]: entry.get("dependsOn", []) for entry in written["dependencies"]}
    assert [need.partition("@")[0] for need in needs["steady.ops"]] == ["pkg:pypi/boto3", "pkg:pypi/psycopg"]
    assert any(need.startswith("pkg:pypi/botocore@") for need in needs["pkg:pypi/boto3"])


def test_checksums_are_what_sha256sum_reads(tmp_path: Path) -> None:
    (tmp_path / "a.tar.gz").write_bytes(b"a")
    (tmp_path / "b.json").write_bytes(b"b")
    write_checksums(tmp_path)
    command = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    (tmp_path / "b.json").write_bytes(b"c")
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode != 0


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    return Trial(tmp_path / "empty", tmp_path, tmp_path / "absent.tar.gz")


def test_a_tarball_that_does_not_install_is_no_release(trial: Trial) -> None:
    with pytest.raises(TrialFailed, match=r"ansible-galaxy collection install .*absent\.tar\.gz ended with"):
        trial.install()


def test_a_plugin_without_documentation_is_named(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    modules = trial.collection / "plugins" / "modules"
    modules.mkdir(parents=True)
    for name in ("guard", "mute"):
        (modules / f"{name}.py").write_text("")
    monkeypatch.setattr(trial, "run", lambda *_words: json.dumps({"steady.ops.guard": {"doc": {"module": "guard"}}}))
    with pytest.raises(TrialFailed, match=r"^ansible-doc --type module knows nothing of steady\.ops\.mute$"):
        trial.read_documentation()


def test_a_health_check_that_is_green_on_a_closed_port_is_no_release(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "start", lambda *words: subprocess.CompletedProcess(words, 0, "port is well", ""))
    with pytest.raises(TrialFailed, match="is not red on a closed port"):
        trial.play_runbook()
