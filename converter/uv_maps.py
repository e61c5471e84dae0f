# SPDX-License-Identifier: GPL-3.0-or-later
"""The UV maps that are baked onto: the ones that serve, or new ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from converter.arrays import to_array
from converter.importers import ImportFailed
from converter.uv_coverage import covers_once

UV_MAP = "Tripo"
"""The UV map that is made where there is none to bake onto."""
_UNWRAP_ANGLE = math.radians(66)
_UNWRAP_MARGIN = 0.003


def unwrap(scene: bpy.types.Scene, objects: Sequence[bpy.types.Object]) -> None:
    """Lay the faces of objects out on their active UV maps, all on one square."""
    view_layer = scene.view_layers[0]
    for one in scene.objects:
        one.select_set(one in objects, view_layer=view_layer)
    view_layer.objects.active = objects[0]
    bpy.ops.object.mode_set(mode="EDIT")
    try:
        bpy.ops.mesh.reveal()
        bpy.ops.mesh.select_all(action="SELECT")
        bpy.ops.uv.smart_project(angle_limit=_UNWRAP_ANGLE, island_margin=_UNWRAP_MARGIN)
    finally:
        bpy.ops.object.mode_set(mode="OBJECT")


def map_to_bake_onto(scene: bpy.types.Scene, obj: Any) -> str:
    """Return the name of the UV map to bake onto: the one that is shown, or a new one where it does not serve."""
    mesh = obj.data
    shown = next((one for one in mesh.uv_layers if one.active_render), None)
    if shown is not None and covers_once(_triangles(mesh, shown)):
        return shown.name
    made = mesh.uv_layers.new(name=UV_MAP, do_init=False)
    if made is None:
        raise ImportFailed("there is no room for another UV map: remove one")
    mesh.uv_layers.active, made.active_render = made, True
    unwrap(scene, [obj])
    return mesh.uv_layers.active.name


def _triangles(mesh: Any, layer: Any) -> Any:
    values = to_array(layer.uv, "vector", 2)
    mesh.calc_loop_triangles()
    return values[to_array(mesh.loop_triangles, "loops", 3, np.int32)]
