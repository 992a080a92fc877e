# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The App Runner fake, with smartunderwrite's service behind it."""

from __future__ import annotations

import importlib.util
import json
import sys
import urllib.error
import urllib.request
from typing import Any

from lab.errors import LabError
from lab.parts import Lab, Part, http_reason
from lab.processes import Launch

SERVICE = "smartunderwrite-api"
REPOSITORY = f"000000000000.dkr.ecr.us-east-1.amazonaws.com/{SERVICE}"
IMAGES = {"1.0.0": "ok", "1.1.0": "ok"}  # version: behaviour; the lab starts with the first one running
HEALTH = "/api/health/healthz"


class AppRunner(Part):
    """The fake's process; it launches the sample application behind each service itself."""

    name = "apprunner"

    def prepare(self, lab: Lab) -> Launch:
        home = lab.place.state / self.name
        home.mkdir(mode=0o700, exist_ok=True)
        argv = [
            sys.executable,
            "-m",
            "lab.fakes.apprunner",
            "--state-dir",
            str(home),
            "--port",
            str(lab.take_port(self.name)),
            "--scale",
            f"{lab.scale:g}",
        ]
        return Launch(self.name, argv, cwd=lab.place.checkout)

    def probe(self, lab: Lab) -> str | None:
        return http_reason(f"{self.address(lab)}/_lab/requests")

    def address(self, lab: Lab) -> str:
        return f"http://127.0.0.1:{lab.port(self.name)}"

    def set_scale(self, lab: Lab, scale: float) -> None:
        """Let the fake's minutes pass faster or slower from now on."""
        self.control(lab, "POST", "/_lab/settings", {"scale": scale})

    def fill(self, lab: Lab) -> None:
        self.set_scale(lab, lab.scale)
        if self.service(lab):
            return
        for version, behaviour in IMAGES.items():
            self.control(
                lab,
                "POST",
                "/_lab/images",
                {"repository": SERVICE, "tag": version, "version": version, "behaviour": {"kind": behaviour}},
            )
        first = next(iter(IMAGES))
        self.control(
            lab,
            "POST",
            "/_lab/services",
            {"name": SERVICE, "image": f"{REPOSITORY}:{first}", "health_check": {"path": HEALTH}},
        )

    def service(self, lab: Lab) -> dict[str, Any] | None:
        """The truth about smartunderwrite's service as the fake tells it, None when it has none."""
        try:
            return self.control(lab, "GET", f"/_lab/services/{SERVICE}")
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise

    def control(self, lab: Lab, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One call of the fake's control API."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(
            self.address(lab) + path, data=data, method=method, headers={"Content-Type": "application/json"}
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as answer:
                found: dict[str, Any] = json.loads(answer.read())
        except urllib.error.HTTPError as error:
            if error.code == 404 and method == "GET":
                raise
            raise LabError(f"apprunner: {method} {path} answers {error.code}: {error.read().decode()[:200]}") from error
        except OSError as error:
            raise LabError(f"apprunner: {method} {path} is not answered ({error}).") from error
        return found

    def describe(self, lab: Lab) -> dict[str, Any]:
        return {
            "host": "127.0.0.1",
            "port": lab.port(self.name),
            "endpoint": self.address(lab),
            "region": "us-east-1",
            "account": "000000000000",
            "image_repository": REPOSITORY,
        }


class AppRunnerService(Part):
    """smartunderwrite's api as a part of its own: it has an address and a health, but no process that we start."""

    name = "app_smartunderwrite_api"
    started_by = "apprunner"

    def __init__(self, runner: AppRunner) -> None:
        self.runner = runner

    def probe(self, lab: Lab) -> str | None:
        if reason := self.runner.probe(lab):
            return f"its platform is not up: {reason}"
        url = self.describe(lab).get("url")
        return http_reason(f"{url}{HEALTH}") if url else "its platform has no such service"

    def address(self, lab: Lab) -> str:
        return str(self.describe(lab).get("url", "nowhere"))

    def describe(self, lab: Lab) -> dict[str, Any]:
        try:
            service = self.runner.service(lab)
        except (LabError, OSError):
            service = None
        if not service:
            return {}
        url = service["url"]
        return {
            "url": url,
            "health_url": f"{url}{HEALTH}",
            "service": SERVICE,
            "arn": service.get("arn", ""),
            "image_repository": REPOSITORY,
        }


def all_runners() -> list[Part]:
    """The fake and the service behind it; none before the fake is there."""
    if importlib.util.find_spec("lab.fakes.apprunner.__main__") is None:
        return []
    runner = AppRunner()
    return [runner, AppRunnerService(runner)]
