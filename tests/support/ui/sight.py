"""Whether a model can be seen: the pixels that are other ones without it. Runs in Blender."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple, cast

import bpy
import numpy as np
from bpy_extras.view3d_utils import location_3d_to_region_2d
from mathutils import Vector

from .inside import Steps, Ui

NOTICEABLE = 0.03
"""Difference of a colour, of 1."""
COLOURED = 0.15
"""Difference between the channels of a colour that is not grey, of 1."""


class Sight(NamedTuple):
    """What of the 3D view a model takes: its rectangle's share of the view, the share of that which is itself, and the
    share of the model that is not grey."""

    rectangle: float
    model: float
    coloured: float


def look(ui: Ui, model: bpy.types.Collection, name: str) -> Steps:
    """Action: take an image with the model and one without it; the `Sight`. What is hidden for it is shown again."""
    yield from ui.move(*ui.middle())
    yield from ui.redraw()
    yield from ui.screenshot(name)
    objects = [one for one in model.all_objects if not one.hide_viewport]
    for one in objects:
        one.hide_viewport = True
    yield from ui.redraw()
    yield from ui.screenshot(f"{name}-without")
    for one in objects:
        one.hide_viewport = False
    yield from ui.redraw()
    images = ui._folder / "images"
    return _compare(ui, objects, images / f"{name}.png", images / f"{name}-without.png")


def _compare(ui: Ui, objects: list[Any], one: Path, other: Path) -> Sight:
    region, space = ui.region(), cast(bpy.types.SpaceView3D, ui.area().spaces.active)
    view: Any = space.region_3d
    corners = [part.matrix_world @ Vector(corner) for part in objects for corner in part.bound_box]
    seen = [location_3d_to_region_2d(region, view, corner) for corner in corners]
    places = np.array([place for place in seen if place is not None])
    right = min(ui.region("UI").x, region.x + region.width)  # the sidebar lies over the view
    corner = np.array((region.x, region.y))
    low = np.maximum(places.min(axis=0) + corner, corner).astype(int)
    high = np.minimum(places.max(axis=0) + corner, (right, region.y + region.height)).astype(int)
    whole = (right - region.x) * region.height
    with_it, without = (_pixels(path)[low[1] : high[1], low[0] : high[0]] for path in (one, other))
    if not with_it.size:
        return Sight(0.0, 0.0, 0.0)
    differs = np.abs(with_it - without).max(axis=2) > NOTICEABLE
    colours = with_it[differs]
    coloured = float((np.ptp(colours, axis=1) > COLOURED).mean()) if len(colours) else 0.0
    return Sight(float(with_it.shape[0] * with_it.shape[1] / whole), float(differs.mean()), coloured)


def _pixels(path: Path) -> Any:
    """The colours of an image, (height, width, 3), the lowest row first."""
    image = bpy.data.images.load(str(path), check_existing=False)
    try:
        width, height = cast(tuple[int, int], image.size)
        found = np.empty(width * height * 4, np.float32)
        image.pixels.foreach_get(found)
        return found.reshape(height, width, 4)[:, :, :3]
    finally:
        bpy.data.images.remove(image)
