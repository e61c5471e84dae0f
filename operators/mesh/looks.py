# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose which look of an object is shown."""

from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import IntProperty, StringProperty
from bpy.types import Context, Operator

from ...client.notices import N_
from ...translations.translate import tell


class TRIPO_OT_choose_look(Operator):
    """Show another look of this object: one that was made for it, or its original one"""

    bl_idname = "tripo.choose_look"
    bl_label = "Choose Look"
    bl_options = {"REGISTER", "UNDO"}

    object: StringProperty(
        name="Object", description="The object, by its name; empty for the active one", options={"SKIP_SAVE", "HIDDEN"}
    )
    look: IntProperty(
        name="Look", description="Number of the look; 0 is the original one", min=0, options={"SKIP_SAVE"}
    )
    if TYPE_CHECKING:  # made by tools/property_types.py
        object: str
        look: int

    def execute(self, context: Context) -> set[Any]:
        """Show it, or say why it cannot be."""
        from ...session.delivery import looks

        obj = context.scene.objects.get(self.object) if self.object else context.active_object
        problem = _problem(obj)
        if obj is None or problem:
            self.report({"ERROR"}, tell(problem))
            return {"CANCELLED"}
        try:
            looks.choose(obj, self.look)
        except IndexError:
            self.report({"ERROR"}, "The object has no such look: choose one of those that it has")
            return {"CANCELLED"}
        return {"FINISHED"}


def _problem(obj: bpy.types.Object | None) -> str:
    from ...session.delivery import looks

    if obj is None:
        return N_("There is no such object in this scene: choose one that was textured")
    if not looks.names_of(obj):
        return N_("The object has one look only: texture it first")
    if obj.mode != "OBJECT":
        return N_("Leave the object's mode first: looks are changed in Object Mode")
    if not obj.is_editable or obj.data is None or not obj.data.is_editable:
        return N_("The object is linked from another file and cannot be changed")
    return ""


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_choose_look,))
