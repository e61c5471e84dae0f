# SPDX-License-Identifier: GPL-3.0-or-later
"""Give an artist's own object the materials and UV maps that the converter has prepared for it.

The object stays what it is: name, transform, modifiers, armature, shape keys, animation and vertex groups are not
touched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import bpy
import numpy as np

from ...client.notices import N_, Notice, text
from ...converter import prepared_look
from ...converter.prepared_look import Look
from . import looks


class Transfer(NamedTuple):
    """An object, and the look that it gets."""

    obj: bpy.types.Object
    look: Look


def problem_of(objects: Sequence[bpy.types.Object]) -> Notice | None:
    """Return why objects cannot be given a look, if so."""
    for obj in objects:
        mesh = obj.data
        if not isinstance(mesh, bpy.types.Mesh):
            return text(N_("{name} is not a mesh"), name=obj.name)
        if not obj.is_editable or not mesh.is_editable:
            return text(N_("{name} is linked from another file"), name=obj.name)
        if len(mesh.uv_layers) >= looks.MOST_UV_MAPS:
            return text(N_("{name} has {limit} UV maps, which is the most"), name=obj.name, limit=looks.MOST_UV_MAPS)
    return None


def plan(objects: Sequence[bpy.types.Object], prepared: Sequence[bpy.types.Mesh]) -> list[Transfer] | None:
    """Return which look is for which object, None when there is none for one of them. Looks are in the order in which
    the objects were sent; an object whose corners and faces are not as they were then gets none. Changes nothing."""
    waiting = [prepared_look.read(one) for one in prepared]
    found: list[Transfer] = []
    for number, obj in enumerate(objects):
        topology = prepared_look.topology_of(obj.data)  # pyright: ignore[reportArgumentType]
        fitting = [place for place, one in enumerate(waiting) if one.topology == topology]
        if not fitting:
            return None
        found.append(Transfer(obj, waiting[number if number in fitting else fitting[0]]))
    return found


def apply(transfers: Sequence[Transfer], name: str, facts: Mapping[str, Any]) -> None:
    """Give the objects their new look, called ``name``. When it raises, they are as before."""
    before = [(obj, obj.data, _uv_names(obj.data), len(looks.names_of(obj))) for obj, _ in transfers]
    try:
        _apply(transfers, name, facts)
    except Exception:
        for obj, mesh, uv_maps, count in before:
            looks.take_back(obj, count)
            if obj.data != mesh:
                copy: Any = obj.data
                obj.data = mesh
                bpy.data.meshes.remove(copy)
            for added in [one for one in _uv_names(obj.data) if one not in uv_maps]:
                layers: Any = obj.data.uv_layers  # pyright: ignore
                layers.remove(layers[added])
        raise


def _uv_names(mesh: Any) -> list[str]:
    return [one.name for one in mesh.uv_layers]


def _apply(transfers: Sequence[Transfer], name: str, facts: Mapping[str, Any]) -> None:
    taken = {one for obj, _ in transfers for one in _uv_names(obj.data)}
    renamed: dict[str, str] = {}
    for _, look in transfers:
        for uv_map in () if look.in_place else look.uv_maps:
            if uv_map not in renamed:
                renamed[uv_map] = _unused(name[:48] or "Tripo", taken)
                taken.add(renamed[uv_map])
    for obj, look in transfers:
        mesh: Any = obj.data
        if mesh.users > 1 and sum(one.data == mesh for one in bpy.data.objects) > 1:
            obj.data = mesh = mesh.copy()  # others that share it keep their look
        names = _names_in_place(mesh, look) if look.in_place else renamed
        looks.add(obj, name, look.materials, look.faces, _add_uv_maps(mesh, look, names), facts)
        for material in look.materials if look.in_place else ():
            _rename_uv_maps(material, names)
    for material in {one for _, look in transfers if not look.in_place for one in look.materials}:
        _rename_uv_maps(material, renamed)


def _add_uv_maps(mesh: Any, look: Look, names: Mapping[str, str]) -> str:
    """Add the UV maps of a look to a mesh by their names there, and return the name of the one to be shown."""
    active, shown = mesh.uv_layers.active_index, ""
    for uv_map, values in look.uv_maps.items():
        layer = mesh.uv_layers.get(names[uv_map])
        if layer is None:
            layer = mesh.uv_layers.new(name=names[uv_map], do_init=False)
            if layer is None:  # the most that there may be
                break
            layer.uv.foreach_set("vector", values)
        shown = shown or layer.name
    mesh.uv_layers.active_index = max(active, 0)
    return shown


def _names_in_place(mesh: Any, look: Look) -> dict[str, str]:
    """Return what the UV maps of a look are called on a mesh: one that is there, if it has not changed meanwhile, and
    otherwise a free name."""
    found: dict[str, str] = {}
    for uv_map, values in look.uv_maps.items():
        layer = mesh.uv_layers.get(uv_map)
        present = np.empty(len(values), np.float32)
        if layer is not None:
            layer.uv.foreach_get("vector", present)
        is_same = layer is None or np.array_equal(present, values)
        found[uv_map] = uv_map if is_same else _unused("Tripo", set(_uv_names(mesh)))
    return found


def _unused(name: str, taken: set[str]) -> str:
    names = (name, *(f"{name} {number}" for number in range(2, 1000)))
    return next(one for one in names if one not in taken)


def _rename_uv_maps(material: bpy.types.Material | None, renamed: Mapping[str, str]) -> None:
    """Let a material's nodes name the UV maps as they are called on the artist's mesh."""
    tree: Any = None if material is None else material.node_tree
    for node in tree.nodes if tree else ():
        name = getattr(node, "uv_map", "")
        if name in renamed:
            node.uv_map = renamed[name]
