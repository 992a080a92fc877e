"""The artefact is not what it should be, or the shared paths are not there."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable
from typing import Any

from tests.faults_release_dir.arena import Machine, tarred
from tests.faults_release_dir.case import OK, REFUSED, UNDONE, Expect, MachineCase, adopted, at, shell

BAD = {"release": "2.0.0"}
OUT = Expect(REFUSED, sent=0, words=("leads out of the release",))
FILE = {"settings.json": b"{}"}


def hostile(*members: tarfile.TarInfo) -> Callable[[Machine], None]:
    """2.0.0 holds these too."""

    def arrange(machine: Machine) -> None:
        machine.send("2.0.0", tarred(FILE, *members))
        machine.adopted()

    return arrange


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    """Return one entry of an archive."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def _zip_bomb(machine: Machine) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("settings.json", b"0" * (8 << 20))
    machine.send("2.0.0", packed.getvalue())
    machine.adopted()
    machine.options = {"artefact_most_bytes": 1 << 20}


def _truncated(machine: Machine) -> None:
    data = (machine.sent / "1.1.0").read_bytes()
    machine.send("2.0.0", data[: len(data) // 2])
    machine.adopted()


def _another(machine: Machine) -> None:
    machine.adopted()
    (machine.sent / "1.1.0").write_bytes((machine.sent / "1.2.0").read_bytes())


def _unsent(machine: Machine) -> None:
    machine.adopted()
    (machine.sent / "1.1.0").unlink()


def _exchanged_later(machine: Machine) -> list[dict[str, Any]]:
    words = shell("cp {other} {sent}", other=machine.sent / "1.2.0", sent=machine.sent / "1.1.0")
    return [at("open", ".steady-lock", do=words)]


def _needs_file(machine: Machine) -> None:
    machine.adopted()
    machine.options = {"shared_paths": [".env"]}


def _gives_file(machine: Machine) -> None:
    (machine.base / "shared").mkdir(exist_ok=True)
    (machine.base / "shared" / ".env").write_text("A=1")


def _shared_is_gone(machine: Machine) -> None:
    machine.options = {"shared_paths": ["settings.json"]}
    shared = machine.base / "shared"
    shared.mkdir(parents=True)
    with tarfile.open(machine.sent / "1.0.0") as tar:
        content = tar.extractfile("settings.json")
        assert content is not None
        data = content.read()
    machine.send("1.0.0", tarred({"settings.json": b"", "release": b"1.0.0"}), data)
    machine.push("2.0.0", "crash")
    (shared / "settings.json").write_bytes(data)
    machine.adopted()
    machine.options = {}


def _half_copied(machine: Machine) -> None:
    machine.adopted()
    machine.release("1.1.0").mkdir()
    (machine.release("1.1.0") / "settings.json").write_text('{"version": "1.1.0", "por')


def _half_marked(machine: Machine) -> None:
    _half_copied(machine)
    (machine.release("1.1.0") / ".steady-release.json").write_text('{"finished": false}')


def _partial_left(machine: Machine) -> None:
    machine.adopted()
    left = machine.base / "releases" / f".{machine.release('1.1.0').name}.partial-0badcafe"
    left.mkdir()
    (left / "settings.json").write_text("half")


def _spoiled(machine: Machine) -> None:
    """1.1.0 is on the disk and verified, and was changed since."""
    machine.deployed("1.1.0", "1.2.0")
    page = machine.release("1.1.0") / "settings.json"
    page.write_text(page.read_text().replace('"ok"', '"crash"'))


def _without_artefact(machine: Machine) -> None:
    _spoiled(machine)
    machine.options = {"artefact_path": None}


CASES = (
    MachineCase("climbs_out", "a path climbs out", "archive", OUT, hostile(member("../../evil")), BAD),
    MachineCase("absolute", "a path is absolute", "archive", OUT, hostile(member("/etc/evil")), BAD),
    MachineCase(
        "link_out", "a link leads out", "archive", OUT, hostile(member("l", tarfile.SYMTYPE, "../../../etc")), BAD
    ),
    MachineCase(
        "links_in_a_chain",
        "links lead out together",
        "archive",
        OUT,
        hostile(
            member("a/b", tarfile.DIRTYPE),
            member("a/up", tarfile.SYMTYPE, "b/../.."),
            member("way", tarfile.SYMTYPE, "a/up/up"),
            member("up", tarfile.SYMTYPE, "a/up/.."),
        ),
        BAD,
    ),
    MachineCase(
        "device",
        "a device",
        "archive",
        Expect(REFUSED, sent=0, words=("device",)),
        hostile(member("null", tarfile.CHRTYPE)),
        BAD,
    ),
    MachineCase(
        "forged_mark",
        "it brings the mark of a whole release",
        "archive",
        Expect(REFUSED, sent=0, words=("keeps for itself",)),
        hostile(member(".steady-release.json")),
        BAD,
    ),
    MachineCase(
        "bomb",
        "it unpacks to more than is allowed",
        "archive",
        Expect(REFUSED, sent=0, words=("unpacks to more",)),
        _zip_bomb,
        BAD,
    ),
    MachineCase(
        "truncated",
        "the archive ends in the middle",
        "archive",
        Expect(REFUSED, sent=0, words=("whole tar or zip",)),
        _truncated,
        BAD,
    ),
    MachineCase(
        "other_digest",
        "the artefact is another one",
        "before the run",
        Expect(REFUSED, sent=0, words=("has the digest",)),
        _another,
    ),
    MachineCase(
        "exchanged",
        "the artefact is another one",
        "after it was checked",
        Expect(REFUSED, sent=0, words=("has the digest",)),
        adopted,
        acts=_exchanged_later,
    ),
    MachineCase("unsent", "the artefact is not there", "before the run", Expect(REFUSED, sent=0), _unsent),
    MachineCase(
        "shared_file_missing",
        "a shared file is not there",
        "shared paths",
        Expect(REFUSED, sent=0, words=(".env",)),
        _needs_file,
        then=({"release": "1.1.0"}, Expect(OK, serves="1.1.0")),
        mend=_gives_file,  # type: ignore[arg-type]
    ),
    MachineCase(
        "half_copied",
        "a half-copied release of another tool has its name",
        "releases",
        Expect(OK, serves="1.1.0"),
        _half_copied,
        leaves=True,
    ),
    MachineCase(
        "half_marked",
        "a half-made release of ours has its name",
        "releases",
        Expect(OK, serves="1.1.0"),
        _half_marked,
        leaves=True,
    ),
    MachineCase("partial_left", "a killed run left half of it", "releases", Expect(OK, serves="1.1.0"), _partial_left),
    MachineCase(
        "spoiled_and_sent",
        "it was changed on the disk and is sent again",
        "releases",
        Expect(OK, serves="1.1.0"),
        _spoiled,
        leaves=True,
    ),
    MachineCase(
        "spoiled_and_named",
        "it was changed on the disk and is not sent again",
        "releases",
        Expect(REFUSED, serves="1.2.0", sent=0),
        _without_artefact,
    ),
    MachineCase(
        "spoiled_and_gone_back_to",
        "what is gone back to was changed on the disk",
        "rollback",
        Expect(REFUSED, serves="1.2.0", sent=0, words=("no longer exists",)),
        _spoiled,
        {"state": "rolled_back"},
    ),
    MachineCase(
        "settings_are_shared",
        "a bad release over one whose settings are shared",
        "undo",
        Expect(UNDONE, sent=2),
        _shared_is_gone,
        BAD,
    ),
)
