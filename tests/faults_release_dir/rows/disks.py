"""The disk fails: really full and really read-only small disks, and owners that may not."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from typing import Any

from tests.faults_release_dir.arena import Machine
from tests.faults_release_dir.case import OK, RED, REFUSED, UNDONE, Expect, MachineCase, at, shell

BAD = {"release": "2.0.0"}
NOBODY = 65534
# takes every block and every inode that is left
FILL = (
    "cd {disk}; dd if=/dev/zero of=filler bs=64k 2>/dev/null; dd if=/dev/zero bs=1 >>filler 2>/dev/null;"
    " n=0; while touch filler-$n 2>/dev/null; do n=$((n+1)); done; :"
)
# the kernel would not remount what has a file open for writing: every path meets a read-only mount from here on
READ_ONLY = "mount --bind {disk} {disk} && mount -o bind,remount,ro {disk}"


def small(machine: Machine) -> None:
    """The component lies on a small disk of its own; 1.0.0 serves."""
    machine.small_disk()
    machine.push("2.0.0", "crash")
    machine.options = {"shared_paths": ["logs/"]}
    machine.adopted()


def full_at(effect: str, match: str, **more: Any) -> Callable[[Machine], list[dict[str, Any]]]:
    """The disk fills up at that step."""
    return lambda machine: [at(effect, match, do=shell(FILL, disk=machine.base), **more)]


def read_only_at(effect: str, match: str, **more: Any) -> Callable[[Machine], list[dict[str, Any]]]:
    """The kernel makes the file system read-only at that step."""
    return lambda machine: [at(effect, match, do=shell(READ_ONLY, disk=machine.base), **more)]


def _without_reserve(machine: Machine) -> None:
    small(machine)
    shutil.rmtree(machine.base / ".steady-reserve")


def _full(machine: Machine) -> None:
    small(machine)
    subprocess.run(shell(FILL, disk=machine.base), check=True)


def _emptied(machine: Machine) -> None:
    for page in machine.base.glob("filler*"):
        page.unlink()


def _without_inodes(machine: Machine) -> None:
    small(machine)
    for number in range(340):
        (machine.base / f"filler-{number}").touch()


def _read_only(machine: Machine) -> None:
    small(machine)
    subprocess.run(shell(READ_ONLY, disk=machine.base), check=True)


def _writable(machine: Machine) -> None:
    subprocess.run(["umount", "--lazy", str(machine.base)], check=True)


def owned(line: str) -> Callable[[Machine], None]:
    """1.0.0 serves; then the run is that of another user, and the owners are changed so."""

    def arrange(machine: Machine) -> None:
        machine.adopted()
        words = shell("cd {place} && chown -R 65534:65534 . && cd srv/api && " + line, place=machine.directory)
        subprocess.run(words, check=True)
        machine.job = {"user": NOBODY}

    return arrange


AGAIN = ({"release": "1.1.0"}, Expect(OK, serves="1.1.0"))
FULL = Expect(REFUSED, sent=0, words=("is full",))


def full(
    id: str,
    point: str,
    acts: Callable[[Machine], list[dict[str, Any]]],
    arrange: Callable[[Machine], None] = small,
) -> MachineCase:
    """One write that meets a full disk: nothing is begun, nothing is left, and with room it goes on."""
    return MachineCase(id, "the disk is full", point, FULL, arrange, acts=acts, then=AGAIN, mend=_emptied)  # type: ignore[arg-type]


CASES = (
    MachineCase(
        "full_before",
        "the disk is full",
        "before the run",
        Expect(REFUSED, sent=0, words=("MiB",)),
        _full,
        then=AGAIN,
        mend=_emptied,  # type: ignore[arg-type]
    ),
    MachineCase(
        "no_inodes_before",
        "the disk has no room for more files",
        "before the run",
        Expect(REFUSED, sent=0, words=("files",)),
        _without_inodes,
        then=AGAIN,
        mend=_emptied,  # type: ignore[arg-type]
    ),
    full("full_at_directory", "the directory of the release", full_at("mkdir", "partial-")),
    full("full_at_content", "a file of the release", full_at("open", "settings.json")),
    full("full_at_shared_link", "a shared link", full_at("symlink", "logs")),
    full("full_at_tree", "the list of its content", full_at("open", ".steady-content.json")),
    full("full_at_mark", "the mark that it is whole", full_at("open", ".steady-release.json")),
    full("full_at_reserve", "the room for a way back", full_at("mkdir", ".steady-reserve"), _without_reserve),
    full("full_at_link", "the new link", full_at("symlink", "current.")),
    full("full_at_intent", "the intent", full_at("open", ".steady-intent.json")),
    MachineCase(
        "full_after_intent",
        "the disk is full",
        "the switch itself",
        Expect(OK, serves="1.1.0"),
        small,
        acts=full_at("replace", "/current"),
    ),
    MachineCase(
        "full_at_undo",
        "the disk is full",
        "the undo",
        Expect(UNDONE, sent=2),
        small,
        BAD,
        acts=full_at("replace", "/current", when="after"),
        then=AGAIN,
        mend=_emptied,  # type: ignore[arg-type]
    ),
    MachineCase(
        "read_only_before",
        "the file system is read-only",
        "before the run",
        Expect(REFUSED, sent=0, words=("read-only",)),
        _read_only,
        then=AGAIN,
        mend=_writable,  # type: ignore[arg-type]
    ),
    MachineCase(
        "read_only_at_content",
        "the file system is read-only",
        "a file of the release",
        Expect(REFUSED, sent=0, words=("read-only",)),
        small,
        acts=read_only_at("open", "settings.json"),
        leaves=True,
        then=AGAIN,
        mend=_writable,  # type: ignore[arg-type]
    ),
    MachineCase(
        "read_only_at_switch",
        "the file system is read-only",
        "the switch itself",
        Expect(REFUSED, sent=0, words=("read-only",)),
        small,
        acts=read_only_at("replace", "/current"),
        leaves=True,
        then=AGAIN,
        mend=_writable,  # type: ignore[arg-type]
    ),
    MachineCase(
        "read_only_at_undo",
        "the file system is read-only",
        "the undo",
        Expect(RED, serves=""),
        small,
        BAD,
        acts=read_only_at("replace", "/current", when="after"),
    ),
    MachineCase(
        "owner_of_path",
        "the directory belongs to another user",
        "the link",
        Expect(REFUSED, sent=0, words=("does not permit",)),
        owned("chown 0:0 . && chmod 755 . && chmod 666 .steady-lock"),
    ),
    MachineCase(
        "owner_of_releases",
        "the releases belong to another user",
        "unpacking",
        Expect(REFUSED, sent=0, words=("does not permit",)),
        owned("chown 0:0 releases && chmod 755 releases"),
    ),
    MachineCase(
        "owner_of_lock",
        "the lock belongs to another user",
        "the lock",
        Expect(REFUSED, sent=0, words=("does not permit",)),
        owned("chown 0:0 .steady-lock && chmod 600 .steady-lock"),
    ),
    MachineCase(
        "owner_unreadable",
        "the releases cannot even be read",
        "begin",
        Expect(REFUSED, sent=0, words=("does not permit",)),
        owned("chown 0:0 releases && chmod 700 releases"),
    ),
)
