#!/usr/bin/python
# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: release_dir_deploy
short_description: Deploy, adopt and roll back an application in release directories on a machine
version_added: 0.1.0
description:
  - Unpacks an archive into a directory of its own, switches the link C(current) to it by one rename, tells the
    supervisor, waits until the application runs steadily in the new directory, and probes what really answers. Only
    the wanted release, live and probed, is success.
  - When it does not pass, what served before returns through the same steps; the result is then failed with
    RV(rolled_back) true.
  - The intent lies beside the releases before the link is switched, so that a run that was killed is finished or put
    back by the next, from what that one finds. Two runs cannot change one component at once.
  - A release that was changed on the disk since it was unpacked is no target of a rollback. Files that the application
    writes beside those of the archive do not count; better link them by O(shared_paths).
author:
  - steady.ops contributors (@steady-ops)
options:
  artefact_path:
    description:
      - The archive of O(release) on this machine, C(tar) (plain or compressed with gzip, bzip2 or xz) or C(zip).
      - Not needed for a release that is on the disk already. Set by the front end, which fetches and sends it.
    type: path
  artefact_digest:
    description: SHA-256 of the archive. It is the digest of the release.
    type: str
  artefact_ref:
    description: How a person names the release, such as a tag; O(release) where it is not given.
    type: str
  artefact_version:
    description: What the version endpoint of the release answers, where that is known beforehand.
    type: str
  artefact_strip:
    description: How many leading directories of the archive's paths to leave out.
    type: int
    default: 0
  artefact_most_bytes:
    description: The archive is refused when it unpacks to more than this.
    type: int
    default: 4294967296
  shared_paths:
    description:
      - Paths that outlive a release. Each is a link in every release, to the same path below C(shared/).
      - One that ends with C(/) is a directory and is made where it is missing; another must be there.
    type: list
    elements: str
    default: []
  owner:
    description:
      - User that gets the content of releases and of shared directories, where this runs as root.
      - O(path) and the directories C(releases/) and C(shared/) themselves stay root's.
    type: str
  group:
    description: Group that gets them; the user's own where only O(owner) is given.
    type: str
  switch_style:
    description:
      - V(reload) asks the supervisor for a graceful change where it has one (C(ExecReload) of systemd, cluster mode of
        pm2, O(supervisor.reload)); whether the application then really runs in the new directory is still judged.
    type: str
    choices: [restart, reload]
    default: restart
  steady_seconds:
    description: How long the application must run without a restart before it is probed.
    type: float
    default: 10.0
  start_seconds:
    description: How long it may take until then; after that what served before returns.
    type: float
    default: 120.0
  keep_releases:
    description:
      - How many releases that once passed their probe stay on the disk, with the one that serves. What serves, what a
        process runs in and what a rollback would go to always stay, and what another tool put there does.
    type: int
    default: 5
  keep_rejected:
    description: How many releases that did not pass stay on the disk, to be studied.
    type: int
    default: 2
  poll_seconds:
    description: How long to wait before the supervisor is asked again.
    type: float
    default: 0.5
extends_documentation_fragment:
  - steady.ops.attributes
  - steady.ops.attributes.full
  - steady.ops.permit
  - steady.ops.release
  - steady.ops.release_dir
seealso:
  - module: steady.ops.guard
  - module: steady.ops.http_health
  - module: steady.ops.release_dir_release_info
"""

EXAMPLES = r"""
- name: Serve release 1.8.0 under systemd and prove it
  steady.ops.release_dir_deploy:
    path: /opt/sanvi/backend
    supervisor: {kind: systemd, unit: sanvi-backend.service}
    release: 1.8.0
    artefact_path: /var/tmp/sanvi-backend-1.8.0.tar.gz
    artefact_digest: sha256:5f2b0e4c1d7a9e8f3c6b5a4d2e1f0c9b8a7d6e5f4c3b2a1908f7e6d5c4b3a291
    shared_paths: [logs/, .env]
    owner: sanvi
    probe:
      url: http://127.0.0.1:3000/health
      json: {status: ok}
      version: {json: version, equals: release}
    permit: "{{ ops_run.permit }}"

- name: Return to the release that served before, under pm2
  steady.ops.release_dir_deploy:
    state: rolled_back
    path: /opt/sanvi/frontend
    supervisor: {kind: pm2, process: sanvi-frontend, ecosystem: ecosystem.config.js}
    switch_style: reload
    probe: "{{ component_probe }}"
    permit: "{{ ops_run.permit }}"

- name: Show what a deployment would do
  steady.ops.release_dir_deploy:
    path: /opt/sanvi/backend
    supervisor: {kind: systemd, unit: sanvi-backend.service}
    release: 1.9.0
    artefact_digest: sha256:0b7c6d5e4f3a291817263544c3b2a190a7d6e5f4c3b2a1908f7e6d5c4b3a2910
    probe: "{{ component_probe }}"
  check_mode: true
"""

RETURN = r"""
release:
  description: The release that was wanted, or the target of a rollback.
  returned: always, unless an option was refused
  type: dict
  sample: {id: 9be07a1c2d3e, ref: 1.8.0, digest: "sha256:9be07a1c2d3e...", version: 1.8.0}
previous:
  description: The release that served when the run began.
  returned: always, unless an option was refused
  type: dict
serving:
  description: The release that serves now, as far as it is known; null when it is not.
  returned: always, unless an option was refused
  type: dict
rolled_back:
  description: Whether what served before serves again and passed its probe. Always together with failed.
  returned: always
  type: bool
explanation:
  description: The platform's and the application's own last words, bounded and redacted.
  returned: always, unless an option was refused
  type: list
  elements: str
operations:
  description: The operations of the platform that this run began or waited for.
  returned: always, unless an option was refused
  type: list
  elements: dict
probe:
  description: The last probe; what passed, over how many samples, how fast, which version.
  returned: always, unless an option was refused
  type: dict
duration_seconds:
  description: How long the module took.
  returned: always, unless an option was refused
  type: float
plan:
  description: The steps, each with what became of it.
  returned: always, unless an option was refused
  type: list
  elements: dict
plan_hash:
  description: The hash of the intent. An approved plan whose hash differs is refused before its first step.
  returned: always, unless an option was refused
  type: str
diff:
  description: What served and stood before, and what serves and stands when the plan has succeeded.
  returned: always, unless an option was refused
  type: dict
findings:
  description: What was noticed on the way.
  returned: always, unless an option was refused
  type: list
  elements: dict
entries:
  description: Records for the ledger. Consumed by the front end.
  returned: always, unless an option was refused
  type: list
  elements: dict
intent:
  description: The record that the ledger must hold before the real run begins. Consumed by the front end.
  returned: in check mode
  type: dict
intent_open:
  description: Whether a switch that was announced is still unsettled.
  returned: always
  type: bool
again:
  description: The run settled what another left open; the same call must be planned anew. Consumed by the front end.
  returned: always, unless an option was refused
  type: bool
refused:
  description: Why a real run would refuse to begin.
  returned: always, unless an option was refused
  type: str
next:
  description: The one next command, as playbook and variables.
  returned: always, unless an option was refused
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._clock import Clock
from ..module_utils._command import SubprocessRunner
from ..module_utils._deploy import RELEASE_OPTIONS, carry_out, refusal
from ..module_utils._errors import OpsError
from ..module_utils._plan import changed
from ..module_utils._platform.release_dir.options import DEPLOY_OPTIONS, bounds_from, platform_from
from ..module_utils._platform.release_dir.platform import ReleaseDir
from ..module_utils._release.history import VERIFIED, History

OPTIONS: dict[str, dict[str, Any]] = {**RELEASE_OPTIONS, **DEPLOY_OPTIONS}


def keep_result_whole(module: AnsibleModule) -> None:
    """Let Ansible mask the one credential alone wherever it occurs in the result, not each value of the probe."""
    token = module.params["probe"].get("bearer_token")
    module.no_log_values = {str(token)} if token else set()


def resumes(options: dict[str, Any]) -> bool:
    """Tell whether the ledger holds an open intent of this component."""
    intents = [record.get("state") for record in options["history"] if record.get("kind") == "intent"]
    return intents[-1:] == ["open"]


def prune(options: dict[str, Any], platform: ReleaseDir, result: dict[str, Any], *, check: bool) -> dict[str, Any]:
    """Remove releases that nobody needs any more, or say which; return what that adds to the result."""
    unsettled = result["intent_open"] or result["again"] or result["refused"]
    serving = result["serving"] if result["failed"] else result["release"] or result["serving"]
    if unsettled or not serving:
        return {}
    history = History.from_records([*options["history"], *result["entries"]], "")
    way_back = [release.id for release in history.eligible(serving["id"])]
    steps, findings = platform.prune(
        str((options["permit"] or {}).get("object") or options["path"]),
        order=[serving["id"], *way_back],
        verdicts={**{id: history.verdict(id) for id in history.releases}, serving["id"]: VERIFIED},
        protected={serving["id"], *way_back[:1], *([result["previous"]["id"]] if result["previous"] else [])},
        bounds=bounds_from(options),
        check=check,
    )
    return {
        "changed": result["changed"] or changed(steps),
        "plan": [*result["plan"], *(step.as_dict() for step in steps)],
        "findings": [*result["findings"], *(finding.as_dict() for finding in findings)],
    }


def run(options: dict[str, Any], *, check: bool) -> dict[str, Any]:
    """Carry out the engine's run on this machine, then prune; return the result.

    :raises OpsError: nothing was touched.
    """
    made: list[ReleaseDir] = []

    def make_platform(clock: Clock, before_call: Callable[[], None]) -> ReleaseDir:
        made.append(
            platform_from(options, clock, SubprocessRunner(), resumes=resumes(options), before_call=before_call)
        )
        return made[0]

    bounds_from(options)
    try:
        result = carry_out(
            options,
            check=check,
            component=options["path"],
            desired={"path": options["path"], "artefact": options["artefact_digest"] or ""},
            make_platform=make_platform,
        )
        return {**result, **prune(options, made[0], result, check=check)}
    finally:
        for platform in made:
            platform.lock.free()


def main() -> None:
    """Wire options, platform and engine; report."""
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    keep_result_whole(module)
    try:
        result = run(module.params, check=module.check_mode)
    except OpsError as error:
        module.fail_json(**refusal(error, module.params["history"]))
    if result["failed"]:
        module.fail_json(**result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
