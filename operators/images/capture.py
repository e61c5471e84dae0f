# SPDX-License-Identifier: GPL-3.0-or-later
"""Capture four images of the selected objects for Multiview: front, left, back and right."""

import time
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, IntProperty
from bpy.types import Context, Event, Operator, Scene

from ...client.errors import TripoError
from ...client.notices import N_
from ...client.schema import MULTIVIEW_SLOTS
from ...session.operator_return import OperatorReturn
from ...translations.translate import tell
from ..base import report_problem
from .slots import BACKGROUND, put_own_image

if TYPE_CHECKING:
    from .studio import Shots

_SOLID = frozenset({"MESH", "CURVE", "SURFACE", "META", "FONT", "CURVES", "POINTCLOUD", "VOLUME", "GREASEPENCIL"})
"""Types of objects that can be seen in a render; empties are looked into, they may hold instances."""
_NAME = "TRIPO_OT_capture_views"
_PAUSE = 0.1
"""Seconds between two views: the window is drawn and hears Esc."""


class TRIPO_OT_capture_views(Operator):
    """Render the selected objects from the front, the left, the back and the right, as images for Multiview"""

    bl_idname = "tripo.capture_views"
    bl_label = "Capture Views of Selection"
    bl_options = set()  # it watches for most of its time: deliveries need not wait for it

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
        if not any(obj.type in _SOLID or obj.is_instancer for obj in context.selected_objects):
            cls.poll_message_set("Select the objects to capture")
            return False
        if bpy.app.is_job_running("RENDER"):
            cls.poll_message_set("Wait until the render is done")
            return False
        if context.window is not None and any(one.bl_idname == _NAME for one in context.window.modal_operators):
            cls.poll_message_set("Wait until the views are captured")
            return False
        return True

    def invoke(self, context: Context, _event: Event) -> OperatorReturn:
        """Render one view a step, so that the window is held for no longer than a view takes."""
        if bpy.app.background:
            return self.execute(context)
        from .studio import Shots

        try:
            self._shots = Shots(self.resolution, transparent=self.transparent)
        except TripoError as error:
            return report_problem(self, error)
        self._scene = context.scene.name
        self._timer = context.window_manager.event_timer_add(_PAUSE, window=context.window)
        context.window_manager.modal_handler_add(self)
        self._told = ""
        self._show_progress(context)
        return {"RUNNING_MODAL"}

    def modal(self, context: Context, event: Event) -> OperatorReturn:
        """Render the next view; between two of them Esc leaves the slots as they were."""
        if event.type == "ESC" and event.value == "PRESS":
            self.cancel(context)
            self.report({"INFO"}, "Capture cancelled: the images in the slots are as before")
            return {"CANCELLED"}
        if event.type != "TIMER":
            return {"PASS_THROUGH"} if self._shots.is_in_background else {"RUNNING_MODAL"}
        if time.monotonic() - self._rested_at < _PAUSE / 2:
            return {"PASS_THROUGH"}  # somebody else's timer: the window is drawn first
        from ...session.delivery.waiting import waits_for

        ends = True
        try:
            ends = self._shots.take_next(context) and not waits_for()  # another tool may be in use
            if ends:
                self._fill(context, self._shots, bpy.data.scenes.get(self._scene) or context.scene)
                return {"FINISHED"}
            self._show_progress(context)
            return {"PASS_THROUGH"}
        except TripoError as error:
            return report_problem(self, error)
        finally:
            if ends:
                self.cancel(context)

    def cancel(self, context: Context) -> None:
        """Give everything back; Blender calls this too, when the window closes or a file is loaded."""
        self._shots.discard()
        context.window_manager.event_timer_remove(self._timer)
        if context.workspace is not None:
            context.workspace.status_text_set(None)

    def execute(self, context: Context) -> OperatorReturn:
        """Render the views at once and fill the slots."""
        from .studio import Shots

        shots = None
        try:
            shots = Shots(self.resolution, transparent=self.transparent, at_once=True)
            while not shots.take_next(context):
                pass
            self._fill(context, shots, context.scene)
            return {"FINISHED"}
        except TripoError as error:
            return report_problem(self, error)
        finally:
            if shots is not None:
                shots.discard()

    def _fill(self, context: Context, shots: "Shots", scene: Scene) -> None:
        """Put the views into the slots, in one undo step: an operator that has no UNDO flag pushes none by itself."""
        from ...session.undo import push_undo

        colour = panel_colour(context)
        for view, image in shots.load().items():
            image[BACKGROUND] = colour
            put_own_image(scene, view, image, f"Tripo {view.capitalize()}")
        push_undo(self.bl_label)
        self.report({"INFO"}, "Front, left, back and right are in the slots of Multiview")

    def _show_progress(self, context: Context) -> None:
        """Say at the bottom of the window which view is next, and note when that was said."""
        done, whole = len(self._shots.paths), len(MULTIVIEW_SLOTS)
        self._rested_at = time.monotonic()
        words = N_("Capturing view {number} of {whole}    Esc: Cancel")
        told = tell(words, number=min(done + 1, whole), whole=whole)
        if told != self._told and context.workspace is not None:
            context.workspace.status_text_set(told)
            self._told = told


def panel_colour(context: Context) -> str:
    """Return the colour behind what the sidebar shows, as "#rrggbb": an image is sent as it is seen there."""
    theme = context.preferences.themes[0]
    interface = theme.user_interface
    # Until Blender 5.0 each editor had its own.
    found = interface.panel_back if hasattr(interface, "panel_back") else theme.view_3d.space.panelcolors.back
    return "#" + bytes(round(value * 255) for value in found[:3]).hex()


register, unregister = bpy.utils.register_classes_factory((TRIPO_OT_capture_views,))
