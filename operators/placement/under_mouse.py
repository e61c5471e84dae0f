# SPDX-License-Identifier: GPL-3.0-or-later
"""Find what is under the mouse in a 3D view."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bpy.types import Area, Context, Event, Region, RegionView3D, SpaceView3D
from bpy_extras.view3d_utils import region_2d_to_location_3d, region_2d_to_origin_3d, region_2d_to_vector_3d

if TYPE_CHECKING:
    from mathutils import Vector


class Spot(NamedTuple):
    """A point of the scene and the normal of the surface there; None where there is no surface."""

    point: Vector
    normal: Vector | None


def spot_under(context: Context, area: Area, region: Region, event: Event) -> Spot | None:
    """Return what is under the mouse: a surface, else the ground, else the depth of the 3D cursor."""
    view = _view_of(area, region)
    place = (event.mouse_x - region.x, event.mouse_y - region.y)
    origin, direction = region_2d_to_origin_3d(region, view, place), region_2d_to_vector_3d(region, view, place)
    scene = context.scene
    hit, point, normal, *_more = scene.ray_cast(context.evaluated_depsgraph_get(), origin, direction)
    if hit:
        return Spot(point, -normal if normal.dot(direction) > 0.0 else normal)
    on_ground = _on_ground(origin, direction, _space_of(area).clip_end)
    if on_ground is not None:
        return Spot(on_ground, None)
    return Spot(region_2d_to_location_3d(region, view, place, scene.cursor.location), None)


def region_under(area: Area, x: int, y: int) -> Region | None:
    """Return the region of the view, of four in a quad view, that is under the mouse; None over headers and tabs."""
    over = [
        region
        for region in area.regions
        if region.x <= x < region.x + region.width and region.y <= y < region.y + region.height
    ]
    if any(region.type not in {"WINDOW", "TOOLS"} and region.width > 1 for region in over):
        return None
    return next((region for region in over if region.type == "WINDOW"), None)


def _on_ground(origin: Vector, direction: Vector, farthest: float) -> Vector | None:
    """Return where a ray meets the plane of the grid, if that is in front of the eye and not at the horizon."""
    if abs(direction.z) < 1e-3:
        return None
    distance = -origin.z / direction.z
    return origin + direction * distance if 0.0 < distance < farthest else None


def _space_of(area: Area) -> SpaceView3D:
    space = area.spaces.active
    assert isinstance(space, SpaceView3D)
    return space


def _view_of(area: Area, region: Region) -> RegionView3D:
    """Return the view that a region shows: in a quad view each has its own."""
    space = _space_of(area)
    quads = space.region_quadviews
    if not quads:
        assert space.region_3d is not None
        return space.region_3d
    windows = [one for one in area.regions if one.type == "WINDOW"]
    return quads[windows.index(region)]
