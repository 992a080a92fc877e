# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options and results that every deploy module shares."""

from __future__ import annotations


class ModuleDocFragment:
    """Deploy, adopt and roll back one component."""

    DOCUMENTATION = r"""
options:
  state:
    description:
      - V(deployed) serves O(release) and proves it; what served before returns when the proof fails.
      - V(adopted) records what already serves and passes its probe; nothing is changed.
      - V(rolled_back) serves the newest verified release that served before the present one, or O(rollback_to).
      - V(undone) goes back to what served before the component's last deploy or rollback, as far as that still stands.
        A unit of components asks for it when another one did not pass.
    type: str
    choices: [deployed, adopted, rolled_back, undone]
    default: deployed
  release:
    description:
      - What to serve, by tag, digest or reference. Resolved to a digest before anything is touched.
      - For O(state=adopted) only needed where the digest of what serves cannot be known.
    type: str
  rollback_to:
    description: A recorded release by id, digest, version or reference, instead of the one found by walking back.
    type: str
  rollback_from:
    description:
      - The release that is left. Makes a repeated run C(changed=false) once that release was rolled back.
      - Callers that may repeat themselves (AWX, alerts) must pass it.
    type: str
  reason:
    description: Why; recorded with the verdict on the release that is left.
    type: str
  schema_revision:
    description: The database schema that the release needs; recorded with it.
    type: str
  deploy_without_way_back:
    description: Whether to deploy although nothing could be brought back if the release does not pass.
    type: bool
    default: false
  probe:
    description:
      - What the component must answer, and the command that must pass, which runs where the module runs.
      - Recorded with the release, so that a rollback proves the old release by its own probe.
      - It is asked in check mode too, and several times in a run.
      - The keys are those of O(steady.ops.http_health#module:probe).
    type: dict
    required: true
  deadline_seconds:
    description: No forward step starts unless it and its undo fit before this. A deadline never stops an undo.
    type: float
    default: 2700.0
  switch_timeout_seconds:
    description: How long one operation of the platform may take before it counts as stuck.
    type: float
    default: 1200.0
  settle_seconds:
    description:
      - How long the platform may show the old state after its operation ended, or hide one whose answer was lost.
    type: float
    default: 60.0
  poll_seconds:
    description: Pause between two looks at a running operation; grows to 15 seconds.
    type: float
    default: 5.0
  hooks:
    description:
      - The component's own commands around a switch, run where the module runs, one after the other, without a shell.
      - They find C(STEADY_COMPONENT), C(STEADY_MOMENT), C(STEADY_RELEASE) and C(STEADY_VERSION) in their environment.
      - A run that was killed may run them again.
    type: dict
    suboptions:
      before_switch:
        description: Before a deploy or rollback touches anything. One that fails ends the run there.
        type: list
        elements: dict
        default: []
        suboptions: &hook
          argv:
            description: The program and its arguments.
            type: list
            elements: str
            required: true
          timeout_seconds:
            description: After which it is ended, with all that it started, and has failed.
            type: float
            default: 300.0
          environment:
            description:
              - Names of further variables that it gets. Secrets belong here, never into O(hooks.before_switch.argv).
            type: list
            elements: str
            default: []
      after_switch:
        description: After the release passed its probe. One that fails brings back what served.
        type: list
        elements: dict
        default: []
        suboptions: *hook
      after_undo:
        description: After what served before was brought back. One that fails is a critical finding; the undo stands.
        type: list
        elements: dict
        default: []
        suboptions: *hook
  history:
    description: The ledger's records of this component. Set by the front end of changing modules.
    type: list
    elements: dict
    default: []
  progress_path:
    description: File for progress lines. Set by the front end of changing modules.
    type: path
"""
