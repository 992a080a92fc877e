"""Single collections of others, for tests: taken out of the package `ansible`, because not every network has Galaxy.

python -m tools.bundle community.docker     prints the directory for ANSIBLE_COLLECTIONS_PATH
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from tools.outcome import NotRun, outcome
from tools.treehash import ROOT

VERSION = "12.3.0"  # the last that runs on ansible-core 2.19
SHA256 = "cd156f82fa87f7a899212b0efa9f7ca3a24d609212de9f78428a572eb01e5414"
HOME = ROOT / ".cache" / "collections" / VERSION


def collections(names: Sequence[str], home: Path = HOME) -> Path:
    """Return a directory that holds these collections; 54 MB are fetched when one is missing.

    Raises NotRun when the package index does not give them, ValueError for a name that the package lacks.
    """
    inside = [f"ansible_collections/{name.replace('.', '/', 1)}/" for name in names]
    missing = [place for place in inside if not (home / place / "MANIFEST.json").exists()]
    if missing:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home.parent) as directory, zipfile.ZipFile(fetch(directory)) as wheel:
            for place in missing:
                unpack(wheel, place, home)
    return home


def unpack(wheel: zipfile.ZipFile, place: str, home: Path) -> None:
    """Unpack one collection, its manifest last: only a whole one has it."""
    members = [name for name in wheel.namelist() if name.startswith(place)]
    if not members:
        raise ValueError(f"the package ansible {VERSION} has nothing in {place}: name another collection")
    wheel.extractall(home, sorted(members, key=lambda name: name.endswith("MANIFEST.json")))


def fetch(directory: str) -> Path:
    """Fetch the package into ``directory``, checked against its hash."""
    wanted = Path(directory) / "requirements.txt"
    wanted.write_text(f"ansible=={VERSION} --hash=sha256:{SHA256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    command += ["--dest", directory, "--requirement", str(wanted)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    found = list(Path(directory).glob("*.whl"))
    if done.returncode or not found:
        raise NotRun(f"the package ansible {VERSION} cannot be had: {done.stderr.strip()}")
    return found[0]


def main(names: Sequence[str]) -> int:
    """Print where the collections are."""
    print(collections(names))
    return 0


if __name__ == "__main__":
    sys.exit(outcome("bundle", lambda: main(sys.argv[1:])))
