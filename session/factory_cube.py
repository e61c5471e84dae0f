# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the cube of Blender's factory scene while nobody has touched it."""

from __future__ import annotations

from typing import Any

import bpy
from mathutils import Matrix

from .delivered_models import PROPERTY

_NAME, _MATERIAL = "Cube", "Material"


def find(scene: bpy.types.Scene) -> bpy.types.Object | None:
    """Return the cube if it is as Blender made it. Quick enough for a drawing function."""
    cube: Any = scene.objects.get(_NAME)
    return cube if cube is not None and cube.type == "MESH" and _is_untouched(cube) else None


def stands_beside(scene: bpy.types.Scene) -> bool:
    """Whether the file holds one delivered model and the untouched cube of the factory scene."""
    return sum(PROPERTY in one for one in bpy.data.collections) == 1 and find(scene) is not None


def _is_untouched(cube: Any) -> bool:
    mesh = cube.data
    if (mesh.name, mesh.users, len(mesh.vertices), len(mesh.polygons)) != (_NAME, 1, 8, 6):
        return False
    if any(abs(abs(one) - 1.0) > 1e-6 for vertex in mesh.vertices for one in vertex.co):
        return False
    added = (cube.modifiers, cube.constraints, cube.vertex_groups, mesh.shape_keys, cube.animation_data, cube.parent)
    if any(added) or cube.matrix_world != Matrix() or cube.mode != "OBJECT" or not cube.visible_get():
        return False
    if [slot.name for slot in cube.material_slots] != [_MATERIAL] or cube.material_slots[0].material.users != 1:
        return False
    return not cube.children
