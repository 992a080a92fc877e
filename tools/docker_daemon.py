"""A Docker daemon for the length of a run: the one that answers, else one of our own, stopped and gone afterwards."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tools.debian import install
from tools.outcome import NotRun
from tools.scratch import end_processes
from tools.treehash import ROOT

PROGRAMS = ("docker", "dockerd", "containerd", "runc", "iptables")
START_SECONDS = 60
STOP_SECONDS = 30


@contextmanager
def daemon(root: Path = ROOT) -> Iterator[str]:
    """Give the value of DOCKER_HOST for a daemon that answers; raise NotRun when none can be had."""
    if answers(os.environ.get("DOCKER_HOST", "")):
        yield os.environ.get("DOCKER_HOST", "")
        return
    if os.environ.get("DOCKER_HOST"):
        raise NotRun("no Docker daemon answers at DOCKER_HOST: start it, or unset DOCKER_HOST")
    if os.geteuid() != 0:
        raise NotRun("no Docker daemon answers, and only root may start one: start it, or run this as root")
    if missing_programs():
        install("docker")
    directory = home_of(root)
    lock = root / ".cache" / "docker.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # two runs of one checkout wait for each other
        remove(directory)  # what a killed run left
        directory.mkdir(mode=0o700)
        process = start(directory)
        try:
            yield address_once_it_answers(process, directory)
        finally:
            remove(directory)
            process.wait(STOP_SECONDS)


def home_of(root: Path) -> Path:
    """Return the daemon's directory for a checkout: short, because sockets have a limit of 107 bytes."""
    return Path(tempfile.gettempdir()) / f"steady-docker-{hashlib.sha256(str(root).encode()).hexdigest()[:8]}"


def answers(host: str) -> bool:
    """Tell whether a daemon answers there; an empty name is the machine's own."""
    if shutil.which("docker") is None:
        return False
    environment = {**os.environ, "DOCKER_HOST": host} if host else os.environ
    command = ["docker", "version", "--format", "{{.Server.Version}}"]
    with suppress(subprocess.TimeoutExpired):
        done = subprocess.run(command, env=environment, capture_output=True, timeout=20, check=False)
        return done.returncode == 0
    return False


def missing_programs() -> list[str]:
    """Return which of the daemon's programs the machine lacks."""
    places = f"{os.environ['PATH']}{os.pathsep}/usr/sbin{os.pathsep}/sbin"
    return [name for name in PROGRAMS if shutil.which(name, path=places) is None]


def start(directory: Path) -> subprocess.Popen[bytes]:
    """Start dockerd with everything it keeps in ``directory``."""
    command = ["dockerd", f"--data-root={directory}/data", f"--exec-root={directory}/exec"]
    command += [f"--pidfile={directory}/pid", f"--host=unix://{directory}/docker.sock"]
    environment = {**os.environ, "PATH": f"{os.environ['PATH']}{os.pathsep}/usr/sbin{os.pathsep}/sbin"}
    with (directory / "log").open("w") as output:
        return subprocess.Popen(
            command,
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def address_once_it_answers(process: subprocess.Popen[bytes], directory: Path) -> str:
    """Return the daemon's address once it answers; raise NotRun, with its last line, when it does not."""
    host = f"unix://{directory}/docker.sock"
    limit = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < limit:
        if answers(host):
            return host
        time.sleep(0.3)
    lines = (directory / "log").read_text(encoding="utf-8", errors="replace").splitlines()
    raise NotRun(f"dockerd does not start here: {lines[-1] if lines else 'it said nothing'}")


def remove(directory: Path) -> None:
    """Stop the daemon that works in ``directory`` with its containers, unmount what it left, remove its files."""
    if not directory.exists():
        return
    stop_politely(directory)
    end_processes(directory)
    for _round in range(3):
        for place in mounts_below(directory):
            subprocess.run(["umount", "--lazy", place], capture_output=True, check=False)
    shutil.rmtree(directory, ignore_errors=True)


def stop_politely(directory: Path) -> None:
    """Remove its containers and ask the daemon to end; a daemon that is gone is no error."""
    environment = {**os.environ, "DOCKER_HOST": f"unix://{directory}/docker.sock"}
    with suppress(OSError, ValueError, subprocess.TimeoutExpired):
        pid = int((directory / "pid").read_text())
        if str(directory) not in Path(f"/proc/{pid}/cmdline").read_text():
            return
        ask = ["docker", "ps", "--all", "--quiet"]
        kept = subprocess.run(ask, env=environment, capture_output=True, text=True, timeout=20, check=False)
        if kept.stdout.split():
            force = ["docker", "rm", "--force", *kept.stdout.split()]
            subprocess.run(force, env=environment, capture_output=True, timeout=60, check=False)
        os.kill(pid, 15)
        limit = time.monotonic() + STOP_SECONDS
        while running(pid) and time.monotonic() < limit:
            time.sleep(0.1)


def running(pid: int) -> bool:
    """Tell whether the process lives; one that only waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def mounts_below(directory: Path) -> list[str]:
    """Return the mount points in ``directory``, the deepest first."""
    lines = Path("/proc/self/mounts").read_text().splitlines()
    places = [line.split()[1].encode().decode("unicode_escape") for line in lines]
    return sorted((place for place in places if place.startswith(f"{directory}/")), key=len, reverse=True)
