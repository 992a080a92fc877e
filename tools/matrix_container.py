"""`make matrix` in a container: an image of the Debian whose own Python is the one, made from its packages only."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tools.debian_image import image
from tools.docker_daemon import daemon
from tools.outcome import NotRun
from tools.treehash import ROOT

SUITE = "trixie"
PACKAGES = ("python3", "python3-venv", "ca-certificates", "git", "openssl", "procps", "sudo")
PASSED_ON = ("UV_", "SSL_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def run_contained(lacking: str, names: Sequence[str]) -> int:
    """Run these parts in a container and return its exit code.

    Raises NotRun, with ``lacking`` and why there is no container, when there can be none.
    """
    try:
        with daemon() as host:
            environment = {**os.environ, **({"DOCKER_HOST": host} if host else {})}
            command = [*container(), image(environment, SUITE, PACKAGES), *inside(names)]
            return subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False).returncode
    except NotRun as reason:
        raise NotRun(f"{lacking}; nor is there a container: {reason}") from None


def container() -> list[str]:
    """Return how the container is started: the checkout under its path, the machine's network."""
    options = ["--rm", "--init", "--network=host", f"--volume={ROOT}:{ROOT}", f"--workdir={ROOT}"]
    if CERTIFICATES.exists():
        options.append(f"--volume={CERTIFICATES}:{CERTIFICATES}:ro")
    options += [f"--env={name}" for name in sorted(os.environ) if name.startswith(PASSED_ON)]
    options += ["--env=STEADY_MATRIX_CONTAINED=1", "--env=LC_ALL=C.UTF-8"]
    return ["docker", "run", *options]


def inside(names: Sequence[str]) -> list[str]:
    """Return what runs in it. Without Docker's mark: a gate asks for it, and tests of that gate set it themselves."""
    prepare = "rm -f /.dockerenv && git config --global safe.directory '*'"
    return ["sh", "-c", f'{prepare} && exec python3 -m tools.matrix "$@"', "matrix", *names]
