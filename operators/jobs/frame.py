# SPDX-License-Identifier: GPL-3.0-or-later
"""Frame a delivered model in the 3D view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy.types import Context
from mathutils import Vector

from ...client.errors import TripoError
from ...client.notices import N_
from ...session.operator_return import OperatorReturn
from ...translations.translate import tell
from ..base import OfJob, reporting

if TYPE_CHECKING:
    from ...client.jobs.geometry import Box

_GONE = N_("This model is not in the scene: import it again")
_NO_VIEW = N_("No 3D view shows this scene: open one")
_CAMERA = N_(
    "This view looks through the camera and stays there: leave it with View ▸ Cameras ▸ Active Camera, then press Frame"
)


class TRIPO_OT_frame_job(OfJob):
    """Move this 3D view so that the job's model fills it, and show the model where it is hidden"""

    bl_idname = "tripo.frame_job"
    bl_label = "Frame Model"
    bl_options = {"INTERNAL"}

    @reporting
    def execute(self, context: Context) -> OperatorReturn:
        """Frame the newest copy of the model; selection and mode stay as they are, and all other views."""
        from ...session import artist_view, visibility
        from ...session.delivered_models import collections_of

        found = collections_of(self.job_id, context.scene)
        view = artist_view.view_on(context.scene)
        if not found or view is None:
            raise TripoError(_NO_VIEW if found else _GONE)
        if visibility.show(found[-1], context.view_layer, view):
            bpy.ops.ed.undo_push(message="Show Model")
        box = bounds_of(found[-1], context)
        if box is None or not visibility.is_visible(found[-1], context.view_layer, view):
            raise TripoError(visibility.why_not(found[-1], view))
        if not artist_view.frame(view, box):
            self.report({"WARNING"}, tell(_CAMERA))
            return {"CANCELLED"}
        return {"FINISHED"}


def bounds_of(collection: bpy.types.Collection, context: Context) -> Box | None:
    """Return the room of what a collection shows in the present view layer, in world space."""
    from ...client.jobs.geometry import box_around, vector

    names = {one.name for one in collection.all_objects}
    corners: list[Vector] = []
    for instance in context.evaluated_depsgraph_get().object_instances:
        shown = instance.object
        owner = instance.parent if instance.is_instance else shown
        if owner.original.name in names and shown.type != "EMPTY":
            corners += [instance.matrix_world @ Vector(corner) for corner in shown.bound_box]
    return box_around(vector(one[:]) for one in corners) if corners else None


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_frame_job,))
