"""Container images from Debian packages only: built once, kept as a tarball, imported where they are needed."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from tools.debian import install
from tools.outcome import NotRun
from tools.treehash import ROOT

SUITE = "bookworm"
# what a small Debian server with systemd has; Python is all that a module may assume there
PACKAGES = ("python3", "ca-certificates", "systemd-sysv", "dbus", "iproute2", "procps", "sudo")
HOME = ROOT / ".cache" / "images"


def image(environment: dict[str, str], suite: str = SUITE, packages: tuple[str, ...] = PACKAGES) -> str:
    """Make the image known to the daemon of ``environment`` and return its name.

    Raises NotRun when it cannot be built.
    """
    name = name_of(suite, packages)
    shown = ["docker", "image", "inspect", name]
    if subprocess.run(shown, env=environment, capture_output=True, check=False).returncode == 0:
        return name
    load = ["docker", "import", str(tarball(suite, packages)), name]
    done = subprocess.run(load, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotRun(f"the image {name} cannot be imported: {done.stderr.strip()}")
    return name


def name_of(suite: str, packages: tuple[str, ...]) -> str:
    """Return a name that changes with what is in the image."""
    return f"steady-debian:{suite}-{hashlib.sha256(' '.join(packages).encode()).hexdigest()[:8]}"


def tarball(suite: str, packages: tuple[str, ...]) -> Path:
    """Return the image's file system as a tarball below .cache, built where it is not there yet.

    Raises NotRun when Debian's packages cannot be had.
    """
    kept = HOME / f"{name_of(suite, packages).replace(':', '-')}.tar.gz"
    if kept.exists():
        return kept
    if shutil.which("mmdebstrap") is None:
        install("docker")
    HOME.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_name(f"unfinished-{os.getpid()}.tar.gz")
    print(f"steady.ops: building {kept.name} from Debian packages", flush=True)
    command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(packages)}", suite]
    try:
        done = subprocess.run(
            [*command, str(unfinished), *mirror(suite)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = done.stderr.strip().splitlines()
            raise NotRun(f"mmdebstrap cannot build {kept.name}: {said[-1] if said else 'it said nothing'}")
        unfinished.rename(kept)
    finally:
        unfinished.unlink(missing_ok=True)
    return kept


def mirror(suite: str) -> list[str]:
    """Return the mirror that this machine itself uses, for the suite or else for Debian; nothing leaves the choice to
    mmdebstrap."""
    for which in (f"Codename: {suite}", "Label: Debian"):
        command = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", which]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.stdout.split():
            return done.stdout.split()[:1]
    return []
