# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The log of requests, which tests read as an outside observer. Secrets never enter it."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any


def whole_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a file of JSON lines; a last line that a killed writer left unfinished is cut off the file."""
    text = path.read_text(encoding="utf-8")
    if not text.endswith("\n"):
        text = text[: text.rfind("\n") + 1]
        path.write_text(text, encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


class RequestLog:
    """Rows `{"n", "at", "origin", "service", "operation", "target", "mutating", "accepted", "params", "status",
    "error", "fault", "operation_id"}`, numbered from 1 in the order in which they were decided; appended to a file.

    `service` is the AWS service (apprunner, ecr, logs, sts), `target` the App Runner service's name, `accepted` whether
    the call was carried out (whatever its answer), `status` the HTTP status answered (0: the connection was cut).
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._rows: list[dict[str, Any]] = []
        if path.exists():
            self._rows = whole_rows(path)

    def add(self, row: dict[str, Any]) -> None:
        """Number and keep one row. Called before the answer leaves, so that no answered request is ever missing."""
        with self._lock:
            numbered = {"n": len(self._rows) + 1, **row}
            self._rows.append(numbered)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(numbered) + "\n")

    def rows(self, since: int = 0) -> list[dict[str, Any]]:
        """The rows with a number above `since`."""
        with self._lock:
            return self._rows[since:]

    def clear(self) -> None:
        """Start again from 1."""
        with self._lock:
            self._rows = []
            self._path.unlink(missing_ok=True)
