# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose an image file for a slot, and clear a slot."""

from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, EnumProperty, StringProperty
from bpy.types import Context, Event, Operator

from ...properties.image_slots import fill_with_file
from ...session.operator_return import OperatorReturn
from ...translations.translate import tell
from .slots import show_slot, slot_of, slot_property


class TRIPO_OT_open_image(Operator):
    """Choose a PNG, JPEG or WebP file"""

    bl_idname = "tripo.open_image"
    bl_label = "Choose Image"
    bl_options = {"UNDO", "INTERNAL"}

    slot: slot_property()
    filepath: StringProperty(name="File", subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: StringProperty(default="*.png;*.jpg;*.jpeg;*.webp", options={"HIDDEN", "SKIP_SAVE"})
    filter_folder: BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    display_type: EnumProperty(
        name="Display",
        # Blender's own numbers: the file browser reads the property by value.
        items=[("DEFAULT", "Default", "", 0), ("THUMBNAIL", "Thumbnails", "", 3)],
        default="THUMBNAIL",
        options={"HIDDEN", "SKIP_SAVE"},
    )
    if TYPE_CHECKING:  # made by tools/property_types.py
        slot: str
        filepath: str
        filter_glob: str
        filter_folder: bool
        display_type: str

    def invoke(self, context: Context, _event: Event) -> OperatorReturn:
        """Open the file browser where the slot's present file is."""
        slot = slot_of(context.scene, self.slot)
        if slot.source == "FILE" and slot.path and not self.filepath:
            self.filepath = bpy.path.abspath(slot.path)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: Context) -> OperatorReturn:
        """Fill the slot, or say why not."""
        return put_file(self, context, self.slot, self.filepath)


class TRIPO_OT_clear_image(Operator):
    """Empty the slot; the image itself stays where it is"""

    bl_idname = "tripo.clear_image"
    bl_label = "Clear Image"
    bl_options = {"UNDO", "INTERNAL"}

    slot: slot_property()
    if TYPE_CHECKING:  # made by tools/property_types.py
        slot: str

    def execute(self, context: Context) -> OperatorReturn:
        """Empty the slot."""
        slot = slot_of(context.scene, self.slot)
        slot.path = slot.url = ""
        slot.image = None
        return {"FINISHED"}


def put_file(operator: Operator, context: Context, name: str, path: str) -> OperatorReturn:
    """Put a file into a slot and show it, or report why it is refused; the result of an operator."""
    slot = slot_of(context.scene, name)
    if not fill_with_file(slot, _as_preferred(context, path)):
        operator.report({"WARNING"}, tell(slot.problem))
        return {"CANCELLED"}
    show_slot(context.scene, name)
    return {"FINISHED"}


def _as_preferred(context: Context, path: str) -> str:
    """Return a path as the artist's preferences want it: relative to a saved file, or absolute."""
    if not (bpy.data.is_saved and context.preferences.filepaths.use_relative_paths) or path.startswith("//"):
        return path
    try:
        return bpy.path.relpath(path)
    except ValueError:  # on another drive
        return path


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_open_image, TRIPO_OT_clear_image))
