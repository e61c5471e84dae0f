# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure a model's bounds, so that the delivery need not look at its vertices.

Imports nothing of the extension: besides the converter, a Blender without one uses it on its own imports.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

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
        boxes = [(seen.min(axis=0), seen.max(axis=0)) for seen in _points(view_layer.depsgraph, mine)]
    finally:
        for armature in posed:
            armature.pose_position = "POSE"
    if not boxes:
        return None
    low = np.min([box[0] for box in boxes], axis=0)
    high = np.max([box[1] for box in boxes], axis=0)
    return [*low.tolist(), *high.tolist()]


def _points(depsgraph: Any, mine: Set[bpy.types.Object]) -> Iterator[NDArray[np.float64]]:
    """Yield, for each surface that one of these objects shows, the points (n, 3) that tell how much room it takes."""
    for instance in depsgraph.object_instances:
        shown: Any = instance.parent if instance.is_instance else instance.object
        if shown.original not in mine:
            continue
        obj: Any = instance.object
        if obj.type == "MESH" and len(obj.data.vertices):
            points = np.empty((len(obj.data.vertices), 3), np.float32)
            obj.data.vertices.foreach_get("co", points.ravel())
        elif obj.type in _SURFACES:
            points = np.array([corner[:] for corner in obj.bound_box], np.float32)
        else:
            continue
        matrix = np.array(instance.matrix_world, np.float64)
        yield points @ matrix[:3, :3].T + matrix[:3, 3]
