# SPDX-License-Identifier: GPL-3.0-or-later
"""Pick the place of the next model, or of a finished one, on a surface."""

from typing import TYPE_CHECKING

import bpy
from bpy.types import Context, Event, Operator

from ...client.jobs.placement_choices import POINT
from ...client.notices import N_
from ...properties.scene import settings_of
from ...session.operator_return import OperatorReturn
from ...translations.translate import tell
from ..base import call, job_id_property, may_run, reporting
from ..navigation import NAVIGATION

if TYPE_CHECKING:
    from ...client.jobs.placement import Placement
    from ...client.store import Job
    from .under_mouse import Spot


_QUARTERS = ("POS_X", "POS_Y", "NEG_X", "NEG_Y")
"""Where the front may face, each a quarter further to the left than the one before."""


class TRIPO_OT_place_with_mouse(Operator):
    """Pick where the model will stand, on a surface under the mouse"""

    bl_idname = "tripo.place_with_mouse"
    bl_label = "Place with Mouse"
    bl_options = set()  # no flag: it only watches, so that a model may arrive meanwhile and at the click

    job_id: job_id_property(
        description="The finished job whose model is placed; the next model's place is picked when empty"
    )
    if TYPE_CHECKING:  # made by tools/property_types.py
        job_id: str

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Whether there is a 3D view to pick in."""
        is_view = context.area is not None and context.area.type == "VIEW_3D"
        return may_run(cls, "" if is_view else N_("Use it in a 3D view"))

    @reporting
    def invoke(self, context: Context, event: Event) -> OperatorReturn:
        """Begin to pick; nothing of the scene changes before the click."""
        from ...session import current
        from ..jobs.find_job import find_job

        self._job: Job | None = None
        if self.job_id:
            self._job = find_job(current.session(), self.job_id)
        placement = self._placement(context)
        self._facing = placement.facing
        self._follows = self._job is None and settings_of(context.scene).placement.use_normal
        self._spot: Spot | None = None
        self._area = context.area
        context.window.cursor_modal_set("CROSSHAIR")
        context.window_manager.modal_handler_add(self)
        self._update_box(context, event)
        return {"RUNNING_MODAL"}

    def modal(self, context: Context, event: Event) -> OperatorReturn:
        """Follow the mouse until a click or Esc."""
        if event.type in {"ESC", "RIGHTMOUSE"}:
            self.cancel(context)
            return {"CANCELLED"}
        if event.type in NAVIGATION:
            return {"PASS_THROUGH"}
        if event.value == "PRESS":
            if event.type in {"LEFTMOUSE", "RET", "NUMPAD_ENTER"} and self._spot is not None:
                return self._finish(context, self._spot)
            if event.type == "R":
                step = -1 if event.shift else 1
                self._facing = _QUARTERS[(_QUARTERS.index(self._facing) + step) % len(_QUARTERS)]
            elif event.type == "N":
                self._follows = not self._follows
        self._update_box(context, event)
        return {"RUNNING_MODAL"}

    def cancel(self, context: Context) -> None:
        """Give everything back; Blender calls this too, when the window closes or a file is loaded."""
        from ...session import overlay

        overlay.show_preview(None)
        if context.window is not None:
            context.window.cursor_modal_restore()
        if context.workspace is not None:
            context.workspace.status_text_set(None)

    def _placement(self, context: Context) -> "Placement":
        """Return the placement of what is placed, but for the place."""
        from ...client.jobs.placement import Placement
        from ...properties.placement_values import placement_of

        return placement_of(context.scene) if self._job is None else Placement.from_json(self._job.placement)

    def _finish(self, context: Context, spot: "Spot") -> OperatorReturn:
        from ...session.undo import push_undo

        self.cancel(context)
        if self.job_id:
            return self._import(spot)
        placement = settings_of(context.scene).placement
        placement.point = spot.point[:]
        placement.use_normal = self._follows and spot.normal is not None
        if spot.normal is not None:
            placement.normal = spot.normal[:]
        placement.facing = self._facing
        placement.location = POINT
        push_undo(self.bl_label)
        return {"FINISHED"}

    @reporting
    def _import(self, spot: "Spot") -> OperatorReturn:
        """Bring the finished model to the picked point."""
        normal = spot.normal if self._follows else None
        return call(
            "import_job",
            job_id=self.job_id,
            location=POINT,
            point=spot.point[:],
            normal=(0.0, 0.0, 0.0) if normal is None else normal[:],
            facing=self._facing,
            placeholder="",
        )

    def _update_box(self, context: Context, event: Event) -> None:
        """Find what is under the mouse, and show the box there."""
        from ...client.jobs.geometry import read_box, vector
        from ...client.jobs.placement import target_corners
        from ...session import overlay
        from .under_mouse import region_under, spot_under

        region = region_under(self._area, event.mouse_x, event.mouse_y)
        self._spot = None if region is None else spot_under(context, self._area, region, event)
        _show_keys(context, follows=self._follows)
        if self._spot is None:
            overlay.show_preview(None)
            return
        normal = self._spot.normal if self._follows else None
        placement = self._placement(context)._replace(
            location=POINT,
            point=vector(self._spot.point[:]),
            normal=None if normal is None else vector(normal[:]),
            facing=self._facing,
            placeholder=None,
        )
        bounds = read_box(self._job.bounds) if self._job is not None else None
        corners = target_corners(placement, context.scene.unit_settings.scale_length, bounds)
        name = tell(N_("Next model")) if self._job is None else self._job.name
        overlay.show_preview(overlay.Box("", corners, (name,)))


def _show_keys(context: Context, *, follows: bool) -> None:
    """Say at the bottom of the window which keys there are."""
    surface = tell(N_("N: Stand Upright")) if follows else tell(N_("N: Follow the Surface"))
    keys = (tell(N_("Click: Place")), tell(N_("R: Turn by 90°")), surface, tell(N_("Esc: Cancel")))
    context.workspace.status_text_set("    ".join(keys))


register, _unregister = bpy.utils.register_classes_factory((TRIPO_OT_place_with_mouse,))


def unregister() -> None:
    """Unregister the operator; a preview must not outlive it."""
    from ...session import overlay

    overlay.show_preview(None)
    _unregister()
