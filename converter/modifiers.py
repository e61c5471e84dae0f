# SPDX-License-Identifier: GPL-3.0-or-later
"""Apply Blender's own modifiers to meshes.

Imports nothing of the extension: `edit_ready` uses it in the artist's Blender, too.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast

import bpy

SEAM = 1e-6
"""Vertices closer than this are one that a file's format had to split."""


def welded(mesh: bpy.types.Mesh) -> bpy.types.Mesh:
    """Return a copy of a mesh with merged vertices, by Blender's own modifier: a third of the time of bmesh."""
    copy = cast(bpy.types.Mesh, mesh.copy())
    with modifying(cast(bpy.types.Scene, bpy.context.scene), copy, "WELD") as weld:
        weld.mode, weld.merge_threshold = "ALL", SEAM
    return copy


@contextmanager
def modifying(scene: bpy.types.Scene, mesh: bpy.types.Mesh, kind: Any) -> Generator[Any]:
    """Yield a new modifier of a mesh to be set up; it is applied in the end."""
    obj = bpy.data.objects.new("modified", mesh)
    scene.collection.objects.link(obj)
    try:
        modifier = obj.modifiers.new("modified", kind)
        yield modifier
        override: dict[str, Any] = {"object": obj, "active_object": obj}
        with bpy.context.temp_override(**override):
            bpy.ops.object.modifier_apply(modifier=modifier.name)
    finally:
        bpy.data.objects.remove(obj)
