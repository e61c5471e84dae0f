"""Where delivered models are. Runs in Blender."""

from __future__ import annotations

from typing import Any

import bpy
import pytest
from mathutils import Vector


def bounds(collection: bpy.types.Collection) -> tuple[Vector, Vector]:
    bpy.context.view_layer.update()
    corners = [
        one.matrix_world @ Vector(corner)
        for one in collection.all_objects
        if one.type == "MESH"
        for corner in one.bound_box
    ]
    axes = range(3)
    return Vector([min(c[a] for c in corners) for a in axes]), Vector([max(c[a] for c in corners) for a in axes])


def near(found: Any, *expected: float) -> bool:
    return tuple(found) == pytest.approx(expected, abs=1e-4)


def models(scene: bpy.types.Scene | None = None) -> list[bpy.types.Collection]:
    """The delivered models of a scene, whatever collection they are in, as they came."""
    scene = scene or bpy.context.scene
    return [one for one in scene.collection.children_recursive if "tripo_job_id" in one]
