# SPDX-License-Identifier: GPL-3.0-or-later
"""Prepare what an importer made for editing: seams merged, Euler rotation, no scale left on objects.

All of it looks as before. What is deformed, animated or shared, where that could not be so, stays as it is.

Imports neighbours alone, relatively: the delivery in the artist's Blender applies scales with it, too.
"""

from __future__ import annotations

from collections.abc import Iterable

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from .arrays import to_array
from .modifiers import SEAM, welded

_SAME_NORMAL = 1e-4
_ONE = 1e-6
"""How far a scale may be from 1 and still be none."""


def merge_seams(objects: Iterable[bpy.types.Object]) -> None:
    """Merge the vertices of static meshes that lie at one point; faces, UVs, colours and normals stay as they are."""
    users: dict[bpy.types.Mesh, list[bpy.types.Object]] = {}
    for one in objects:
        if isinstance(one.data, bpy.types.Mesh):
            users.setdefault(one.data, []).append(one)
    for mesh, owners in users.items():
        is_static = mesh.shape_keys is None and not any(len(one.modifiers) or len(one.vertex_groups) for one in owners)
        if is_static and _is_split(mesh):
            _merge(mesh)


def use_euler(objects: Iterable[bpy.types.Object]) -> None:
    """Let objects turn by XYZ angles, where nothing animates them. Bones stay as they are."""
    for one in objects:
        if one.rotation_mode != "XYZ" and one.animation_data is None:
            one.rotation_mode = "XYZ"  # Blender converts the rotation


def apply_scale(objects: Iterable[bpy.types.Object]) -> None:
    """Apply scales to meshes, and hand even ones of what they hang on down to them. Everything stays in its place."""
    found = list(objects)
    below: dict[bpy.types.Object | None, list[bpy.types.Object]] = {}
    for one in found:
        below.setdefault(one.parent, []).append(one)
    known = set(found)
    waiting = [one for one in found if one.parent not in known]
    while waiting:
        one = waiting.pop()
        children = below.get(one, [])
        _apply_scale(one, children)
        waiting += children


def _is_split(mesh: bpy.types.Mesh) -> bool:
    places = to_array(mesh.vertices, "co", 3) + np.float32(0.0)  # the two zeros are one place
    return len(np.unique(places.view(np.dtype((np.void, places.itemsize * 3))))) < len(places)


def _merge(mesh: bpy.types.Mesh) -> None:
    normals, corners = _normals(mesh), _corner_points(mesh)
    merged = welded(mesh)
    is_same = len(merged.polygons) == len(mesh.polygons) and len(merged.loops) == len(corners)
    if not (is_same and np.allclose(_corner_points(merged), corners, rtol=0, atol=SEAM)):
        bpy.data.meshes.remove(merged)  # faces lay upon each other, or had no area
        return
    if mesh.has_custom_normals:
        sharp = merged.attributes.get("sharp_edge")
        if sharp is not None:
            merged.attributes.remove(sharp)  # Blender marks anew where the normals need it
    if not np.allclose(_normals(merged), normals, rtol=0, atol=_SAME_NORMAL):
        _set_normals(merged, normals)
    name = mesh.name
    mesh.user_remap(merged)
    bpy.data.meshes.remove(mesh)
    merged.name = name


def _set_normals(mesh: bpy.types.Mesh, normals: NDArray[np.float32]) -> None:
    """Set the normals of all corners: by vertex where those at one are alike, which takes a sixth of the time."""
    corners = _corners(mesh)
    by_vertex = np.zeros((len(mesh.vertices), 3), np.float32)
    by_vertex[corners] = normals
    if np.allclose(by_vertex[corners], normals, rtol=0, atol=_SAME_NORMAL):
        mesh.normals_split_custom_set_from_vertices(by_vertex)  # type: ignore[arg-type]
    else:
        mesh.normals_split_custom_set(normals)  # type: ignore[arg-type]


def _corners(mesh: bpy.types.Mesh) -> NDArray[np.int32]:
    """Return the vertex of each corner."""
    return to_array(mesh.loops, "vertex_index", kind=np.int32)


def _corner_points(mesh: bpy.types.Mesh) -> NDArray[np.float32]:
    return to_array(mesh.vertices, "co", 3)[_corners(mesh)]


def _normals(mesh: bpy.types.Mesh) -> NDArray[np.float32]:
    return to_array(mesh.corner_normals, "vector", 3)


def _apply_scale(one: bpy.types.Object, children: list[bpy.types.Object]) -> None:
    scale = (one.scale.x, one.scale.y, one.scale.z)
    low, factor = min(scale), max(scale)
    is_even = factor - low <= _ONE * factor
    if low <= 0.0 or (is_even and abs(factor - 1.0) <= _ONE) or (children and not is_even):
        return
    if not (_takes_scale(one) and all(map(_hangs_freely, children))):
        return
    if isinstance(one.data, bpy.types.Mesh):
        _scale(one.data, scale, is_even)
    one.scale = (1.0, 1.0, 1.0)
    for child in children:
        inverse = child.matrix_parent_inverse.copy()
        inverse.translation *= factor
        child.matrix_parent_inverse = inverse
        child.location *= factor
        child.scale *= factor


def _scale(mesh: bpy.types.Mesh, scale: tuple[float, float, float], is_even: bool) -> None:
    """Scale the surface; normals that are its own turn with it."""
    normals = _normals(mesh) / np.array(scale, np.float32) if mesh.has_custom_normals and not is_even else None
    mesh.transform(Matrix.Diagonal((*scale, 1.0)))
    if normals is not None:
        lengths = np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), np.float32(1e-12))
        _set_normals(mesh, normals / lengths)


def _takes_scale(one: bpy.types.Object) -> bool:
    """Whether an object shows the same without its scale, once what it shows is as much larger."""
    if not _is_free(one) or len(one.modifiers):
        return False
    if one.type == "EMPTY":
        return one.instance_type == "NONE" and one.empty_display_type != "IMAGE"
    mesh = one.data
    if not isinstance(mesh, bpy.types.Mesh):
        return False
    return mesh.users == 1 and mesh.shape_keys is None and mesh.animation_data is None and mesh.library is None


def _hangs_freely(child: bpy.types.Object) -> bool:
    return _is_free(child) and child.parent_type == "OBJECT"


def _is_free(one: bpy.types.Object) -> bool:
    is_moved = any(one.delta_location[:]) or any(abs(side - 1.0) > _ONE for side in one.delta_scale[:])
    return one.animation_data is None and not len(one.constraints) and not is_moved
