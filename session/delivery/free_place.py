# SPDX-License-Identifier: GPL-3.0-or-later
"""Find a free place for a model beside what already stands at its place.

What stands there is found by the world-space boxes of visible objects, which Blender holds ready: nothing is evaluated
for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import bpy
import numpy as np
from mathutils import Vector as MathVector
from numpy.typing import NDArray

from ...client.jobs.geometry import NOWHERE, Box, Vector, add, vector
from ...properties.placement_values import own_box

_SOLID = {"MESH", "CURVE", "SURFACE", "META", "FONT", "CURVES", "POINTCLOUD", "VOLUME", "GPENCIL", "GREASEPENCIL"}
_SEEN_THROUGH = {"BOUNDS", "WIRE"}
_GAP = 0.1
"""Left free between two models, in lengths of the longer side on the ground."""
_OVERLAP = 0.05
"""How far boxes may reach into each other, in sides of the model: it stands in the grass, not inside the ground."""
_LARGE, _HUGE = 3.0, 20.0
"""How much longer on both sides than the model something may be surroundings, and is: a room, hills, a sky."""
_MOST_FACES = 20_000
"""Of something large that is searched for an inside; beyond that it takes too long, and it counts as surroundings."""
_TRIES = 1000
_WAYS = ((0, 1, 1.0), (0, -1, 1.0), (1, -1, 1.5), (1, 1, 1.5))
"""Axis, direction, and how much longer the way counts as: right, left, to the front, to the back. At one price the
first is taken."""
_AXES = ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1))


class FreePlace(NamedTuple):
    """How far a model has to move, and the name of what already stands at its place."""

    offset: Vector
    beside: str


def find(box: Box, view_layer: bpy.types.ViewLayer, also: Sequence[Box] = ()) -> FreePlace | None:
    """Return the nearest free place for a model that would take up ``box``, in world space, moved along the ground;
    None when it is free where it is, or nothing is free.

    The view layer is taken as it was last evaluated. ``also`` are further boxes that are in the way.
    """
    obstacles = _Obstacles(view_layer, box, also)
    taken = obstacles.within(box)
    if not taken:
        return None
    side = max(box.size) or 1.0
    found: list[tuple[float, int, Vector]] = []
    for number, (axis, direction, price) in enumerate(_WAYS):
        offset = _moved(box, obstacles, axis, direction)
        if offset is not None:
            found.append((round(abs(offset[axis]) * price / side, 3), number, offset))
    return FreePlace(min(found)[2], obstacles.nearest(box, taken)) if found else None


def _moved(box: Box, obstacles: _Obstacles, axis: int, direction: int) -> Vector | None:
    """Return how far the box has to go one way until nothing is in it."""
    gap = max(box.size[:2]) * _GAP
    offset, place = NOWHERE, box
    for _ in range(_TRIES):
        taken = obstacles.within(place)
        if not taken:
            return offset
        if direction > 0:
            step = max(obstacles.high[number][axis] for number in taken) + gap - box.low[axis]
        else:
            step = min(obstacles.low[number][axis] for number in taken) - gap - box.high[axis]
        offset = vector(float(step) if one == axis else 0.0 for one in range(3))
        place = Box(add(box.low, offset), add(box.high, offset))
    return None


class _Obstacles:
    """The boxes of all objects of a view layer; which of them count is looked up for those that are in the way."""

    def __init__(self, view_layer: bpy.types.ViewLayer, box: Box, also: Sequence[Box]) -> None:
        self._view_layer = view_layer
        self._objects: Any = view_layer.objects
        low, high = _boxes(self._objects)
        self.low = np.concatenate([low, np.reshape([one.low for one in also], (-1, 3))])
        self.high = np.concatenate([high, np.reshape([one.high for one in also], (-1, 3))])
        self._slack = [side * _OVERLAP for side in box.size]
        self._side = max(box.size[:2])
        self._counts: dict[int, bool] = {}

    def within(self, box: Box) -> list[int]:
        """Return the numbers of the objects that are visible and in the way of a model in this box."""
        low, high = np.add(box.low, self._slack), np.subtract(box.high, self._slack)
        crossed = ((self.low < high) & (self.high > low)).all(axis=1)
        return [number for number in np.flatnonzero(crossed).tolist() if self._is_in_the_way(number, box)]

    def nearest(self, box: Box, numbers: list[int]) -> str:
        """Return the name of the one of some objects that takes up most of a box."""
        low = np.maximum(self.low[numbers], box.low)
        high = np.minimum(self.high[numbers], box.high)
        number = numbers[int((high - low).prod(axis=1).argmax())]
        return self._objects[number].name if number < len(self._objects) else ""

    def _is_in_the_way(self, number: int, box: Box) -> bool:
        if number >= len(self._objects):
            return True
        if number not in self._counts:
            self._counts[number] = self._is_visible(self._objects[number])
        if not self._counts[number]:
            return False
        shortest = min((self.high[number] - self.low[number])[:2])
        if shortest < self._side * _LARGE:
            return True
        return shortest < self._side * _HUGE and _encloses(self._objects[number], self._view_layer, box)

    def _is_visible(self, one: bpy.types.Object) -> bool:
        solid = one.type in _SOLID or one.instance_type == "COLLECTION"
        return solid and one.display_type not in _SEEN_THROUGH and one.visible_get(view_layer=self._view_layer)


def _boxes(objects: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the lowest and the highest corners, each (n, 3), of objects as they are shown."""
    count = len(objects)
    corners, matrices = np.empty(count * 24, np.float32), np.empty(count * 16, np.float32)
    objects.foreach_get("bound_box", corners)
    objects.foreach_get("matrix_world", matrices)
    corners, matrices = corners.reshape(count, 8, 3), matrices.reshape(count, 4, 4).astype(np.float64)
    for number, one in enumerate(objects):
        if one.instance_type == "COLLECTION" and one.instance_collection is not None:
            corners[number] = own_box(one).corners
    places = corners @ matrices[:, :3, :3] + matrices[:, 3:, :3]  # matrices come column by column
    return places.min(axis=1), places.max(axis=1)


def _encloses(one: bpy.types.Object, view_layer: bpy.types.ViewLayer, box: Box) -> bool:
    """Whether a model in this box cannot be seen from outside a large mesh: from some point of it, all directions end
    at the back of a face. Hills, and a room that lacks a wall, have none."""
    shown: Any = one.evaluated_get(cast(bpy.types.Depsgraph, view_layer.depsgraph))
    if one.type != "MESH" or len(shown.data.polygons) > _MOST_FACES:
        return False
    inward = one.matrix_world.inverted_safe()
    middle = MathVector(box.centre)
    near = [middle.lerp(MathVector(corner), 0.8) for corner in box.corners]
    return any(_is_enclosed(shown, inward @ point) for point in (middle, *near))


def _is_enclosed(shown: Any, point: MathVector) -> bool:
    for axis in map(MathVector, _AXES):
        hit, _place, normal, _face = shown.ray_cast(point, axis)
        if not hit or normal.dot(axis) <= 0.0:
            return False
    return True
