# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CloudWatch Logs of the services: what applications print, and what App Runner says about their operations."""

from __future__ import annotations

import base64
import json
import threading
import time
from pathlib import Path
from typing import Any

from lab.fakes.apprunner.request_log import whole_rows
from lab.fakes.apprunner.wire import ApiError

DEFAULT_LIMIT = 10000


def group_name(service_name: str, service_id: str, kind: str) -> str:
    """The log group of a service; `kind` is `application` or `service`."""
    return f"/aws/apprunner/{service_name}/{service_id}/{kind}"


class LogStore:
    """Log groups, streams and events; appended to a file, so that they survive kill -9."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._streams: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self._number = 0
        if path.exists():
            for row in whole_rows(path):
                self._keep(row)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._streams = {}
            self._path.unlink(missing_ok=True)

    def append(self, group: str, stream: str, message: str) -> None:
        """Add one event now. CloudWatch refuses empty messages, so those are dropped."""
        if not message:
            return
        row = {"group": group, "stream": stream, "timestamp": int(time.time() * 1000), "message": message}
        with self._lock:
            self._keep(row)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")

    def _keep(self, row: dict[str, Any]) -> None:
        events = self._streams.setdefault((row["group"], row["stream"]), [])
        self._number += 1
        event_id = f"{row['timestamp']:020d}{self._number:036d}"
        events.append({"timestamp": row["timestamp"], "message": row["message"], "eventId": event_id})

    def describe_log_groups(self, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeLogGroups, by prefix."""
        prefix = params.get("logGroupNamePrefix", "")
        names = sorted({group for group, _rest in self._streams if group.startswith(prefix)})
        page, token = _page(names, params, "limit", 50)
        return {"logGroups": [{"logGroupName": name} for name in page], **_next(token)}

    def describe_log_streams(self, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeLogStreams, by name or last event."""
        group = self._group(params)
        by_time = params.get("orderBy") == "LastEventTime"
        if by_time and "logStreamNamePrefix" in params:
            raise ApiError("InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix.")
        rows = [
            {
                "logStreamName": stream,
                "creationTime": events[0]["timestamp"],
                "firstEventTimestamp": events[0]["timestamp"],
                "lastEventTimestamp": events[-1]["timestamp"],
                "lastIngestionTime": events[-1]["timestamp"],
            }
            for stream, events in group.items()
            if stream.startswith(params.get("logStreamNamePrefix", ""))
        ]
        key = "lastEventTimestamp" if by_time else "logStreamName"
        rows.sort(key=lambda row: row[key], reverse=bool(params.get("descending")))
        page, token = _page(rows, params, "limit", 50)
        return {"logStreams": page, **_next(token)}

    def get_log_events(self, params: dict[str, Any]) -> dict[str, Any]:
        """GetLogEvents with forward and backward tokens; a token that leads nowhere comes back unchanged."""
        group = self._group(params)
        stream = params.get("logStreamName", "")
        if stream not in group:
            raise ApiError("ResourceNotFoundException", "The specified log stream does not exist.")
        events = _between(group[stream], params)
        limit = params.get("limit", DEFAULT_LIMIT)
        if "nextToken" in params:
            direction, position = _read_token(params["nextToken"])
            start = position if direction == "f" else max(0, position - limit)
            stop = start + limit if direction == "f" else position
        else:
            start = 0 if params.get("startFromHead") else max(0, len(events) - limit)
            stop = start + limit
        stop = min(stop, len(events))
        shown = [
            {"timestamp": event["timestamp"], "message": event["message"], "ingestionTime": event["timestamp"]}
            for event in events[start:stop]
        ]
        tokens = {"nextForwardToken": _token("f", stop), "nextBackwardToken": _token("b", start)}
        return {"events": shown, **tokens}

    def filter_log_events(self, params: dict[str, Any]) -> dict[str, Any]:
        """FilterLogEvents over streams, oldest first; a filter pattern is taken as words that must all occur."""
        group = self._group(params)
        wanted, prefix = params.get("logStreamNames"), params.get("logStreamNamePrefix", "")
        if wanted and prefix:
            raise ApiError("InvalidParameterException", "logStreamNames and logStreamNamePrefix exclude each other.")
        words = [word.strip('"') for word in params.get("filterPattern", "").split()]
        rows = [
            {**event, "logStreamName": stream, "ingestionTime": event["timestamp"]}
            for stream, events in group.items()
            if (stream in wanted if wanted else stream.startswith(prefix))
            for event in _between(events, params)
            if all(word in event["message"] for word in words)
        ]
        rows.sort(key=lambda row: (row["timestamp"], row["eventId"]))
        page, token = _page(rows, params, "limit", DEFAULT_LIMIT)
        return {"events": page, "searchedLogStreams": [], **_next(token)}

    def _group(self, params: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        name = params.get("logGroupName") or str(params.get("logGroupIdentifier", "")).rpartition("log-group:")[2]
        with self._lock:
            streams = {stream: list(events) for (group, stream), events in self._streams.items() if group == name}
        if not streams:
            raise ApiError("ResourceNotFoundException", "The specified log group does not exist.")
        return streams


def _between(events: list[dict[str, Any]], params: dict[str, Any]) -> list[dict[str, Any]]:
    start, end = params.get("startTime", 0), params.get("endTime", 1 << 62)
    return [event for event in events if start <= event["timestamp"] < end]


def _page(rows: list[Any], params: dict[str, Any], limit_name: str, default: int) -> tuple[list[Any], str]:
    start = _read_token(params["nextToken"])[1] if "nextToken" in params else 0
    stop = start + params.get(limit_name, default)
    return rows[start:stop], _token("f", stop) if stop < len(rows) else ""


def _next(token: str) -> dict[str, str]:
    return {"nextToken": token} if token else {}


def _token(direction: str, position: int) -> str:
    return f"{direction}/{base64.urlsafe_b64encode(str(position).encode()).decode()}"


def _read_token(token: str) -> tuple[str, int]:
    direction, _rest, position = token.partition("/")
    try:
        return direction, int(base64.urlsafe_b64decode(position))
    except ValueError as error:
        raise ApiError("InvalidParameterException", "The specified nextToken is invalid.") from error
