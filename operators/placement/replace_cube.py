# SPDX-License-Identifier: GPL-3.0-or-later
"""Let the first model take the place of the factory scene's cube."""

from __future__ import annotations

import contextlib

import bpy
from bpy.types import Context
from mathutils import Vector

from ...client.errors import TripoError
from ...client.notices import N_
from ...session.operator_return import OperatorReturn
from ..base import OfJob, may_run


class TRIPO_OT_replace_cube(OfJob):
    """Move the model to the place of the default cube, and remove the cube"""

    bl_idname = "tripo.replace_cube"
    bl_label = "Replace Cube"
    bl_options = {"UNDO", "INTERNAL"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Whether the cube is there as Blender made it."""
        from ...session import factory_cube

        is_there = context.scene is not None and factory_cube.find(context.scene) is not None
        return may_run(cls, "" if is_there else N_("The default cube is gone or was changed"))

    def execute(self, context: Context) -> OperatorReturn:
        """Move the newest copy of the model along the ground, and let the view follow it."""
        from ...client.jobs.geometry import Box, add
        from ...session import artist_view, factory_cube
        from ...session.delivered_models import collections_of
        from ...session.delivery.arrange import top_objects
        from ..jobs.frame import bounds_of

        cube, found = factory_cube.find(context.scene), collections_of(self.job_id, context.scene)
        box = bounds_of(found[-1], context) if found else None
        if cube is None or box is None:
            self.report({"ERROR"}, "This model is not in the scene: import it again")
            return {"CANCELLED"}
        offset = (cube.location.x - box.centre[0], cube.location.y - box.centre[1], 0.0)
        for top in top_objects(found[-1]):
            top.location += Vector(offset)
        mesh = cube.data
        bpy.data.objects.remove(cube)
        if isinstance(mesh, bpy.types.Mesh) and not mesh.users:
            bpy.data.meshes.remove(mesh)
        _forget_the_note(self.job_id)
        view = artist_view.view_on(context.scene)
        if view is not None:
            artist_view.frame(view, Box(add(box.low, offset), add(box.high, offset)))
        return {"FINISHED"}


def _forget_the_note(job_id: str) -> None:
    """Let the job say no longer that its model stands beside the cube."""
    from ...session import current

    if not current.is_open():
        return
    session = current.session()
    with contextlib.suppress(TripoError), session.patient() as jobs:
        job = jobs.get(job_id)
        if job is not None:
            jobs.update(job_id, job.status, message=job.incomplete)


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_replace_cube,))
