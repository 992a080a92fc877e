"""The real pm2 for the tests, from npm: one version, installed once into .cache/.

python -m tools.pm2     prints its path, for STEADY_PM2
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.outcome import NotRun, outcome
from tools.treehash import ROOT

VERSION = "7.0.4"
HOME = ROOT / ".cache" / "pm2"
WAIT_SECONDS = 300


def pm2(home: Path = HOME) -> Path:
    """Return the program; its packages are fetched when it is missing.

    Raises NotRun where there is no npm, or where npm does not give them.
    """
    program = home / VERSION / "node_modules" / ".bin" / "pm2"
    if program.exists():
        return program
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise NotRun("there is no node or no npm: install nodejs and npm")
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home) as directory:
        install(npm, Path(directory))
        try:
            Path(directory).rename(home / VERSION)
        except OSError:
            if not program.exists():  # else another run was faster
                raise
        Path(directory).mkdir(exist_ok=True)
    return program


def install(npm: str, directory: Path) -> None:
    """Install the packages into a directory, with npm's own files beside them; their scripts are not run."""
    quiet = {"npm_config_update_notifier": "false", "npm_config_audit": "false", "npm_config_fund": "false"}
    command = [npm, "install", "--ignore-scripts", "--no-save", "--prefix", str(directory), f"pm2@{VERSION}"]
    try:
        done = subprocess.run(
            command,
            cwd=directory,
            env={**os.environ, **quiet, "npm_config_cache": str(directory / "npm")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=WAIT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotRun(f"npm did not install pm2 {VERSION} within {WAIT_SECONDS} s") from None
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.startswith("npm error")] or ["it said nothing"]
        raise NotRun(f"npm cannot install pm2 {VERSION}: {said[0].removeprefix('npm error').strip()}")
    shutil.rmtree(directory / "npm", ignore_errors=True)


def main() -> int:
    """Print the path; 0 when it is there."""
    print(pm2())
    return 0


if __name__ == "__main__":
    sys.exit(outcome("test", main))
