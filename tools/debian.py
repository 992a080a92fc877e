"""Debian packages by what they are for: bindep.txt lists them, profile by profile, and no other place does."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from tools.outcome import NotRun
from tools.treehash import ROOT


def packages_for(profile: str, page: Path = ROOT / "bindep.txt") -> list[str]:
    """Return the packages of one profile of bindep.txt."""
    line = re.compile(rf"^([a-z0-9][a-z0-9.+-]*) +\[platform:dpkg {profile}\]", re.MULTILINE)
    return line.findall(page.read_text(encoding="utf-8"))


def install(profile: str) -> None:
    """Install the packages of a profile, starting no service; raise NotRun where that cannot be done."""
    packages = packages_for(profile)
    by_hand = f"install {', '.join(packages)} and repeat"
    if shutil.which("apt-get") is None:
        raise NotRun(f"this machine has no apt-get: {by_hand}")
    if os.geteuid() != 0:
        raise NotRun(f"only root may install packages: {by_hand}")
    print(f"steady.ops: installing {' '.join(packages)}", flush=True)
    apt = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300"]
    wanted = [*apt, "install", "--no-install-recommends", *packages]
    # the lists may be old: then once more with new ones
    if not (succeeds(wanted) or (succeeds([*apt, "update"]) and succeeds(wanted))):
        raise NotRun(f"apt-get could not install {' '.join(packages)}: {by_hand}")


def succeeds(command: list[str]) -> bool:
    """Run a command of apt silently and tell whether it did its work."""
    # RUNLEVEL tells Debian's maintainer scripts to start nothing
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return done.returncode == 0
