# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The front end's errands on a machine: a program of its own that needs nothing but Python's standard library.

The front end sends its source, and calls it as the user that the module runs as. Each run of an object has a directory
for that user alone, with the copy of the lease's deadline, C(module.lock), progress, result, and artefact. One request,
as packed JSON, is the last argument; the answer is one line on standard output.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import stat
import sys
import time
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

MARK = "steady.ops-answer:"
LEASE, LOCK, PROGRAM, NOTE, ARTEFACT = "lease.json", "module.lock", "attendant.py", "temporary", "artefact"
_LOOK_SECONDS = 0.1
_CHUNK_BYTES = 1 << 20
_AGED_SECONDS = 24 * 3600  # where nobody lives a run may still be sending its artefact, unless the object is our own


class Unfit(Exception):
    """Why an errand cannot be done, in one sentence."""


def begin(request: Mapping[str, Any]) -> dict[str, Any]:
    """Stop what an earlier run of this object left, wait for it a little, tidy up, and make this run's directory.

    :returns: C(living), how many modules of earlier runs still work; or the C(directory). And C(temporary), what they
        noted of Ansible's own directories: only the login that made those may remove them.
    """
    home = _home(Path(request["place"]))
    until, temporary = time.monotonic() + request["wait_seconds"], list[str]()
    while living := _tidy(home, request["key"], temporary):
        if time.monotonic() >= until:
            return {"living": living, "temporary": temporary}
        time.sleep(_LOOK_SECONDS)
    directory = home / f"{request['key']}-{secrets.token_hex(8)}"
    directory.mkdir(mode=0o700)
    _write(directory / LOCK, "")
    _write(directory / LEASE, json.dumps({"deadline": 0, "stop": False}))
    _write(directory / PROGRAM, request["source"])
    return {"living": 0, "temporary": temporary, "directory": str(directory)}


def prepare(request: Mapping[str, Any]) -> dict[str, Any]:
    """Be ready for the module: the lease's copy, a place for its result, a note of what Ansible leaves elsewhere."""
    directory = Path(request["directory"])
    (directory / request["job"]).mkdir(mode=0o700)
    with (directory / NOTE).open("a", encoding="utf-8") as note:
        note.write(request["temporary"] + "\n")
    _extend(directory, request["lease"])
    return {}


def take(request: Mapping[str, Any]) -> dict[str, Any]:
    """Take the artefact that was sent over into this directory, if it is what was sent."""
    target, sent, digest = Path(request["directory"]) / ARTEFACT, Path(request["path"]), hashlib.sha256()
    with target.open("wb") as stream, sent.open("rb") as source:
        while chunk := source.read(_CHUNK_BYTES):
            digest.update(chunk)
            stream.write(chunk)
    with contextlib.suppress(OSError):
        sent.unlink()
    if f"sha256:{digest.hexdigest()}" != request["digest"]:
        target.unlink()
        raise Unfit("the artefact was damaged on its way: run the same command again")
    return {"path": str(target)}


def look(request: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the lease's copy, then wait a little for news of the module.

    :returns: C(state) (C(absent), C(running), C(finished), C(dead)), C(result), the text of its answer,
        C(progress), the text that was added, and the C(offset) up to which it was read.
    """
    directory = Path(request["directory"])
    _extend(directory, request["lease"])
    until = time.monotonic() + request["wait_seconds"]
    while True:
        state, result = _state(directory, request["job"])
        progress, offset = _added(directory / f"{request['job']}.jsonl", request["offset"])
        if progress or state in ("finished", "dead") or time.monotonic() >= until:
            return {"state": state, "result": result, "progress": progress, "offset": offset}
        time.sleep(_LOOK_SECONDS)


def close(request: Mapping[str, Any]) -> dict[str, Any]:
    """Leave nothing behind; a module that works is told to stop, and the next run tidies up."""
    _stop(directory := Path(request["directory"]))
    if not _lives(directory):
        shutil.rmtree(directory, ignore_errors=True)
    return {}


def _home(place: Path) -> Path:
    """Return the directory of this user's runs, which nobody else can have made or may change."""
    home = place / f"steady.ops-{os.geteuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    found = home.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise Unfit(f"{home} is no directory of its user alone (0700): look who made it, and remove it")
    return home


def _tidy(home: Path, key: str, temporary: list[str]) -> int:
    """Remove what dead runs left, keeping their notes; stop the others of this object, return how many still work."""
    living = 0
    for directory in sorted(home.iterdir()):
        ours = directory.name.startswith(f"{key}-")
        if ours:
            _stop(directory)
        if _lives(directory):
            living += ours
        elif ours or time.time() - directory.lstat().st_mtime > _AGED_SECONDS:
            with contextlib.suppress(OSError):
                temporary += (directory / NOTE).read_text(encoding="utf-8", errors="replace").splitlines()
            shutil.rmtree(directory, ignore_errors=True)
    return living


def _stop(directory: Path) -> None:
    with contextlib.suppress(OSError):
        _write(directory / LEASE, json.dumps({"deadline": 0, "stop": True}))


def _extend(directory: Path, lease: Mapping[str, Any]) -> None:
    """Write the lease as the module reads it; one that was stopped stays so."""
    try:
        stopped = json.loads((directory / LEASE).read_text(encoding="utf-8"))["stop"]
    except (OSError, ValueError, KeyError, TypeError):
        stopped = True
    stop = bool(stopped or lease["stop"])
    _write(directory / LEASE, json.dumps({"deadline": 0 if stop else lease["deadline"], "stop": stop}))


def _state(directory: Path, job: str) -> tuple[str, str]:
    """Return how the module stands, and its answer."""
    found = _answer(directory / job)
    if found and not _is_answer(found):
        if _lives(directory):
            return "running", ""
        # it may have ended between the two looks
        found = _answer(directory / job)
    return ("finished", found) if _is_answer(found) else ("dead" if found else "absent", "")


def _answer(place: Path) -> str:
    """Return what stands in the file that Ansible's wrapper keeps of a module; empty before there is one."""
    names = [path for path in _entries(place) if path.suffix != ".tmp"]
    return names[0].read_text(encoding="utf-8", errors="replace") if names else ""


def _is_answer(text: str) -> bool:
    """Tell a module's answer from the note that it was begun."""
    try:
        found = json.loads(text)
    except ValueError:
        return False
    return isinstance(found, dict) and set(found) != {"started", "finished", "ansible_job_id"}


def _lives(directory: Path) -> bool:
    """Tell whether a module holds the lock of this directory, or is about to."""
    try:
        descriptor = os.open(directory / LOCK, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    begun = [path for place in _entries(directory) if place.is_dir() for path in _entries(place)]
    # j123.456 in the file's name is j123 on the command line of Ansible's wrapper
    words = {path.name.partition(".")[0].encode() for path in begun if not _is_answer(_answer(path.parent))}
    for path in Path("/proc").glob("[0-9]*/cmdline") if words else ():
        with contextlib.suppress(OSError):
            if words & set(path.read_bytes().split(b"\0")):
                return True
    return False


def _entries(place: Path) -> list[Path]:
    try:
        return sorted(place.iterdir())
    except OSError:
        return []


def _added(path: Path, offset: int) -> tuple[str, int]:
    """Return the whole lines that were added to the progress file, and where they end."""
    added = b""
    with contextlib.suppress(OSError), path.open("rb") as stream:
        stream.seek(offset)
        added = stream.read()
    whole = added[: added.rfind(b"\n") + 1]
    return whole.decode(errors="replace"), offset + len(whole)


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)


ERRANDS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    each.__name__: each for each in (begin, prepare, take, look, close)
}


def main() -> None:
    """Do one errand; say what came of it, and what this machine's boot clock shows at the end."""
    os.umask(0o077)
    request = json.loads(zlib.decompress(base64.b64decode(sys.argv[-1])))
    try:
        answer = ERRANDS[request["errand"]](request)
    except Unfit as error:
        answer = {"error": str(error)}
    except OSError as error:
        answer = {"error": f"{error.filename or request.get('directory', '')}: {error.strerror}"}
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    answer = {**answer, "clock": time.clock_gettime(time.CLOCK_BOOTTIME), "boot": boot}
    print(MARK + base64.b64encode(json.dumps(answer).encode()).decode(), flush=True)


if __name__ == "__main__":
    main()
