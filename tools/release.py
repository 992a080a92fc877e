"""`make release`: the tarball of the last commit, tried out of an empty place, with checksums and what it needs.

Into build/release: the tarball, an SBOM (CycloneDX), a definition of an execution environment for ansible-builder, and
SHA256SUMS over them. Nothing is written that was not tried: installed where nothing else is, every plugin's
documentation read, and a runbook run that must be green, then red.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import yaml

from tools.release_trial import Trial, TrialFailed
from tools.sbom import sbom
from tools.treehash import ROOT

TARGET = ROOT / "build" / "release"
MADE_BY_THE_BUILD = {"MANIFEST.json", "FILES.json"}
SHIPS = {
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "bindep.txt",
    "changelogs",
    "docs",
    "meta",
    "playbooks",
    "plugins",
    "requirements.txt",
    "roles",
}


def foreign(names: set[str]) -> list[str]:
    """Return what a tarball holds and must not: whatever is not on the list, and what tools leave behind.

    :param names: the files' paths in the tarball.
    """
    stray = {name for name in names if "__pycache__" in name or name.endswith((".pyc", ".orig", ".rej", "~"))}
    return sorted(stray | {name for name in names if name.split("/")[0] not in SHIPS | MADE_BY_THE_BUILD})


def contents(tarball: Path) -> set[str]:
    """Return the paths of everything in a tarball but directories."""
    with tarfile.open(tarball) as archive:
        return {member.name for member in archive if not member.isdir()}


def export(source: Path) -> None:
    """Write the last commit below ``source``: what is released is what is recorded."""
    source.mkdir()
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True)
    subprocess.run(["tar", "--extract", "--directory", str(source)], input=archive.stdout, check=True)
    changed = subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, check=True, capture_output=True)
    if changed.stdout:
        print("make release: what is not committed is not in it", flush=True)


def build(source: Path, target: Path) -> Path:
    """Build the collection below ``source`` and return the tarball."""
    galaxy = str(Path(sys.executable).with_name("ansible-galaxy"))
    command = [galaxy, "collection", "build", "--output-path", str(target)]
    subprocess.run(command, cwd=source, check=True, stdout=subprocess.DEVNULL)
    (tarball,) = target.glob("steady-ops-*.tar.gz")
    return tarball


def definition(tarball: str, requirements: list[str]) -> str:
    """Return the definition (version 3) of an execution environment that holds the tarball beside it.

    :param requirements: lines of requirements.txt, which pin ansible-core.
    """
    pinned = {name: line for line in requirements for name in ("ansible-core", "ansible-runner") if name in line}
    content = {
        "version": 3,
        "additional_build_files": [{"src": tarball, "dest": "collection"}],
        "dependencies": {
            "ansible_core": {"package_pip": pinned["ansible-core"]},
            "ansible_runner": {"package_pip": pinned["ansible-runner"]},
            # any base image with dnf has this one beside its own
            "python_interpreter": {"package_system": "python3.12", "python_path": "/usr/bin/python3.12"},
            # as the build sees it: _build is copied to its working directory
            "galaxy": {"collections": [{"name": f"collection/{tarball}", "type": "file"}]},
        },
    }
    return "---\n" + yaml.safe_dump(content, sort_keys=False)


def requirements_of(source: Path) -> list[str]:
    """Return the lines of requirements.txt without comments."""
    lines = (source / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def write_checksums(target: Path) -> None:
    """Write SHA256SUMS over the files of ``target``, as sha256sum --check reads it."""
    files = sorted(path for path in target.iterdir() if path.is_file())
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (target / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def main() -> int:
    """Build, try and write; 0 when everything was tried and is there."""
    shutil.rmtree(TARGET, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="steady-release-") as directory:
        made, source = Path(directory, "made"), Path(directory, "source")
        made.mkdir()
        export(source)
        tarball = build(source, made)
        wrong = foreign(contents(tarball))
        if wrong:
            print(
                f"make release: FAILED: {tarball.name} holds {', '.join(wrong)}: add it to build_ignore in galaxy.yml"
            )
            return 1
        requirements = requirements_of(source)
        version = str(yaml.safe_load((source / "galaxy.yml").read_text(encoding="utf-8"))["version"])
        (made / f"steady-ops-{version}.cdx.json").write_text(sbom(tarball, version, requirements), encoding="utf-8")
        (made / "execution-environment.yml").write_text(definition(tarball.name, requirements), encoding="utf-8")
        write_checksums(made)
        try:
            for line in Trial(Path(directory, "empty"), made, tarball).everything():
                print(f"make release: {line}", flush=True)
        except TrialFailed as error:
            print(f"make release: FAILED: {error}")
            return 1
        shutil.copytree(made, TARGET)
    print(f"make release: build/release holds {', '.join(sorted(path.name for path in TARGET.iterdir()))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
