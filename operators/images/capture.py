# SPDX-License-Identifier: GPL-3.0-or-later
"""Capture four images of the selected objects for Multiview: front, left, back and right."""

import os
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, IntProperty
from bpy.types import Context, Operator

from ...client.schema import MULTIVIEW_SLOTS
from ...session.operator_return import OperatorReturn
from ...session.paths import home
from ...translations.interface import tell
from .slots import BACKGROUND, put_own_image

_SOLID = frozenset({"MESH", "CURVE", "SURFACE", "META", "FONT", "CURVES", "POINTCLOUD", "VOLUME", "GREASEPENCIL"})
"""Types of objects that can be seen in a render; empties are looked into, they may hold instances."""


class TRIPO_OT_capture_views(Operator):
    """Render the selected objects from the front, the left, the back and the right, as images for Multiview"""

    bl_idname = "tripo.capture_views"
    bl_label = "Capture Views of Selection"
    bl_options = {"UNDO"}

    resolution: IntProperty(
        name="Resolution",
        description="Width and height of each image in pixels",
        default=1024,
        min=64,
        max=4096,
        options={"SKIP_SAVE"},
    )
    transparent: BoolProperty(
        name="Transparent",
        description="Leave the background out, instead of a plain light one: with Keep Transparency it is sent like"
        " that, else over a plain colour",
        default=True,
        options={"SKIP_SAVE"},
    )
    if TYPE_CHECKING:  # made by tools/property_types.py
        resolution: int
        transparent: bool

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Whether something is selected that can be seen."""
        if not any(obj.type in _SOLID or obj.is_instancer for obj in context.selected_objects):
            cls.poll_message_set("Select the objects to capture")
            return False
        if bpy.app.is_job_running("RENDER"):
            cls.poll_message_set("Wait until the render is done")
            return False
        return True

    def execute(self, context: Context) -> OperatorReturn:
        """Render the views in a scene of their own and fill the slots."""
        from .studio import CaptureFailed, Studio

        folder = home()
        folder.prepare()
        stem = os.path.join(folder.inputs, os.urandom(16).hex())
        window = context.window_manager
        window.progress_begin(0, len(MULTIVIEW_SLOTS))
        try:
            with Studio(context, self.resolution, transparent=self.transparent) as studio:
                paths = []
                for number, view in enumerate(MULTIVIEW_SLOTS):
                    paths.append(studio.shoot(view, f"{stem}-{view}.png"))
                    window.progress_update(number + 1)
            images = [_packed(path) for path in paths]
        except CaptureFailed as error:
            self.report({"ERROR"}, tell(error.notice))
            return {"CANCELLED"}
        finally:
            window.progress_end()
            for view in MULTIVIEW_SLOTS:
                if os.path.exists(f"{stem}-{view}.png"):
                    os.remove(f"{stem}-{view}.png")
        colour = panel_colour(context)
        for view, image in zip(MULTIVIEW_SLOTS, images, strict=True):
            image[BACKGROUND] = colour
            put_own_image(context.scene, view, image, f"Tripo {view.capitalize()}")
        self.report({"INFO"}, "Front, left, back and right are in the slots of Multiview")
        return {"FINISHED"}


def panel_colour(context: Context) -> str:
    """Return the colour behind what the sidebar shows, as "#rrggbb": an image is sent as it is seen there."""
    theme = context.preferences.themes[0]
    interface = theme.user_interface
    # Until Blender 5.0 each editor had its own.
    found = interface.panel_back if hasattr(interface, "panel_back") else theme.view_3d.space.panelcolors.back
    return "#" + bytes(round(value * 255) for value in found[:3]).hex()


def _packed(path: str) -> bpy.types.Image:
    """Load an image into the file that is open."""
    image = bpy.data.images.load(path, check_existing=False)
    image.pack()
    image.filepath_raw = ""
    return image


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_capture_views,))
