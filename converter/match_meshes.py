# SPDX-License-Identifier: GPL-3.0-or-later
"""Find out which corner of an artist's objects has which texture coordinate of a textured result.

The objects are read before the result is imported, of the same ``.blend`` that was exported for the service. What was
found is kept as looks beside the result (`converter.prepared_look`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import bpy
import numpy as np
from numpy.typing import NDArray

from client.formats.handover import NoLook
from converter import surface
from converter.arrays import to_array
from converter.prepared_look import Look, topology_of
from converter.source_objects import open_objects
from converter.surface import Surface
from converter.triangles import Floats, match

_CUT = 0.01
"""Share of the corners for which a texture may need two places, before it is said to be cut across faces."""


class Originals(NamedTuple):
    """The meshes that were sent: the topology of each, and the surfaces that the service may have been given, as
    modifiers leave them where they keep the faces, and as they are without any."""

    topologies: tuple[str, ...]
    surfaces: tuple[Surface, ...]


class _UvMap(NamedTuple):
    name: str
    values: Floats
    """(corners of all objects, 2)"""


def read_originals(source: Path) -> Originals:
    """Return the meshes of a selection or a converted result. What is open before is gone afterwards; raises
    ExportFailed, OSError, RuntimeError."""
    scene, objects = open_objects(source)
    meshes: list[Any] = [one for one in objects if isinstance(one.data, bpy.types.Mesh)]
    view_layer = scene.view_layers[0]
    view_layer.update()
    depsgraph: Any = view_layer.depsgraph
    seen = [(one, one.evaluated_get(depsgraph)) for one in meshes]
    topologies = tuple(topology_of(one.data) for one in meshes)
    found: list[Surface] = []
    keep = all(
        topology_of(evaluated.data) == own for (_, evaluated), own in zip(seen, topologies, strict=True)
    )  # of the mesh after modifiers and of the one before
    if keep:
        found.append(surface.read((evaluated.data, evaluated.matrix_world) for _, evaluated in seen))
    if not keep or any(len(one.modifiers) or one.data.shape_keys is not None for one in meshes):
        found.append(surface.read((one.data, evaluated.matrix_world) for one, evaluated in seen))
    return Originals(topologies, tuple(found))


def looks_of(originals: Originals, scene: bpy.types.Scene, objects: list[bpy.types.Object]) -> list[Look] | NoLook:
    """Return the look of each original that the objects of a textured result hold, or why there is none."""
    scene.view_layers[0].update()
    meshes: list[Any] = [one for one in objects if isinstance(one.data, bpy.types.Mesh)]
    result = surface.read((one.data, one.matrix_world) for one in meshes)
    uv_maps = _uv_maps(result, meshes)
    if not uv_maps:
        return NoLook.NO_TEXTURE
    for base in originals.surfaces:
        matched = match(base.triangles, result.triangles)
        if matched is None:
            continue
        there = np.flatnonzero(matched.partner >= 0)
        partners = matched.partner[there]
        corners = np.take_along_axis(result.corners[partners], matched.corners[there], axis=1)
        moved = [_UvMap(one.name, _moved(one.values, corners, base, there)) for one in uv_maps]
        if _is_cut(moved[0].values, uv_maps[0].values, corners, base.corners[there]):
            return NoLook.CUT
        materials, by_face = _materials(result, meshes)
        faces = np.zeros(base.face_count, np.int64)
        faces[base.faces[there]] = by_face[result.faces[partners]]
        return [_look(originals, base, number, moved, materials, faces) for number in range(len(base.spans))]
    return NoLook.OTHER_SURFACE


def _look(
    originals: Originals,
    base: Surface,
    number: int,
    uv_maps: list[_UvMap],
    materials: list[bpy.types.Material | None],
    faces: NDArray[np.int64],
) -> Look:
    span = base.spans[number]
    numbers = span.faces_of(faces)
    used = np.unique(numbers)
    return Look(
        originals.topologies[number],
        {one.name: span.corners_of(one.values) for one in uv_maps},
        [materials[one] for one in used],
        np.searchsorted(used, numbers) if len(used) > 1 else None,
    )


def _uv_maps(result: Surface, meshes: list[Any]) -> list[_UvMap]:
    """Return the UV maps of a result, those of equal name of all its meshes as one; the one that is shown first."""
    names: list[str] = []
    for mesh in meshes:
        for layer in sorted(mesh.data.uv_layers, key=lambda one: not one.active_render):
            if layer.name not in names:
                names.append(layer.name)
    found: list[_UvMap] = []
    for name in names:
        values = np.zeros((result.corner_count, 2), np.float32)
        for span, mesh in zip(result.spans, meshes, strict=True):
            layer = mesh.data.uv_layers.get(name)
            if layer is not None:
                span.corners_of(values)[:] = to_array(layer.uv, "vector", 2)
        found.append(_UvMap(name, values))
    return found


def _moved(values: Floats, corners: Any, base: Surface, there: Any) -> Floats:
    """Return a UV map by the corners of the base; a corner that no triangle has stays at 0."""
    found = np.zeros((base.corner_count, 2), np.float32)
    found[base.corners[there]] = values[corners]
    return found


def _is_cut(moved: Floats, values: Floats, corners: Any, base_corners: Any) -> bool:
    """Whether triangles of one face want different places of the texture for the same corner."""
    apart = np.abs(moved[base_corners] - values[corners]).max(axis=-1) > 1e-3
    return bool(apart.mean() > _CUT)


def _materials(result: Surface, meshes: list[Any]) -> tuple[list[bpy.types.Material | None], NDArray[np.int64]]:
    """Return the materials of a result, and the number of its material for each face."""
    materials: list[bpy.types.Material | None] = []
    faces = np.zeros(result.face_count, np.int64)
    for span, mesh in zip(result.spans, meshes, strict=True):
        slots = [slot.material for slot in mesh.material_slots] or [None]
        for one in slots:
            if one not in materials:
                materials.append(one)
        own = to_array(mesh.data.polygons, "material_index", kind=np.int32)
        numbers = np.array([materials.index(one) for one in slots], np.int64)
        span.faces_of(faces)[:] = numbers[np.clip(own, 0, len(slots) - 1)]
    return materials, faces
