# SPDX-License-Identifier: GPL-3.0-or-later
"""Frame a delivered model in the 3D views."""

import math
from typing import TYPE_CHECKING

import bpy
from bpy.props import StringProperty
from bpy.types import Context, Operator
from mathutils import Vector

from ...session.operator_return import OperatorReturn

_SENSOR = 72.0
"""Width in millimetres that the lens of a 3D view projects onto: Blender shows twice its 36 mm sensor."""
_MARGIN = 1.15
_SMALLEST = 1e-4


class TRIPO_OT_frame_job(Operator):
    """Move the 3D views so that this job's model fills them"""

    bl_idname = "tripo.frame_job"
    bl_label = "Frame Model"
    bl_options = {"INTERNAL"}

    job_id: StringProperty(name="Job ID", description="The job's name on this machine", options={"SKIP_SAVE", "HIDDEN"})
    if TYPE_CHECKING:  # made by tools/property_types.py
        job_id: str

    def execute(self, context: Context) -> OperatorReturn:
        """Frame the newest copy of the model; selection, mode and undo history stay as they are."""
        from ...session.delivered_models import collections_of

        found = collections_of(self.job_id, context.scene)
        box = _bounds(found[-1], context) if found else None
        if box is None:
            self.report({"ERROR"}, "Nothing of this model is visible in the scene: unhide it or import it again")
            return {"CANCELLED"}
        for area in context.screen.areas if context.screen else ():
            if area.type == "VIEW_3D":
                _frame(area, *box)
        return {"FINISHED"}


def _bounds(collection: bpy.types.Collection, context: Context) -> tuple[Vector, float] | None:
    """Return centre and radius of what a collection shows in the present view layer."""
    names = {one.name for one in collection.all_objects}
    corners: list[Vector] = []
    for instance in context.evaluated_depsgraph_get().object_instances:
        shown = instance.object
        owner = instance.parent if instance.is_instance else shown
        if owner.original.name in names and shown.type != "EMPTY":
            corners += [instance.matrix_world @ Vector(corner) for corner in shown.bound_box]
    if not corners:
        return None
    low = Vector([min(corner[axis] for corner in corners) for axis in range(3)])
    high = Vector([max(corner[axis] for corner in corners) for axis in range(3)])
    return (low + high) / 2, max((high - low).length / 2, _SMALLEST)


def _frame(area: bpy.types.Area, centre: Vector, radius: float) -> None:
    space = area.spaces.active
    assert isinstance(space, bpy.types.SpaceView3D)
    region = next(one for one in area.regions if one.type == "WINDOW")
    narrow = min(region.width, region.height) / max(region.width, region.height, 1)
    views = list(space.region_quadviews) or [space.region_3d]
    for view in views:
        if view.view_perspective == "CAMERA":
            view.view_perspective = "PERSP"
        half_angle = math.atan(_SENSOR / 2 / space.lens * (narrow or 1.0))
        view.view_location = centre
        view.view_distance = radius * _MARGIN / math.sin(half_angle)
    area.tag_redraw()


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_frame_job,))
