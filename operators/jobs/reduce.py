# SPDX-License-Identifier: GPL-3.0-or-later
"""Reduce a finished model to a budget of triangles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy.types import Context, Event

from ...client.errors import TripoError
from ...client.jobs.outcome import may_reduce
from ...client.notices import N_, text
from ...properties.placement_fields import FIELDS
from ...properties.window import window_state
from ...session.operator_return import OperatorReturn
from ..base import call, may_run
from .actions import OnJob

if TYPE_CHECKING:
    from ...client.store import Job
    from ...session.session import Session

_NUMBERS = ("triangles", "lods", "texture_size")
_NONE = N_("No job of the list has a model that can be reduced: generate one first")


class TRIPO_OT_reduce(OnJob):
    """Import this job's model again with fewer triangles, with what is lost baked into its textures"""

    bl_idname = "tripo.reduce"
    bl_label = "Reduce"
    bl_options = {"INTERNAL"}

    __annotations__ = {name: FIELDS[f"budget_{name}"].plain({"SKIP_SAVE"}) for name in _NUMBERS}
    if TYPE_CHECKING:  # made by tools/property_types.py
        triangles: int
        lods: int
        texture_size: int

    @classmethod
    def poll(cls, _context: Context) -> bool:
        """Whether there is a finished model; a script names its job, which the list may not show yet."""
        is_any = bpy.app.background or any(may_reduce(job.status, job.kind) for job in window_state().jobs)
        return may_run(cls, "" if is_any else _NONE)

    def invoke(self, context: Context, _event: Event) -> OperatorReturn:
        """Ask for the budget."""
        return context.window_manager.invoke_props_dialog(self, width=300, confirm_text="Reduce")

    def draw(self, _context: Context) -> None:
        """Draw the budget."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        for name in _NUMBERS:
            layout.prop(self, name)

    def change(self, context: Context, session: Session, job: Job) -> OperatorReturn | None:
        """Import it as it was imported before, but for the budget."""
        if not may_reduce(job.status, job.kind):
            raise TripoError(
                N_("Only a finished model can be reduced: this job is {state}"), state=text(job.status.lower())
            )
        if not job.file or not (session.home.root / job.file).is_file():
            raise TripoError(N_("The downloaded file is no longer in the cache: import the model, then reduce it"))
        budget = {f"budget_{name}": getattr(self, name) for name in _NUMBERS}
        return call("import_job", job_id=job.job_id, budget=True, **budget)


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_reduce,))
