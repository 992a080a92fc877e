# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control API under /_lab/: what a test, a seed or the demo does to the fake, and the truth that it reads."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lab.fakes.apprunner import shapes
from lab.fakes.apprunner.faults import KINDS
from lab.fakes.apprunner.health import DEFAULTS, wait_healthy
from lab.fakes.apprunner.state import Service, new_operation
from lab.fakes.apprunner.wire import ApiError

if TYPE_CHECKING:
    from lab.fakes.apprunner.fake import Fake

FAKE_ONLY = {"repository", "tag", "digest"}
OUTSIDE_KINDS = {
    "StartDeployment": "START_DEPLOYMENT",
    "PauseService": "PAUSE_SERVICE",
    "ResumeService": "RESUME_SERVICE",
    "DeleteService": "DELETE_SERVICE",
}


SERVICE_KEYS = {
    "name",
    "image",
    "port",
    "environment",
    "secrets",
    "instance",
    "health_check",
    "tags",
    "auto_deployments",
}


def done(act: Callable[..., None], *arguments: Any) -> dict[str, Any]:
    """Act, and answer with an empty object."""
    act(*arguments)
    return {}


def health_check(given: dict[str, Any]) -> dict[str, Any]:
    """HealthCheckConfiguration from keys in either case; a path alone means HTTP."""
    named = {name[:1].upper() + name[1:]: value for name, value in given.items()}
    return {**DEFAULTS, **({"Protocol": "HTTP"} if "Path" in named else {}), **named}


class LabApi:
    """Routes `METHOD /path` to methods; bodies and answers are JSON objects (the request log: a list)."""

    def __init__(self, fake: Fake) -> None:
        self._fake = fake
        self._routes: dict[str, Callable[[dict[str, Any]], Any]] = {
            "POST /_lab/images": self.put_image,
            "DELETE /_lab/images": self.delete_image,
            "GET /_lab/images": lambda _: fake.state.repositories,
            "POST /_lab/services": self.create_service,
            "GET /_lab/services": lambda _: [self.truth(row) for row in list(fake.state.services.values())],
            "POST /_lab/outside": self.outside,
            "POST /_lab/faults": lambda body: {"id": fake.faults.push(body)["id"]},
            "GET /_lab/faults": lambda _: {"pending": fake.state.faults, "kinds": KINDS},
            "DELETE /_lab/faults": lambda _: done(fake.faults.clear),
            "POST /_lab/hold": self.hold,
            "POST /_lab/release": self.release,
            "POST /_lab/settings": self.set_settings,
            "GET /_lab/requests": lambda body: fake.log.rows(int(body.get("since", 0))),
            "DELETE /_lab/requests": lambda _: done(fake.log.clear),
            "POST /_lab/reset": lambda body: done(fake.reset, bool(body.get("keep_images"))),
            "GET /_lab/health": lambda _: {"status": "ok", "broken": fake.aws.broken, "scale": fake.pace.scale},
        }

    def call(self, method: str, path: str, body: dict[str, Any]) -> Any:
        """Answer one call; raises ApiError."""
        if method == "GET" and path.startswith("/_lab/services/"):
            return self.truth(self._service(path.removeprefix("/_lab/services/")))
        route = self._routes.get(f"{method} {path}")
        if route is None:
            raise ApiError("NotFound", f"no control call {method} {path}; there are {', '.join(self._routes)}", 404)
        try:
            return route(body)
        except KeyError as error:
            raise ApiError("BadCall", f"{method} {path} needs {error}") from error
        except ValueError as error:
            raise ApiError("BadCall", str(error)) from error

    def put_image(self, body: dict[str, Any]) -> dict[str, Any]:
        """Push a release under a tag, or (with `digest`) point the tag at an image that is there."""
        repository, tag = body["repository"], body.get("tag", "")
        if "digest" in body:
            if not self._fake.images.tag(repository, tag, body["digest"]):
                raise ApiError("NotFound", f"{repository} has no image {body['digest']}", 404)
            digest = body["digest"]
        else:
            digest = self._fake.images.put(repository, tag, {k: v for k, v in body.items() if k not in FAKE_ONLY})
        self._fake.operations.pushed(repository, tag)
        return {"digest": digest, "identifier": self._fake.images.full(f"{repository}@{digest}")}

    def delete_image(self, body: dict[str, Any]) -> dict[str, Any]:
        """Delete an image with all its tags."""
        if not self._fake.images.delete(body["repository"], body.get("tag", ""), body.get("digest", "")):
            raise ApiError("NotFound", f"no such image in {body['repository']}", 404)
        return {}

    def create_service(self, body: dict[str, Any]) -> dict[str, Any]:
        """A service that runs at once, without the minutes of CreateService; the answer is its truth."""
        fake = self._fake
        unknown = set(body) - SERVICE_KEYS
        if unknown:
            raise ApiError("BadCall", f"keys {sorted(unknown)} are not known; use {', '.join(sorted(SERVICE_KEYS))}")
        image: dict[str, Any] = {"ImageIdentifier": fake.images.full(body["image"]), "ImageRepositoryType": "ECR"}
        image["ImageConfiguration"] = {
            "Port": str(body.get("port", "8080")),
            "RuntimeEnvironmentVariables": body.get("environment", {}),
            "RuntimeEnvironmentSecrets": body.get("secrets", {}),
        }
        role = f"arn:aws:iam::{fake.state.account}:role/service-role/AppRunnerECRAccessRole"
        params = {
            "ServiceName": body["name"],
            "SourceConfiguration": {
                "ImageRepository": image,
                "AutoDeploymentsEnabled": bool(body.get("auto_deployments", True)),
                "AuthenticationConfiguration": {"AccessRoleArn": role},
            },
            "InstanceConfiguration": shapes.instance({}) | body.get("instance", {}),
            "HealthCheckConfiguration": health_check(body.get("health_check", {})),
            "Tags": [{"Key": key, "Value": value} for key, value in body.get("tags", {}).items()],
        }
        pulled = fake.images.resolve(image["ImageIdentifier"])
        if pulled is None:
            raise ApiError("NotFound", f"there is no image {body['image']}; put it first", 404)
        with fake.state.lock:
            service = fake.services.add(params)
            operation = new_operation("CREATE_SERVICE", time.time(), {}, [])
            operation.status, operation.phase, operation.ended = "SUCCEEDED", "ended", operation.started
            service.operations.append(operation)
            process = fake.backends.launch(service, *pulled)
            fake.backends.switch(service, process, *pulled)
            service.status = "RUNNING"
            fake.state.save()
        wait_healthy(process, {**DEFAULTS, "UnhealthyThreshold": 20}, True, fake.pace)
        return self.truth(service)

    def outside(self, body: dict[str, Any]) -> dict[str, Any]:
        """Another tool's call: UpdateService with `image` (and `environment`, `auto_deployments`), or `action`."""
        fake = self._fake
        action = body.get("action", "UpdateService")
        with fake.state.lock:
            service = self._service(body["service"])
            params: dict[str, Any] = {"ServiceArn": service.arn}
            if action == "UpdateService":
                params["SourceConfiguration"] = self._changed_source(service, body)
            elif action not in OUTSIDE_KINDS:
                raise ApiError("BadCall", f"action must be UpdateService or one of {', '.join(OUTSIDE_KINDS)}")
            result = fake.services.handlers[action](params, [])
        row = {"at": time.time(), "origin": "outside", "service": "apprunner", "operation": action, "status": 200}
        row |= {"target": service.name, "mutating": True, "accepted": True, "error": "", "fault": ""}
        fake.log.add({**row, "params": {"image": body.get("image", "")}, "operation_id": result["OperationId"]})
        return {"operation_id": result["OperationId"]}

    def _changed_source(self, service: Service, body: dict[str, Any]) -> dict[str, Any]:
        source = dict(service.config["SourceConfiguration"])
        image = dict(source["ImageRepository"])
        if "image" in body:
            image["ImageIdentifier"] = self._fake.images.full(body["image"])
        if "environment" in body:
            given = image.get("ImageConfiguration", {})
            image["ImageConfiguration"] = {**given, "RuntimeEnvironmentVariables": body["environment"]}
        source["ImageRepository"] = image
        if "auto_deployments" in body:
            source["AutoDeploymentsEnabled"] = bool(body["auto_deployments"])
        return source

    def hold(self, body: dict[str, Any]) -> dict[str, Any]:
        """Hold the service's running or next operation in `phase` until released."""
        with self._fake.state.lock:
            self._service(body["service"]).hold = body.get("phase", "provision")
            self._fake.state.save()
        return {}

    def release(self, body: dict[str, Any]) -> dict[str, Any]:
        """Let a held or stuck operation go on."""
        self._fake.operations.phases.release(self._service(body["service"]))
        return {}

    def set_settings(self, body: dict[str, Any]) -> dict[str, Any]:
        """Change `scale`, `durations` (model seconds by name), `secrets` (value by ARN), `restart_seconds` (real
        seconds after which a serving process that ended is started again; not set: never). Each replaces what was set.
        """
        unknown = set(body) - {"scale", "durations", "secrets", "restart_seconds"}
        if unknown:
            raise ApiError("BadCall", f"settings {sorted(unknown)} are not known")
        with self._fake.state.lock:
            self._fake.state.settings.update(body)
            self._fake.state.save()
        return {name: value for name, value in self._fake.state.settings.items() if name != "secrets"}

    def truth(self, service: Service) -> dict[str, Any]:
        """What is really so, whatever DescribeService says."""
        with self._fake.state.lock:
            process = self._fake.backends.process(service)
            configuration = service.config["SourceConfiguration"]["ImageRepository"].get("ImageConfiguration", {})
            return {
                "name": service.name,
                "arn": service.arn,
                "service_id": service.id,
                "url": f"http://{service.url}",
                "status": service.status,
                "configured_image": service.image,
                "auto_deployments": service.config["SourceConfiguration"].get("AutoDeploymentsEnabled"),
                "environment_names": sorted(configuration.get("RuntimeEnvironmentVariables", {})),
                "instance": service.config["InstanceConfiguration"],
                "serving_digest": process.digest if process else "",
                "serving_version": process.version if process else "",
                "serving_pid": process.pid if process else 0,
                "serving_alive": bool(process and process.exit_code is None),
                "hold": service.hold,
                "operations": [
                    {
                        "id": row.id,
                        "type": row.type,
                        "status": row.status,
                        "phase": row.phase,
                        "reason": row.reason,
                        "started": row.started,
                        "ended": row.ended,
                    }
                    for row in service.operations
                ],
            }

    def _service(self, name: str) -> Service:
        service = self._fake.state.named(name)
        if service is None:
            raise ApiError("NotFound", f"there is no service {name}", 404)
        return service
