# SPDX-License-Identifier: GPL-3.0-or-later
"""Give an artist's own object the materials and UV maps of a textured result.

The object stays what it is: name, transform, modifiers, armature, shape keys, animation and vertex groups are not
touched. A result whose surface is not that of the object comes beside it, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import bpy
import numpy as np
from numpy.typing import NDArray

from ...client.jobs.geometry import Box, add
from . import looks, originals, surface
from .surface import Surface, world_of
from .triangles import Floats, match

_CUT = 0.01
"""Share of the corners for which a texture may need two places, before it is said to be cut across faces."""
OTHER_SURFACE = "its faces are not the same"
NO_TEXTURE = "it has no texture coordinates"
MOST_FACES = 150_000
"""More would hold Blender for longer than half a second; matching them is not done in the background yet."""
TOO_MANY_FACES = f"it has more than {MOST_FACES:,} faces"


class _UvMap(NamedTuple):
    name: str
    values: Floats
    """(corners of all objects, 2)"""


class Transfer(NamedTuple):
    """What the objects get: UV maps by corner, materials, and each face's number among the materials."""

    base: Surface
    uv_maps: tuple[_UvMap, ...]
    materials: tuple[bpy.types.Material | None, ...]
    faces: NDArray[np.int64]


def problem_of(objects: list[bpy.types.Object]) -> str:
    """Return why objects cannot be given a look, or an empty string."""
    for obj in objects:
        mesh = obj.data
        if not isinstance(mesh, bpy.types.Mesh):
            return f"{obj.name} is no mesh"
        if not obj.is_editable or not mesh.is_editable:
            return f"{obj.name} is linked from another file"
        if len(mesh.uv_layers) >= looks.MOST_UV_MAPS:
            return f"{obj.name} has {looks.MOST_UV_MAPS} UV maps, which is the most"
    return ""


def plan(objects: list[bpy.types.Object], collection: bpy.types.Collection, scene: bpy.types.Scene) -> Transfer | str:
    """Return what is to be moved over to the objects, or why it cannot be. Changes nothing."""
    meshes = [one for one in collection.all_objects if isinstance(one.data, bpy.types.Mesh)]
    if sum(len(one.data.polygons) for one in meshes) > MOST_FACES:  # pyright: ignore
        return TOO_MANY_FACES
    result = surface.read((one, one.data, world_of(one)) for one in meshes)
    uv_maps = _uv_maps(result)
    if not uv_maps:
        return NO_TEXTURE
    for view_layer in scene.view_layers[:1]:
        view_layer.update()
    for base in _surfaces(objects, scene):
        matched = match(base.triangles, result.triangles)
        if matched is None:
            continue
        there = np.flatnonzero(matched.partner >= 0)
        partners = matched.partner[there]
        corners = np.take_along_axis(result.corners[partners], matched.corners[there], axis=1)
        moved = [_UvMap(one.name, _moved(one.values, corners, base, there)) for one in uv_maps]
        if _is_cut(moved[0].values, uv_maps[0].values, corners, base.corners[there]):
            return "its texture is cut across faces"
        materials, by_face = _materials(result)
        faces = np.zeros(base.face_count, np.int64)
        faces[base.faces[there]] = by_face[result.faces[partners]]
        return Transfer(base, tuple(moved), tuple(materials), faces)
    return OTHER_SURFACE


def apply(transfer: Transfer, name: str, facts: Mapping[str, Any]) -> None:
    """Give the objects their new look, called ``name``. When it raises, they are as before."""
    before = [
        (span.obj, span.obj.data, _uv_names(span.obj), len(looks.names_of(span.obj))) for span in transfer.base.spans
    ]
    try:
        _apply(transfer, name, facts)
    except Exception:
        for obj, mesh, uv_maps, count in before:
            looks.take_back(obj, max(count, 1))
            if obj.data != mesh:
                copy: Any = obj.data
                obj.data = mesh
                bpy.data.meshes.remove(copy)
            for added in [one for one in _uv_names(obj) if one not in uv_maps]:
                layers: Any = obj.data.uv_layers  # pyright: ignore
                layers.remove(layers[added])
        raise


def _uv_names(obj: bpy.types.Object) -> list[str]:
    return [one.name for one in obj.data.uv_layers]  # pyright: ignore


def _apply(transfer: Transfer, name: str, facts: Mapping[str, Any]) -> None:
    meshes: list[Any] = [span.obj.data for span in transfer.base.spans]
    taken = {layer.name for mesh in meshes for layer in mesh.uv_layers}
    renamed: dict[str, str] = {}
    for uv_map in transfer.uv_maps:
        renamed[uv_map.name] = _unused(name[:48] or "Tripo", taken)
        taken.add(renamed[uv_map.name])
    for span in transfer.base.spans:
        obj = span.obj
        mesh: Any = obj.data
        if mesh.users > 1 and sum(one.data == mesh for one in bpy.data.objects) > 1:
            obj.data = mesh = mesh.copy()  # others that share it keep their look
        active, shown = mesh.uv_layers.active_index, ""
        for uv_map in transfer.uv_maps:
            layer = mesh.uv_layers.new(name=renamed[uv_map.name], do_init=False)
            if layer is None:  # the most that there may be
                break
            part = uv_map.values[span.first_corner : span.first_corner + span.corners]
            layer.uv.foreach_set("vector", np.ascontiguousarray(part, np.float32).ravel())
            shown = shown or layer.name
        mesh.uv_layers.active_index = max(active, 0)
        numbers = transfer.faces[span.first_face : span.first_face + span.faces]
        used = np.unique(numbers)
        materials = [transfer.materials[number] for number in used]
        looks.add(obj, name, materials, np.searchsorted(used, numbers).astype(np.int32), shown, facts)
    for material in transfer.materials:
        _rename_uv_maps(material, renamed)


def beside(box: Box) -> Box:
    """Return the place beside the original, along X, of a result that cannot be put onto it."""
    offset = (box.size[0] * 1.2, 0.0, 0.0)
    return Box(add(box.low, offset), add(box.high, offset))


def _unused(name: str, taken: set[str]) -> str:
    names = (name, *(f"{name} {number}" for number in range(2, 1000)))
    return next(one for one in names if one not in taken)


def _surfaces(objects: list[bpy.types.Object], scene: bpy.types.Scene) -> list[Surface]:
    """Return the surfaces that the service may have been given: as modifiers leave them where they keep the faces, and
    as they are without any."""
    seen = [(one, originals.evaluated(one, scene)) for one in objects]
    found: list[Surface] = []
    keep = all(surface.has_base_topology(evaluated.data, obj.data) for obj, evaluated in seen)  # pyright: ignore
    if keep:
        found.append(surface.read((obj, evaluated.data, evaluated.matrix_world) for obj, evaluated in seen))
    if not keep or any(_is_deformed(obj) for obj, _ in seen):
        found.append(surface.read((obj, obj.data, evaluated.matrix_world) for obj, evaluated in seen))
    return found


def _is_deformed(obj: bpy.types.Object) -> bool:
    return bool(len(obj.modifiers)) or getattr(obj.data, "shape_keys", None) is not None


def _uv_maps(result: Surface) -> list[_UvMap]:
    """Return the UV maps of a result, those of equal name of all its meshes as one; the one that is shown first."""
    names: list[str] = []
    for span in result.spans:
        layers: Any = span.obj.data.uv_layers  # pyright: ignore
        for layer in sorted(layers, key=lambda one: not one.active_render):
            if layer.name not in names:
                names.append(layer.name)
    found: list[_UvMap] = []
    for name in names:
        values = np.zeros((result.corner_count, 2), np.float32)
        for span in result.spans:
            layer = span.obj.data.uv_layers.get(name)  # pyright: ignore
            if layer is not None:
                part = np.empty(2 * span.corners, np.float32)
                layer.uv.foreach_get("vector", part)
                values[span.first_corner : span.first_corner + span.corners] = part.reshape(-1, 2)
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


def _materials(result: Surface) -> tuple[list[bpy.types.Material | None], NDArray[np.int64]]:
    """Return the materials of a result, and the number of its material for each face."""
    materials: list[bpy.types.Material | None] = []
    faces = np.zeros(result.face_count, np.int64)
    for span in result.spans:
        slots = [slot.material for slot in span.obj.material_slots] or [None]
        for one in slots:
            if one not in materials:
                materials.append(one)
        own = np.zeros(span.faces, np.int32)
        span.obj.data.polygons.foreach_get("material_index", own)  # pyright: ignore
        numbers = np.array([materials.index(one) for one in slots], np.int64)
        faces[span.first_face : span.first_face + span.faces] = numbers[np.clip(own, 0, len(slots) - 1)]
    return materials, faces


def _rename_uv_maps(material: bpy.types.Material | None, renamed: dict[str, str]) -> None:
    """Let a material's nodes name the UV maps as they are called on the artist's mesh."""
    tree: Any = None if material is None else material.node_tree
    for node in tree.nodes if tree else ():
        name = getattr(node, "uv_map", "")
        if name in renamed:
            node.uv_map = renamed[name]
