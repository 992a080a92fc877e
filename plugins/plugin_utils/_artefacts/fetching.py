# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Having the artefact of the asked release as a file on the controller, with its digest."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...module_utils._aws.options import AwsConnection
from ...module_utils._command import CommandRunner, SubprocessRunner
from ...module_utils._errors import InvalidInput, NotFound, OpsError, Refused, RequestRefused
from . import archive, s3
from .driver import client
from .git import Git, token_in
from .selecting import Asked, Source, asked, bucket_and_key, named, place_of

_CHUNK_BYTES = 1 << 20


@dataclass
class Artefacts:
    """The artefact of one task: fetched once, gone when it is closed.

    :param place: the directory in which a private one is made.
    :param aws: the component's C(aws_connection).
    :param say: takes a sentence for a person.
    """

    source: Source | None
    place: str
    aws: Mapping[str, object] = field(default_factory=dict)
    say: Callable[[str], None] = lambda _sentence: None
    runner: CommandRunner = field(default_factory=SubprocessRunner)
    _home: Path | None = None
    _asked: Asked | None = None
    _digest: str = ""

    def named(self, options: Mapping[str, object]) -> dict[str, object]:
        """Return the module's options with the artefact's digest and names, where the task needs one.

        What cannot be found at its source may be on the machine: that is the module's to say.

        :raises OpsError: it cannot be fetched, or is not what it must be.
        """
        wanted = asked(self.source, options) if self.source else None
        if self.source is None or wanted is None:
            return dict(options)
        try:
            if wanted != self._asked:
                self._fetch(self.source, wanted)
        except OpsError as error:
            if not (wanted.recorded or isinstance(error, NotFound)):
                raise
            self.close()
            self.say(f"{error.sentence} Only a release that is on the machine already can be served.")
            return dict(options)
        return named(options, self.source, wanted.name, self._digest)

    @property
    def fetched(self) -> tuple[str, str] | None:
        """Path and digest of what was fetched; C(None) where nothing was."""
        return (str(self._file), self._digest) if self._digest else None

    def close(self) -> None:
        """Remove what was fetched."""
        if self._home is not None:
            shutil.rmtree(self._home, ignore_errors=True)
        self._home, self._asked, self._digest = None, None, ""

    @property
    def _file(self) -> Path:
        if self._home is None:
            self._home = Path(tempfile.mkdtemp(prefix="artefact-", dir=self.place))
        return self._home / "artefact"

    def _fetch(self, source: Source, wanted: Asked) -> None:
        try:
            digest = self._write(source, wanted.name)
        except OSError as error:
            raise RequestRefused(
                f"The artefact of {wanted.name!r} cannot be kept on the controller: {error.strerror}",
                remedy=f"Free space in {self.place}.",
            ) from None
        if wanted.digest and digest != wanted.digest:
            raise Refused(
                f"The artefact of {wanted.name!r} has the digest {digest}, not {wanted.digest}",
                remedy="It was replaced or damaged at its source: find out by whom before it is deployed.",
            )
        self._asked, self._digest = wanted, digest

    def _write(self, source: Source, name: str) -> str:
        if source.kind == "git":
            home = self._file.with_name("repository")
            shutil.rmtree(home, ignore_errors=True)
            Git(self.runner, source.place, home, dict(os.environ), token_in(source.token_file)).write(name, self._file)
            return _digest_of(self._file)
        place = place_of(source, name)
        if source.kind == "archive":
            return _stored(archive.read(place), self._file)
        bucket, key = bucket_and_key(place)
        return _stored(s3.read(client(AwsConnection.from_options(self.aws), "s3"), bucket, key), self._file)


def aws_from(value: object) -> Mapping[str, object]:
    """Read C(aws_connection).

    :raises InvalidInput: it is no mapping.
    """
    if value is not None and not isinstance(value, Mapping):
        raise InvalidInput("aws_connection is no mapping", remedy="Set it to a mapping such as {region: eu-central-1}.")
    return value or {}


def _stored(pieces: Iterable[bytes], path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("wb") as stream:
        for piece in pieces:
            digest.update(piece)
            stream.write(piece)
    return f"sha256:{digest.hexdigest()}"


def _digest_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return f"sha256:{digest.hexdigest()}"
