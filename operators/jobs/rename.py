# SPDX-License-Identifier: GPL-3.0-or-later
"""Rename a job, and its model where that still has the job's name."""

import re
from typing import TYPE_CHECKING

import bpy
from bpy.props import StringProperty
from bpy.types import Context, Event

from ...client.errors import TripoError
from ...client.jobs.names import name_in_scene
from ...client.notices import N_
from ...properties.preferences import get_preferences
from ...properties.window import window_state
from ...session import current, timer
from ...session.delivered_models import PROPERTY
from ...session.operator_return import OperatorReturn
from ..base import OfJob, reporting

_CUT_FROM = 56
"""Bytes from which Blender may have cut a name to make room for a number."""
_NUMBER = re.compile(r"\.\d{3,}$")
_LEVEL = re.compile(r"_LOD\d$")


class TRIPO_OT_rename_job(OfJob):
    """Give this job another name; its object and collection get it too where they still have the old one"""

    bl_idname = "tripo.rename_job"
    bl_label = "Rename Job"
    bl_options = {"INTERNAL", "UNDO"}

    name: StringProperty(name="Name", description="The new name", maxlen=200, options={"SKIP_SAVE"})
    if TYPE_CHECKING:  # made by tools/property_types.py
        name: str

    @reporting
    def invoke(self, context: Context, _event: Event) -> OperatorReturn:
        """Ask for the name, beginning with the present one."""
        from .find_job import find_job

        self.name = find_job(current.session(), self.job_id).name
        return context.window_manager.invoke_props_dialog(self, width=320, title="Rename Job", confirm_text="Rename")

    def draw(self, _context: Context) -> None:
        """Draw the field, with the cursor in it."""
        assert self.layout is not None
        self.layout.activate_init = True
        self.layout.prop(self, "name", text="")

    @reporting
    def execute(self, context: Context) -> OperatorReturn:
        """Write the name, then that of the row and of the models in this file.

        No tick: a field of the list may be what calls this, and its row has to stay where it is.
        """
        from .find_job import find_job

        name = " ".join(self.name.split())
        session = current.session()
        old = find_job(session, self.job_id).name
        if not name:
            raise TripoError(N_("A job needs a name"))
        with session.patient() as jobs:
            jobs.set_name(self.job_id, name)
        session.refresh_shelf()
        timer.start()
        state = window_state()
        for row in state.jobs:
            if row.job_id == self.job_id:
                row.name = name
                state.revision += 1
        in_scene = name_in_scene(name) if get_preferences(context).name_by_prompt else name
        for collection in bpy.data.collections:
            if collection.get(PROPERTY) == self.job_id and collection.library is None:
                _rename_model(collection, old, in_scene)
        return {"FINISHED"}


def _rename_model(collection: bpy.types.Collection, old: str, new: str) -> None:
    """Rename a collection, its objects and their data, as far as they have the old name."""
    objects = list(collection.all_objects)
    for one in (collection, *objects, *{one.data for one in objects if one.data is not None}):
        level = _LEVEL.search(one.name)
        suffix = level.group() if level else ""
        if _has_name(one.name.removesuffix(suffix), old):
            one.name = new + suffix


def _has_name(name: str, job_name: str) -> bool:
    """Whether Blender's name of a datablock is a job's, perhaps cut or with a number behind it."""
    bare = _NUMBER.sub("", name)
    if bare in (job_name, name_in_scene(job_name)):
        return True
    return len(bare.encode()) >= _CUT_FROM and job_name.startswith(bare)


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_rename_job,))
