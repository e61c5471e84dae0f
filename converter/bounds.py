# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure a model's bounds, so that the delivery need not look at its vertices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from converter.arrays import to_array

Points = NDArray[np.float64]
_SURFACES = {"CURVE", "SURFACE", "META", "FONT", "POINTCLOUD", "CURVES", "VOLUME"}


def of_objects(scene: bpy.types.Scene, objects: list[bpy.types.Object]) -> list[float] | None:
    """Return lowest and highest corner, six numbers, of objects of the scene as evaluated, in world space.

    Armatures are taken in their rest position. None when there is no surface.
    """
    armatures = {one.data for one in objects if isinstance(one.data, bpy.types.Armature)}
    posed = [one for one in armatures if one.pose_position == "POSE"]
    try:
        for armature in posed:
            armature.pose_position = "REST"
        view_layer = scene.view_layers[0]
        view_layer.update()
        mine = set(objects)
        found = corners(shown(view_layer.depsgraph, _SURFACES, mine))
    finally:
        for armature in posed:
            armature.pose_position = "POSE"
    return None if found is None else [*found[0].tolist(), *found[1].tolist()]


def corners(surfaces: Iterable[Points]) -> tuple[Points, Points] | None:
    """Return the lowest and the highest corner of what some surfaces take; None without any."""
    boxes = [(seen.min(axis=0), seen.max(axis=0)) for seen in surfaces]
    if not boxes:
        return None
    return np.min([box[0] for box in boxes], axis=0), np.max([box[1] for box in boxes], axis=0)


def shown(
    depsgraph: Any, kinds: Set[str], mine: Set[bpy.types.Object] | None = None, view: Matrix | None = None
) -> Iterator[Points]:
    """Yield the points (n, 3) that tell how much room a surface takes, for each that is shown, by one of ``mine`` if
    these are given: meshes, and the boxes of other ``kinds`` of objects. In world space, or as seen through ``view``.
    """
    for instance in depsgraph.object_instances:
        owner: Any = instance.parent if instance.is_instance else instance.object
        if mine is not None and owner.original not in mine:
            continue
        obj: Any = instance.object
        if obj.type == "MESH" and len(obj.data.vertices):
            points = to_array(obj.data.vertices, "co", 3)
        elif obj.type in kinds:
            points = np.array([corner[:] for corner in obj.bound_box], np.float32)
        else:
            continue
        matrix = np.array(instance.matrix_world if view is None else view @ instance.matrix_world, np.float64)
        yield points @ matrix[:3, :3].T + matrix[:3, 3]
