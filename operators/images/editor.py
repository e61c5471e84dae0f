# SPDX-License-Identifier: GPL-3.0-or-later
"""Send an image from the Image Editor, the Render Result or the clipboard."""

from typing import TYPE_CHECKING, Any, cast

import bpy
from bpy.props import StringProperty
from bpy.types import Area, Context, Image, Operator, Region, SpaceImageEditor, Window

from ...client.notices import N_
from ...properties import render_result
from ...properties.image_slots import fill_with_image
from ...session.operator_return import OperatorReturn
from ...translations.translate import tell
from ..base import may_run
from .slots import put_own_image, show_slot, slot_of, slot_property


class TRIPO_OT_send_image(Operator):
    """Use the image for the next model"""

    bl_idname = "tripo.send_image"
    bl_label = "Send to Tripo"
    bl_options = {"UNDO"}

    slot: slot_property()
    image: StringProperty(name="Image", description="Name of the image; empty for the shown one", options={"SKIP_SAVE"})
    if TYPE_CHECKING:  # made by tools/property_types.py
        slot: str
        image: str

    def execute(self, context: Context) -> OperatorReturn:
        """Put the image into the slot."""
        image = bpy.data.images.get(self.image) if self.image else shown_image(context)
        if image is None:
            words = N_("No image is shown: choose one in the Image Editor")
            if self.image:
                words = N_("There is no image '{name}': choose one in the Image Editor")
            self.report({"WARNING"}, tell(words, name=self.image))
            return {"CANCELLED"}
        if image.type == "RENDER_RESULT" and not render_result.check(image):
            self.report({"WARNING"}, tell(render_result.NOT_RENDERED))
            return {"CANCELLED"}
        slot = slot_of(context.scene, self.slot)
        fill_with_image(slot, image)
        show_slot(context.scene, self.slot)
        if slot.problem:
            self.report({"WARNING"}, tell(slot.problem))
        return {"FINISHED"}


class TRIPO_OT_paste_image(Operator):
    """Use the image on the clipboard"""

    bl_idname = "tripo.paste_image"
    bl_label = "Paste"
    bl_options = {"UNDO", "INTERNAL"}

    slot: slot_property()
    if TYPE_CHECKING:  # made by tools/property_types.py
        slot: str

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Whether there is an Image Editor: Blender pastes images nowhere else. Asks no clipboard."""
        words = N_("Open an Image Editor: Blender pastes images only there")
        return may_run(cls, words if _image_editor(context) is None else "")

    def execute(self, context: Context) -> OperatorReturn:
        """Paste in an Image Editor, take the image and give the editor back what it showed."""
        place = _image_editor(context)
        assert place is not None
        window, area, region = place
        space = area.spaces.active
        assert isinstance(space, SpaceImageEditor)
        shown = space.image
        with context.temp_override(window=window, area=area, region=region):
            if not cast(Any, bpy.ops.image.clipboard_paste).poll():
                self.report({"WARNING"}, "There is no image on the clipboard")
                return {"CANCELLED"}
            done = bpy.ops.image.clipboard_paste()
            pasted = space.image
        if "FINISHED" not in done or pasted is None or pasted == shown:
            self.report({"WARNING"}, "The image on the clipboard cannot be read: save it as a file")
            return {"CANCELLED"}
        space.image = shown
        pasted.pack()
        put_own_image(context.scene, self.slot, pasted, "Clipboard")
        return {"FINISHED"}


def shown_image(context: Context) -> Image | None:
    """Return the image of the Image Editor."""
    space = context.space_data
    return space.image if isinstance(space, SpaceImageEditor) else None


def _image_editor(context: Context) -> tuple[Window, Area, Region | None] | None:
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "IMAGE_EDITOR":
                region = next((one for one in area.regions if one.type == "WINDOW"), None)
                return window, area, region
    return None


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_send_image, TRIPO_OT_paste_image))
