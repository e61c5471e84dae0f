# SPDX-License-Identifier: GPL-3.0-or-later
"""Capture four images of the selected objects for Multiview: front, left, back and right."""

from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, IntProperty
from bpy.types import Context, Event, Scene

from ...client.notices import N_
from ...session.operator_return import OperatorReturn
from ..base import may_run, reporting
from .slots import BACKGROUND, put_own_image
from .view_by_view import ViewByView

if TYPE_CHECKING:
    from .studio import Shots

_SOLID = frozenset({"MESH", "CURVE", "SURFACE", "META", "FONT", "CURVES", "POINTCLOUD", "VOLUME", "GREASEPENCIL"})
"""Types of objects that can be seen in a render; empties are looked into, they may hold instances."""
_NAME = "TRIPO_OT_capture_views"


class TRIPO_OT_capture_views(ViewByView):
    """Render the selected objects from the front, the left, the back and the right, as images for Multiview"""

    bl_idname = "tripo.capture_views"
    bl_label = "Capture Views of Selection"
    bl_options = set()  # it watches for most of its time: deliveries need not wait for it
    stopped = N_("Capture cancelled: the images in the slots are as before")

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
        description="Leave the background transparent instead of plain and light; it is sent like that with Keep"
        " Transparency, otherwise over a plain colour",
        default=True,
        options={"SKIP_SAVE"},
    )
    if TYPE_CHECKING:  # made by tools/property_types.py
        resolution: int
        transparent: bool

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Whether something is selected that can be seen."""
        reason = ""
        if not any(obj.type in _SOLID or obj.is_instancer for obj in context.selected_objects):
            reason = N_("Select the objects to capture")
        elif bpy.app.is_job_running("RENDER"):
            reason = N_("Wait until the render is done")
        elif context.window is not None and any(one.bl_idname == _NAME for one in context.window.modal_operators):
            reason = N_("Wait until the views are captured")
        return may_run(cls, reason)

    @reporting
    def invoke(self, context: Context, _event: Event) -> OperatorReturn:
        """Begin to render, one view a step."""
        if bpy.app.background:
            return self.execute(context)
        from .studio import Shots

        self._shots = Shots(self.resolution, transparent=self.transparent)
        self._scene = context.scene.name
        return self.begin(context, self._shots)

    def may_finish(self) -> bool:
        """Whether no other tool is in use."""
        from ...session.delivery.waiting import waits_for

        return not waits_for()

    def finish(self, context: Context) -> OperatorReturn:
        """Fill the slots of the scene that it began in."""
        self._fill(context, self._shots, bpy.data.scenes.get(self._scene) or context.scene)
        return {"FINISHED"}

    @reporting
    def execute(self, context: Context) -> OperatorReturn:
        """Render the views at once and fill the slots."""
        from .studio import Shots

        shots = Shots(self.resolution, transparent=self.transparent, at_once=True)
        try:
            while not shots.take_next(context):
                pass
            self._fill(context, shots, context.scene)
        finally:
            shots.discard()
        return {"FINISHED"}

    def _fill(self, context: Context, shots: "Shots", scene: Scene) -> None:
        """Put the views into the slots, in one undo step: an operator that has no UNDO flag pushes none by itself."""
        from ...session.undo import push_undo

        colour = panel_colour(context)
        for view, image in shots.load().items():
            image[BACKGROUND] = colour
            put_own_image(scene, view, image, f"Tripo {view.capitalize()}")
        push_undo(self.bl_label)
        self.report({"INFO"}, "Front, left, back and right are in the slots of Multiview")


def panel_colour(context: Context) -> str:
    """Return the colour behind what the sidebar shows, as "#rrggbb": an image is sent as it is seen there."""
    theme = context.preferences.themes[0]
    interface = theme.user_interface
    # Until Blender 5.0 each editor had its own.
    found = interface.panel_back if hasattr(interface, "panel_back") else theme.view_3d.space.panelcolors.back
    return "#" + bytes(round(value * 255) for value in found[:3]).hex()


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_capture_views,))
