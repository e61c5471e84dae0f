# SPDX-License-Identifier: GPL-3.0-or-later
"""Reduce a model to a budget of triangles, bake what is lost of it, and make coarser levels of detail.

A model that loses much gets new UV maps, onto which colour, surface and shape of the full one are baked: one set of
images for all of it. One that loses little keeps its own, and so does one that lets light through, since that is not
baked.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast

import bpy

from client.formats import handover
from converter.bake import bake
from converter.bake_materials import images_of, is_opaque, materials_of, usable
from converter.importers import ImportFailed
from converter.mesh_cleanup import forget_normals
from converter.modifiers import modifying, welded
from converter.uv_maps import unwrap

log = logging.getLogger(__name__)

TOLERANCE = 0.02
_PASSES = 4
_BAKED_BELOW = 0.5
"""Share of the triangles that are left, below which a bake is worth it."""
_MOST_UNWRAPPED = 200_000
"""Triangles up to which new UV maps are laid out: the time it takes grows faster than their number."""
_UV_MAP = "UVMap"
_MOST_BYTES = 58
"""Of a name: Blender before 5.0 keeps 63, and the level takes five."""

_Object = bpy.types.Object
_Mesh = bpy.types.Mesh


class Budget(NamedTuple):
    """Triangles of the model, how many coarser levels there are besides, and the largest side of an image."""

    triangles: int
    lods: int = 0
    texture_size: int = 2048


class Reduced(NamedTuple):
    """The triangles of a model before it was reduced, 0 for one that was not; and why it has more than its budget."""

    full_faces: int = 0
    unreduced: handover.Unreduced | None = None


def reduce(scene: bpy.types.Scene, collection: bpy.types.Collection, budget: Budget) -> Reduced:
    """Bring the model in a collection down to its budget; one that is within it keeps its mesh, and one that moves or
    has shape keys stays as it is. Raises RuntimeError, ValueError, MemoryError: then the meshes are as before.

    Coarser levels hang on their object, in a collection of their own that is not on show. Each has half the triangles
    of the one before.
    """
    view_layer = scene.view_layers[0]
    view_layer.update()
    there = set(view_layer.objects)
    objects = [one for one in collection.all_objects if isinstance(one.data, _Mesh) and one in there]
    full = _triangles(one.data for one in objects)
    is_over = full > budget.triangles
    if _moves(objects):
        return Reduced(unreduced=handover.Unreduced.MOVES if is_over else None)
    if is_over:
        _replace(scene, objects, budget, full)
    _fit_images(objects, budget.texture_size)
    _add_levels(scene, collection, objects, budget.lods)
    if not is_over:
        return Reduced()
    left = _triangles(one.data for one in objects)
    return Reduced(full, handover.Unreduced.PARTS if left > budget.triangles * (1 + TOLERANCE) else None)


def _triangles(meshes: Iterable[Any]) -> int:
    return sum(len(one.loops) - 2 * len(one.polygons) for one in meshes)


def _moves(objects: Sequence[_Object]) -> bool:
    """Whether anything in the file is animated or deforms; it holds nothing but the model."""
    if len(bpy.data.actions) or len(bpy.data.armatures) or len(bpy.data.shape_keys):
        return True
    return any(len(one.modifiers) for one in objects)


def _replace(scene: bpy.types.Scene, objects: Sequence[_Object], budget: Budget, full: int) -> None:
    """Give the objects meshes that together have as many triangles as the budget, where they have ``full`` now."""
    meshes = [cast(_Mesh, one.data) for one in objects]
    is_small = budget.triangles < full * _BAKED_BELOW and budget.triangles <= _MOST_UNWRAPPED
    made = dict[_Mesh, _Mesh]()
    try:
        if is_small and is_opaque(usable(materials_of(objects))):
            try:
                made = _lowered(scene, meshes, budget.triangles, keep=False)
                _bake(scene, objects, made, budget.texture_size)
            except (ImportFailed, RuntimeError, ValueError) as error:
                log.warning("nothing is baked: %s", error)
                bpy.data.batch_remove(list(made.values()))
                made = {}
        if not made:
            made = _lowered(scene, meshes, budget.triangles, keep=True)
    except BaseException:
        bpy.data.batch_remove(list(made.values()))
        raise
    for mesh, low in made.items():
        name = mesh.name
        mesh.user_remap(low)
        bpy.data.meshes.remove(mesh)
        low.name = name


def _lowered(scene: bpy.types.Scene, meshes: Sequence[_Mesh], wanted: float, *, keep: bool) -> dict[_Mesh, _Mesh]:
    """Return copies of meshes that are decimated to so many triangles, counted as often as they are shown. What their
    faces say besides where they are is left out, with their normals, unless it is to be ``keep``-t."""
    made = {mesh: _whole(mesh, keep=keep) for mesh in dict.fromkeys(meshes)}
    _decimate_to(scene, [made[mesh] for mesh in meshes], wanted)
    for mesh, low in made.items() if keep else ():
        _take_normals(scene, low, mesh)
    return made


def _whole(mesh: _Mesh, *, keep: bool) -> _Mesh:
    """Return a smooth copy of a mesh that is whole along its seams."""
    copy: Any = welded(mesh)
    forget_normals(copy)
    if not keep:
        copy.materials.clear()
        for layer in list(copy.uv_layers):
            copy.uv_layers.remove(layer)
    gone = [one.name for one in copy.attributes if not (keep or one.is_required or one.is_internal)]
    for name in gone or [one.name for one in copy.attributes if one.name == "sharp_edge"]:
        copy.attributes.remove(copy.attributes[name])
    copy.shade_smooth()
    return copy


def _decimate_to(scene: bpy.types.Scene, meshes: Sequence[_Mesh], wanted: float) -> None:
    """Decimate meshes to so many triangles, each by the same part; what one of them cannot lose the others do."""
    for _ in range(_PASSES):
        now = _triangles(meshes)
        if now <= wanted * (1 + TOLERANCE / 2):
            return
        for mesh in dict.fromkeys(meshes):
            _decimate(scene, mesh, wanted / now)
        if _triangles(meshes) >= now:
            return


def _decimate(scene: bpy.types.Scene, mesh: _Mesh, ratio: float) -> None:
    with modifying(scene, mesh, "DECIMATE") as modifier:
        modifier.ratio, modifier.use_collapse_triangulate = ratio, True


def _bake(scene: bpy.types.Scene, objects: Sequence[_Object], made: Mapping[_Mesh, _Mesh], side: int) -> None:
    """Bake the look of the objects onto the meshes that are made of theirs."""
    stands = [(one.data, one.matrix_world.copy()) for one in objects]
    fulls = [cast(_Object, one.copy()) for one in objects]
    lows = [bpy.data.objects.new("low", made[cast(_Mesh, mesh)]) for mesh, _place in stands]
    for temporary in (fulls, lows):
        for one, (_mesh, place) in zip(temporary, stands, strict=True):
            one.parent = None
            one.matrix_world = place
            one.hide_viewport = one.hide_select = False
            scene.collection.objects.link(one)
    try:
        for mesh in made.values():
            mesh.uv_layers.new(name=_UV_MAP, do_init=False)
        unwrap(scene, lows)
        material = bake(scene, fulls, lows, _UV_MAP, objects[0].name, largest=side, relief=True)
        for mesh in made.values():
            mesh.materials.append(material)
    finally:
        bpy.data.batch_remove([*fulls, *lows])


def _fit_images(objects: Sequence[_Object], side: int) -> None:
    """Scale images down to a side, and take their pixels into the file."""
    for image in images_of(materials_of(objects)):
        width, height = image.size
        longest = max(width, height)
        if longest > side:
            image.scale(max(1, width * side // longest), max(1, height * side // longest))
            image.pack()


def _add_levels(
    scene: bpy.types.Scene, collection: bpy.types.Collection, objects: Sequence[_Object], count: int
) -> None:
    """Make coarser levels of objects, each with half the triangles of the one before, and name them all."""
    if not count:
        return
    below = bpy.data.collections.new("LODs")
    below.hide_render = True
    below[handover.EXCLUDED] = True
    collection.children.link(below)
    meshes = [cast(_Mesh, one.data) for one in objects]
    finest, own = _triangles(meshes), list(dict.fromkeys(meshes))
    names = dict(zip([*objects, *own], [*_distinct(objects), *_distinct(own)], strict=True))
    for level in range(1, count + 1):
        coarse = _lowered(scene, meshes, finest * 0.5**level, keep=True)
        for mesh, made in coarse.items():
            made.name = f"{names[mesh]}_LOD{level}"
        for one, mesh in zip(objects, meshes, strict=True):
            new = bpy.data.objects.new(f"{names[one]}_LOD{level}", coarse[mesh])
            new.parent, new[handover.LEVEL] = one, level
            below.objects.link(new)
    for one, name in names.items():
        one.name = f"{name}_LOD0"
    for one in objects:
        one[handover.LEVEL] = 0


def _distinct(blocks: Iterable[bpy.types.ID]) -> list[str]:
    """Return names with room for a level behind, which Blender would cut off long ones before 5.0, no two alike."""
    found: list[str] = []
    for block in blocks:
        name, number = _within(block.name, _MOST_BYTES), 0
        while name in found:
            number += 1
            name = f"{_within(block.name, _MOST_BYTES - 4)}.{number:03}"
        found.append(name)
    return found


def _within(name: str, most: int) -> str:
    return name.encode()[:most].decode(errors="ignore")


def _take_normals(scene: bpy.types.Scene, mesh: _Mesh, source: _Mesh) -> None:
    """Give a mesh the normals of another one that it was made of."""
    whole = bpy.data.objects.new("normals", source)
    scene.collection.objects.link(whole)
    try:
        with modifying(scene, mesh, "DATA_TRANSFER") as modifier:
            modifier.object, modifier.use_object_transform = whole, False
            modifier.use_loop_data, modifier.data_types_loops = True, {"CUSTOM_NORMAL"}
            modifier.loop_mapping = "NEAREST_POLYNOR"
    finally:
        bpy.data.objects.remove(whole)
