# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist looks at: view layers on show, the 3D view that they are in, and how it is moved to something.

Blender's own operators move a view to what is selected, and only outside of Edit Mode to objects.
"""

from __future__ import annotations

import math
import time
from typing import Any, NamedTuple, cast

import bpy
from mathutils import Vector

from ..client.jobs.geometry import Box

_SENSOR = 72.0
"""Width in millimetres that the lens of a 3D view projects onto: Blender shows twice its 36 mm sensor."""
_MARGIN = 1.15
_SMALLEST = 1e-4
_STEP_SECONDS = 0.01


class View(NamedTuple):
    """A 3D view. Valid only while nothing changes the screen: never kept."""

    window: bpy.types.Window
    area: bpy.types.Area
    space: bpy.types.SpaceView3D

    @property
    def is_local(self) -> bool:
        """Whether it shows a few objects alone."""
        return self.space.local_view is not None

    @property
    def is_through_camera(self) -> bool:
        """Whether it looks through a camera."""
        region = self.space.region_3d
        return region is not None and region.view_perspective == "CAMERA"


def view_layers_on_show(scene: bpy.types.Scene) -> list[bpy.types.ViewLayer]:
    """Return the view layers of a scene that are on the screen, or its first one."""
    windows = bpy.data.window_managers[0].windows
    shown = {window.view_layer.name for window in windows if window.scene == scene}
    return [one for one in scene.view_layers if one.name in shown] or list(scene.view_layers[:1])


def view_on(scene: bpy.types.Scene) -> View | None:
    """Return the 3D view that the artist is in: the one whose button was pressed, else the largest that shows the
    scene, in the present window if it has one; None when none shows it."""
    here, present = bpy.context.area, bpy.context.window
    found: list[tuple[bool, bool, int, View]] = []
    for window in bpy.data.window_managers[0].windows:
        if window.scene != scene:
            continue
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                view = View(window, area, cast(bpy.types.SpaceView3D, area.spaces.active))
                found.append((area == here, window == present, area.width * area.height, view))
    return max(found, key=lambda one: one[:3])[3] if found else None


def frame(view: View, box: Box) -> bool:
    """Move a view so that a box in world space fills it, as smoothly as the preferences say; False when it looks
    through a camera, where it stays."""
    if view.is_through_camera:
        return False
    region = next(one for one in view.area.regions if one.type == "WINDOW")
    narrow = min(region.width, region.height) / max(region.width, region.height, 1)
    radius = max(math.dist(box.low, box.high) / 2, _SMALLEST)
    half_angle = math.atan(_SENSOR / 2 / view.space.lens * (narrow or 1.0))
    centre, distance = Vector(box.centre), radius * _MARGIN / math.sin(half_angle)
    quads, seconds = list(view.space.region_quadviews), bpy.context.preferences.view.smooth_view / 1000
    if seconds and not quads and not bpy.app.background:
        bpy.app.timers.register(_Glide(view, centre, distance, seconds).step, first_interval=0.0)
        return True
    for one in quads or [view.space.region_3d]:
        one.view_location, one.view_distance = centre, distance
    view.area.tag_redraw()
    return True


class _Glide:
    """A view on its way. It ends where the artist takes over; it keeps the view's place on the screen, no pointer."""

    def __init__(self, view: View, centre: Vector, distance: float, seconds: float) -> None:
        region: Any = view.space.region_3d
        self._screen, self._number = view.window.screen.name, list(view.window.screen.areas).index(view.area)
        self._start = self._last = _position(region)
        self._goal = centre, distance
        self._seconds, self._began = seconds, time.monotonic()

    def step(self) -> float | None:
        """Timer: go on a little; None at the end."""
        screen = bpy.data.screens.get(self._screen)
        area = screen.areas[self._number] if screen is not None and self._number < len(screen.areas) else None
        if area is None or area.type != "VIEW_3D":
            return None
        region: Any = cast(bpy.types.SpaceView3D, area.spaces.active).region_3d
        if region is None or _position(region) != self._last:
            return None
        passed = min(1.0, (time.monotonic() - self._began) / self._seconds)
        share = passed * passed * (3.0 - 2.0 * passed)
        region.view_location = self._start[0].lerp(self._goal[0], share)
        region.view_distance = self._start[1] + (self._goal[1] - self._start[1]) * share
        self._last = _position(region)
        area.tag_redraw()
        return _STEP_SECONDS if passed < 1.0 else None


def _position(region: Any) -> tuple[Vector, float]:
    return region.view_location.copy(), region.view_distance
