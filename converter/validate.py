# SPDX-License-Identifier: GPL-3.0-or-later
"""Validate imported meshes, which could crash Blender when they are drawn."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable
from typing import Any, cast

import bpy
import numpy as np

from .arrays import to_array

log = logging.getLogger(__name__)

_FLOATS = {"FLOAT": ("value", 1), "FLOAT2": ("vector", 2), "FLOAT_VECTOR": ("vector", 3), "FLOAT_COLOR": ("color", 4)}
"""Attributes of floats, which may be NaN: the name of their values, and how many each has."""
_AT_REST = {"location": 0.0, "rotation_euler": 0.0, "scale": 1.0}


def validate_all() -> None:
    """Repair all meshes and objects of the file: indices, materials and numbers. Sound ones stay as they are."""
    for mesh in bpy.data.meshes:
        if validate_mesh(mesh):
            log.warning("the mesh %s was not sound and has been repaired", mesh.name)
    for obj in bpy.data.objects:
        if validate_object(obj):
            log.warning("the object %s stood nowhere and has been repaired", obj.name)


def validate_mesh(mesh: bpy.types.Mesh) -> bool:
    """Repair a mesh; return whether there was anything to repair."""
    # Blender's own check takes a third of an import's time, and most importers have done it: only where it is needed.
    repaired = not _has_sound_indices(mesh) and mesh.validate(clean_customdata=False)
    repaired |= _bound_materials(mesh)
    for attribute in cast(Any, mesh.attributes):
        if attribute.data_type in _FLOATS:
            repaired |= _make_finite(attribute.data, *_FLOATS[attribute.data_type])
    if mesh.shape_keys is not None:
        for key in mesh.shape_keys.key_blocks:
            repaired |= _make_finite(key.data, "co", 3)
    if repaired:
        mesh.update()
    return repaired


def validate_object(obj: bpy.types.Object) -> bool:
    """Replace NaN and infinity in an object's transform by the values at rest; return whether there were any."""
    repaired = False
    quaternion: Any = obj.rotation_quaternion
    for name, rest in _AT_REST.items():
        repaired |= _repair_numbers(getattr(obj, name), rest)
    if not _are_finite(quaternion):
        obj.rotation_quaternion = (1.0, 0.0, 0.0, 0.0)
        repaired = True
    if not all(_are_finite(cast(Any, row)) for row in obj.matrix_parent_inverse):
        obj.matrix_parent_inverse.identity()
        repaired = True
    return repaired


def _has_sound_indices(mesh: Any) -> bool:
    """Whether edges, corners and faces refer to what there is, as Blender takes for granted when it draws."""
    vertices, edges, corners = len(mesh.vertices), len(mesh.edges), len(mesh.loops)
    starts = to_array(mesh.polygons, "loop_start", kind=np.int32)
    ends = np.append(starts[1:], np.int32(corners))
    return (
        bool((ends - starts >= 3).all())
        and (not len(starts) or int(starts[0]) == 0)
        and _within(mesh.attributes.get(".edge_verts"), 2 * edges, vertices)
        and _within(mesh.attributes.get(".corner_vert"), corners, vertices)
        and _within(mesh.attributes.get(".corner_edge"), corners, edges)
    )


def _within(attribute: Any, count: int, bound: int) -> bool:
    if attribute is None:
        return count == 0
    numbers = np.empty(count, np.int32)
    attribute.data.foreach_get("value", numbers)
    return not count or (int(numbers.min()) >= 0 and int(numbers.max()) < bound)


def _bound_materials(mesh: bpy.types.Mesh) -> bool:
    """Give faces whose material the mesh does not have the last one that it has."""
    attribute: Any = mesh.attributes.get("material_index")
    if attribute is None or attribute.domain != "FACE" or attribute.data_type != "INT":
        return False
    last = max(len(mesh.materials) - 1, 0)
    numbers = to_array(attribute.data, "value", kind=np.int32)
    if not len(numbers) or (numbers.min() >= 0 and numbers.max() <= last):
        return False
    attribute.data.foreach_set("value", np.clip(numbers, 0, last))
    return True


def _make_finite(values: Any, name: str, width: int) -> bool:
    """Set infinite numbers and NaN to 0; return whether there were any."""
    numbers = to_array(values, name, width).ravel()
    sound = np.isfinite(numbers)
    if sound.all():
        return False
    values.foreach_set(name, np.where(sound, numbers, np.float32(0.0)))
    return True


def _repair_numbers(vector: Any, rest: float) -> bool:
    if _are_finite(vector):
        return False
    vector[:] = [one if math.isfinite(one) else rest for one in vector]
    return True


def _are_finite(numbers: Iterable[float]) -> bool:
    return all(map(math.isfinite, numbers))
