# Copyright (c) 2026 steady.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module's options as they go to a machine: what names files of the controller names the machine's own instead."""

from __future__ import annotations

from collections.abc import Mapping

Options = dict[str, object]


def lease_path_of(permit: object, object: str) -> str:
    """Return the controller's lease file of this object; empty in a check run, and where there is no permit."""
    return str(_lease_of(permit, object).get("lease_deadline_path") or "")


def planning_options(options: Mapping[str, object], object: str) -> Options:
    """Return the options for a plan: nothing is held, so no lease is named."""
    return _with_lease(options, object, "")


def changing_options(
    options: Mapping[str, object], object: str, *, lease: str, progress: str, artefact: str | None = None
) -> Options:
    """Return the options for the change.

    :param lease: where the lease's copy lies on the machine.
    :param progress: where the module reports there, if it does.
    :param artefact: where the artefact lies there; C(None) where none was sent.
    """
    found = _with_lease(options, object, lease)
    if options.get("progress_path"):
        found["progress_path"] = progress
    if artefact is not None:
        found["artefact_path"] = artefact
    return found


def _with_lease(options: Mapping[str, object], object: str, path: str) -> Options:
    permit = options.get("permit")
    if not isinstance(permit, Mapping):
        return dict(options)
    return {**options, "permit": {**permit, "objects": [{**_lease_of(permit, object), "lease_deadline_path": path}]}}


def _lease_of(permit: object, object: str) -> Mapping[str, object]:
    objects = permit.get("objects") if isinstance(permit, Mapping) else None
    leases = [item for item in objects if isinstance(item, Mapping)] if isinstance(objects, list) else []
    return next((lease for lease in leases if lease.get("object") == object), {"object": object, "token": 0})
