# SPDX-License-Identifier: GPL-3.0-or-later
"""What a delivery has to wait for: a render or a bake, a tool in use, an object that is being edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ...client.jobs.outcome import Outcome, outcome_of
from ...client.jobs.placement import Placement
from ...client.notices import N_, text
from ...properties.placement_values import present_of
from . import originals

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import WmJobTypeItems

    from ...client.store import Job

_JOBS_TO_WAIT_FOR: dict[WmJobTypeItems, str] = {"RENDER": N_("the render"), "OBJECT_BAKE": N_("the bake")}
_WAITING = N_("Finished: waiting for {what} to end")
_HOLDS_THE_SCENE = {"UNDO", "BLOCKING", "GRAB_CURSOR", "GRAB_CURSOR_X", "GRAB_CURSOR_Y"}


def waits_for() -> str:
    """Return what a delivery has to wait for now, as text that `tell` takes, or an empty one."""
    for job_type, label in _JOBS_TO_WAIT_FOR.items():
        if bpy.app.is_job_running(job_type):
            return text(_WAITING, what=text(label)).to_text()
    for window in bpy.data.window_managers[0].windows:
        for operator in window.modal_operators:
            # An undo step in the middle of a tool records half of it. Those that merely watch have no flag.
            if operator.bl_options & _HOLDS_THE_SCENE:
                return text(_WAITING, what=operator.name).to_text()
    return ""


def waits_for_mode(job: Job, scene: bpy.types.Scene) -> str:
    """Return why this job has to wait for another mode, or an empty string."""
    placement = Placement.from_json(job.placement)
    for replaced in (placement.placeholder, *placement.copies) if placement.placeholder is not None else ():
        present = present_of(replaced, scene)
        if present is not None and present.mode != "OBJECT":
            words = N_("Finished: waiting until {name} is back in Object Mode, to replace it")
            return text(words, name=present.name).to_text()
    is_new = outcome_of(job.kind) is Outcome.NEW_MODEL
    for original in () if is_new else originals.of_job(job, scene):
        if original.mode != "OBJECT":
            return text(N_("Finished: waiting until {name} is back in Object Mode"), name=original.name).to_text()
    return ""
