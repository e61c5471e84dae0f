# SPDX-License-Identifier: GPL-3.0-or-later
"""Clean up meshes: merge vertices, shading, normals, attributes that say nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import bmesh
import bpy
import numpy as np
from numpy.typing import NDArray

from converter.arrays import to_array

_NORMALS = "tripo_normals"
_CORNERS = "tripo_corners"
_CHOSEN = (".select_", ".uv_select_")
"""Attributes that bmesh adds; nothing is selected in a file that has just been read."""
_SEAM = 1e-6
"""Vertices closer than this are one that a file's format had to split."""
_LARGE_FACES = 100_000
"""From this size on a mesh is worth the trouble of making it smaller."""


def clean(meshes: Iterable[bpy.types.Mesh], merge_distance: float | None, smooth_angle: float | None) -> None:
    """Merge vertices closer than a distance, in the mesh's own units, then shade smooth below an angle in radians."""
    for mesh in meshes:
        if merge_distance is not None:
            merge(mesh, merge_distance)
        if smooth_angle is not None:
            shade_smooth(mesh, smooth_angle)


def merge(mesh: bpy.types.Mesh, distance: float) -> None:
    """Merge by distance. UVs, weights and shape keys are kept, and custom normals as they look."""
    has_normals = mesh.has_custom_normals
    if has_normals:
        attribute: Any = mesh.attributes.new(_NORMALS, "FLOAT_VECTOR", "CORNER")
        attribute.data.foreach_set("vector", to_array(mesh.corner_normals, "vector", 3).ravel())
    _join(mesh, distance)
    if has_normals:
        attribute = mesh.attributes[_NORMALS]
        normals = to_array(attribute.data, "vector", 3)
        mesh.attributes.remove(attribute)
        # What they are relative to has changed: the faces around each vertex.
        mesh.normals_split_custom_set(normals)  # type: ignore[arg-type]
    mesh.update()


def shade_smooth(mesh: bpy.types.Mesh, angle: float) -> None:
    """Shade smooth by angle, across the seams too, where files hold each vertex twice."""
    forget_normals(mesh)
    mesh.shade_smooth()
    mesh.set_sharp_from_angle(angle=angle)
    normals = _normals_without_seams(mesh, angle)
    if normals is not None:
        mesh.normals_split_custom_set(normals)  # type: ignore[arg-type]
    mesh.update()


def drop_defaults() -> None:
    """Remove from large meshes the attributes that say what is so without them: all smooth, all of the first material.

    Each megabyte costs the artist's main thread about half a millisecond.
    """
    for mesh in bpy.data.meshes:
        if len(mesh.polygons) < _LARGE_FACES:
            continue
        for name in ("sharp_edge", "sharp_face", "material_index"):
            attribute: Any = mesh.attributes.get(name)
            if attribute is None:
                continue
            kind = bool if attribute.data_type == "BOOLEAN" else np.int32
            if not to_array(attribute.data, "value", kind=kind).any():
                mesh.attributes.remove(attribute)


def _join(mesh: bpy.types.Mesh, distance: float) -> None:
    bm = bmesh.new()
    try:
        bm.from_mesh(mesh)
        bmesh.ops.remove_doubles(bm, verts=list(bm.verts), dist=distance)
        bm.to_mesh(mesh)
    finally:
        bm.free()
    for name in [one.name for one in mesh.attributes if one.name.startswith(_CHOSEN)]:
        mesh.attributes.remove(mesh.attributes[name])


def forget_normals(mesh: bpy.types.Mesh) -> None:
    """Leave a mesh the normals that its faces and sharp edges have."""
    if mesh.has_custom_normals:
        override: dict[str, Any] = {"mesh": mesh}
        with bpy.context.temp_override(**override):
            bpy.ops.mesh.customdata_custom_splitnormals_clear()


def _normals_without_seams(mesh: bpy.types.Mesh, angle: float) -> NDArray[np.float32] | None:
    """Return the normals (corners, 3) that the mesh would have with split vertices joined; None if none is split."""
    joined: Any = mesh.copy()
    try:
        # Joining changes the order of faces, so each corner of the copy says which one it was.
        numbers = np.arange(len(mesh.loops), dtype=np.int32)
        attribute: Any = joined.attributes.new(_CORNERS, "INT", "CORNER")
        attribute.data.foreach_set("value", numbers)
        _join(joined, _SEAM)
        if len(joined.vertices) == len(mesh.vertices):
            return None
        joined.set_sharp_from_angle(angle=angle)
        normals = to_array(mesh.corner_normals, "vector", 3)
        numbers = to_array(joined.attributes[_CORNERS].data, "value", kind=np.int32)
        normals[numbers] = to_array(joined.corner_normals, "vector", 3)
        return normals
    finally:
        bpy.data.meshes.remove(joined)
