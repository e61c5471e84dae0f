# SPDX-License-Identifier: GPL-3.0-or-later
"""Give a copy of the original the parts of a segmented model as face sets and vertex groups."""

from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import StringProperty
from bpy.types import Context, Operator

from ...client.notices import N_
from ...translations.translate import tell


class TRIPO_OT_parts_to_face_sets(Operator):
    """Make a copy of the original whose face sets and vertex groups are the parts of this model"""

    bl_idname = "tripo.parts_to_face_sets"
    bl_label = "Parts to Face Sets"
    bl_options = {"REGISTER", "UNDO"}

    object: StringProperty(
        name="Object",
        description="The parent of the parts or one of them, by its name; empty for the active one",
        options={"SKIP_SAVE", "HIDDEN"},
    )
    if TYPE_CHECKING:  # made by tools/property_types.py
        object: str

    def execute(self, context: Context) -> set[Any]:
        """Make the copies and select them, or say what is missing."""
        from ...session.delivery import parts

        chosen = context.scene.objects.get(self.object) if self.object else context.active_object
        parent = chosen.parent if chosen is not None and chosen.parent is not None else chosen
        if parent is None or not parts.parts_of(parent):
            self.report({"ERROR"}, "Choose the parts of a segmented model first")
            return {"CANCELLED"}
        originals = [one for one in parts.originals_of(parent) if one.name in context.scene.objects]
        if not originals:
            self.report({"ERROR"}, "The object that was segmented is no longer in this scene")
            return {"CANCELLED"}
        made: list[bpy.types.Object] = []
        for original in originals:
            try:
                made.append(parts.as_groups(parent, original))
            except ValueError:
                self.report({"WARNING"}, tell(N_("{name} has no faces of its own"), name=original.name))
        return {"FINISHED"} if made else {"CANCELLED"}


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_parts_to_face_sets,))
