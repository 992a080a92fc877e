# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of an inventory: its groups, its variables, and what each kind of component has to state."""

from __future__ import annotations

GROUPS = ("services", "postgres", "redis", "storage", "ingress", "monitoring")
ENVIRONMENTS = ("production", "staging", "lab")
BUILT_IN_GROUPS = ("all", "ungrouped")

# Facts without which no run can pass the gates.
RUN_FACTS = ("ops_system", "ops_environment", "ops_ledger")
POLICIES = (
    *("ops_windows", "ops_freezes", "ops_ledger_persistent"),
    *("ops_approvers", "ops_allowed_signers", "ops_standing_approvals"),
    *("ops_notify", "ops_anchors", "ops_schedules"),
)
INVENTORY_FACTS = ("ops_required", "ops_required_system", "ops_contacts", "ops_urls")
OPS_VARIABLES = frozenset(RUN_FACTS + POLICIES + INVENTORY_FACTS)
# What a component states beside its C(component_*) variables.
COMPONENT_VARIABLES = ("aws_connection", "postgres_connection", "redis_connection")
# Said by a person for one run; an inventory that sets one would say it for every run.
RUN_VARIABLES = frozenset(("ops_confirm", "ops_incident", "ops_reason", "ops_override", "ops_override_confirm"))

# What each kind of component states, so that a health check knows how to ask it.
KIND_FACTS = {
    "http": ("component_probe.url",),
    "command": ("component_probe.command",),
    "tcp": ("component_options.host", "component_options.port"),
    "postgres": ("postgres_connection",),
    "redis": ("component_options.host", "component_options.port"),
    "s3": ("component_options.bucket",),
    "job": (),
}
# What pins a component of production, compared with the live system before anything is touched. A component on a
# platform is pinned by its platform, any other by its kind.
PLATFORM_IDENTITY = {
    "apprunner": ("component_identity.aws_account", "component_identity.region"),
    "ecs_express": ("component_identity.aws_account", "component_identity.region"),
    "compose": ("component_identity.machine_id",),
    "release_dir": ("component_identity.machine_id",),
    "kubernetes": ("component_identity.cluster_uid",),
    "render": ("component_identity.render_owner",),
    "vercel": ("component_identity.vercel_team",),
}
KIND_IDENTITY = {
    "postgres": ("component_identity.postgres_system_identifier", "component_identity.database"),
    "s3": ("component_identity.aws_account",),
}


def required_paths(kind: str | None, platform: str | None, environment: str | None) -> tuple[str, ...]:
    """Return the key paths that a component has to state, whatever its own C(ops_required) adds."""
    paths = (*RUN_FACTS, "component_kind", *KIND_FACTS.get(kind or "", ()))
    if environment != "production":
        return paths
    pinned = PLATFORM_IDENTITY.get(platform, ()) if platform else KIND_IDENTITY.get(kind or "", ())
    return (*paths, *pinned)
