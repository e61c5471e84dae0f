# SPDX-License-Identifier: GPL-3.0-or-later
"""Bake the look of one surface onto the UV maps of another that has the same shape but other faces."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import bpy
import numpy as np
from mathutils import Matrix
from mathutils.bvhtree import BVHTree

from client.formats import handover
from converter import prepared_look, rehearsal, surface
from converter.alignment import alignment, samples
from converter.arrays import to_array
from converter.bake_materials import (
    LARGEST,
    NORMAL,
    PLAIN,
    Baked,
    channels_of,
    images_of,
    materials_of,
    shining,
    side_of,
    usable,
)
from converter.export import make_real
from converter.importers import ImportFailed
from converter.prepared_look import Look, topology_of
from converter.source_objects import open_objects
from converter.uv_maps import map_to_bake_onto

_SAMPLES = 1000
_CAGE = (0.004, 0.1)
"""How far from the surface a bake looks for the other one, in parts of the longest side: at least and at most."""


class _Base(NamedTuple):
    """What is baked onto: the topology of an artist's mesh, and the UV map by corner."""

    topology: str
    uv_map: str
    values: Any


def transfer(source: Path, target: Path, count: int, name: str) -> None:
    """Write into ``target`` the looks of the first ``count`` objects of a selection, baked of the others.

    What is open before is gone afterwards. ``target`` appears complete or not at all; raises ImportFailed,
    ExportFailed, OSError, RuntimeError.
    """
    scene, objects = open_objects(source)
    bases = [_base(scene, one) for one in objects[:count]]
    real = make_real(scene, objects)
    onto = [one for one in real if one.number < count]
    shown = [one.obj for one in real if one.number >= count]
    if not shown or {one.number for one in onto} != set(range(count)):
        raise ImportFailed("one of the objects has no faces")
    _lay_over(scene, shown, [one.obj for one in onto])
    looks: set[bpy.types.Mesh] = set()
    for number, base in enumerate(bases):
        mine = [one.obj for one in onto if one.number == number]
        material = bake(scene, shown, mine, base.uv_map, name)
        look = Look(base.topology, {base.uv_map: base.values}, [material], None, in_place=True)
        looks.add(prepared_look.write(number, look))
    rehearsal.write(target, bpy.data.collections.new(handover.COLLECTION), looks)


def keep_real(source: Path, target: Path) -> None:
    """Write what the objects of a selection or a converted result show into another ``.blend``, as plain meshes, so
    that they can be appended. Raises ExportFailed, OSError, RuntimeError."""
    scene, objects = open_objects(source)
    real = make_real(scene, objects)
    bpy.data.libraries.write(str(target), {one.obj for one in real})


def bake_onto(scene: bpy.types.Scene, objects: Sequence[bpy.types.Object], source: Path, name: str) -> None:
    """Give mesh objects of the scene the look of those in a ``.blend`` that `keep_real` wrote, of which nothing stays.

    Raises ImportFailed, OSError, RuntimeError.
    """
    before = set(bpy.data.user_map())
    libraries: Any = bpy.data.libraries
    with libraries.load(str(source)) as (there, wanted):
        wanted.objects = there.objects
    shown = [one for one in wanted.objects if one is not None]
    stay: set[Any] = set()
    try:
        if not shown or not objects:
            raise ImportFailed("there is nothing to bake")
        for one in shown:
            scene.collection.objects.link(one)
        uv_maps = [map_to_bake_onto(scene, one) for one in objects]
        scene.view_layers[0].update()
        _lay_over(scene, shown, objects)
        for obj, uv_map in zip(objects, uv_maps, strict=True):
            mesh: Any = obj.data
            material = bake(scene, shown, [obj], uv_map, name)
            mesh.materials.clear()
            mesh.materials.append(material)
            stay |= {material, *images_of([material])}
    finally:
        bpy.data.batch_remove([one for one in bpy.data.user_map() if one not in before and one not in stay])


def bake(
    scene: bpy.types.Scene,
    shown: Sequence[bpy.types.Object],
    onto: Sequence[bpy.types.Object],
    uv_map: str,
    name: str,
    *,
    largest: int = LARGEST,
    relief: bool = False,
) -> bpy.types.Material:
    """Return a material that shows, on the UV map of the objects ``onto``, what the objects ``shown`` look like.

    No image is wider than ``largest`` pixels. With ``relief`` the shape is baked too, as normals.
    """
    sources = usable(materials_of(shown))
    channels = channels_of(sources)
    if relief and NORMAL not in channels:
        channels.append(NORMAL)
    baked = Baked(name, uv_map, min(max(side_of(sources), PLAIN if relief else 1), largest))
    base = _joined([_copy(scene, one, baked.material, uv_map) for one in onto])
    try:
        cage = _cage(scene, shown, [base])
        for channel in channels:
            baked.add(channel)
            with shining(sources, channel):
                _bake(scene, shown, base, channel, cage)
        baked.connect(sources)
    finally:
        mesh: Any = base.data
        bpy.data.batch_remove([base, mesh])
    return baked.material


def _joined(objects: Sequence[bpy.types.Object]) -> bpy.types.Object:
    """Join mesh objects into the first one: each bake looks at the whole scene anew."""
    if len(objects) > 1:
        override: dict[str, Any] = {"active_object": objects[0], "selected_editable_objects": list(objects)}
        meshes: list[Any] = [one.data for one in objects[1:]]
        with bpy.context.temp_override(**override):
            bpy.ops.object.join()
        bpy.data.batch_remove([one for one in meshes if not one.users])
    return objects[0]


def _bake(scene: Any, shown: Sequence[Any], onto: bpy.types.Object, channel: str, cage: float) -> None:
    view_layer = scene.view_layers[0]
    scene.render.engine = "CYCLES"
    scene.cycles.device, scene.cycles.samples = "CPU", 1
    scene.cycles.use_denoising = False
    for one in scene.objects:
        is_seen = one in shown or one == onto
        one.select_set(is_seen, view_layer=view_layer)
        if is_seen:
            one.hide_render = False
    view_layer.objects.active = onto
    bpy.ops.object.bake(
        type="NORMAL" if channel == NORMAL else "EMIT",
        use_selected_to_active=True,
        cage_extrusion=cage,
        max_ray_distance=0.0,
        margin=16,
        use_clear=True,
        save_mode="INTERNAL",
        target="IMAGE_TEXTURES",
    )


def _copy(scene: bpy.types.Scene, obj: Any, material: bpy.types.Material, uv_map: str) -> bpy.types.Object:
    """Return an object that is as large as it is baked onto, with one material and the UV map active."""
    mesh = obj.data.copy()
    mesh.transform(obj.matrix_world)
    if obj.matrix_world.is_negative:
        mesh.flip_normals()
    mesh.materials.clear()
    mesh.materials.append(material)
    mesh.polygons.foreach_set("material_index", np.zeros(len(mesh.polygons), np.int32))
    layer = mesh.uv_layers.get(uv_map)
    if layer is None:
        raise ImportFailed("a modifier removes the UV map: apply it first")
    mesh.uv_layers.active = layer
    layer.active_render = True
    copy = bpy.data.objects.new("onto", mesh)
    scene.collection.objects.link(copy)
    return copy


def _lay_over(scene: bpy.types.Scene, shown: Sequence[Any], onto: Sequence[Any]) -> None:
    """Move what is shown over what is baked onto, so that both are in the same place."""
    scene.view_layers[0].update()
    triangles = [surface.read((one.data, one.matrix_world) for one in some).triangles for some in (shown, onto)]
    if not all(map(len, triangles)):
        raise ImportFailed("one of the objects has no faces")
    matrix = Matrix(alignment(*triangles).tolist())
    places = [matrix @ one.matrix_world for one in shown]
    for one, place in zip(shown, places, strict=True):
        one.parent = None
        one.matrix_world = place
        if not one.material_slots:
            one.data.materials.append(bpy.data.materials.new("plain"))
    scene.view_layers[0].update()


def _cage(scene: bpy.types.Scene, shown: Sequence[Any], onto: Sequence[Any]) -> float:
    """Return how far the two surfaces are apart where they are farthest, and a little more."""
    scene.view_layers[0].update()
    sets = [surface.read((one.data, one.matrix_world) for one in some).triangles for some in (shown, onto)]
    low, high = sets[1].reshape(-1, 3).min(axis=0), sets[1].reshape(-1, 3).max(axis=0)
    longest = float((high - low).max()) or 1.0
    gaps = [_gaps(scene, samples(sets[1], _SAMPLES), shown), _gaps(scene, samples(sets[0], _SAMPLES), onto)]
    least, most = (part * longest for part in _CAGE)
    return min(max(1.5 * max(float(np.quantile(one, 0.98)) for one in gaps), least), most)


def _gaps(scene: bpy.types.Scene, points: Any, objects: Sequence[Any]) -> Any:
    """Return how far points are from the surface of objects."""
    found = np.full(len(points), np.inf)
    for obj in objects:
        tree = BVHTree.FromObject(obj, scene.view_layers[0].depsgraph)  # pyright: ignore[reportArgumentType]
        back, there = obj.matrix_world.inverted_safe(), obj.matrix_world
        for number, point in enumerate(points.tolist()):
            near = tree.find_nearest(back @ Matrix.Translation(point).translation)[0]
            if near is not None:
                found[number] = min(found[number], math.dist(there @ near, point))
    return np.where(np.isfinite(found), found, 0.0)


def _base(scene: bpy.types.Scene, obj: Any) -> _Base:
    """Return what is baked onto of an artist's object, which gets a UV map if it has none that serves."""
    if not isinstance(obj.data, bpy.types.Mesh):
        raise ImportFailed("one of the objects is no mesh")
    uv_map, mesh = map_to_bake_onto(scene, obj), obj.data
    return _Base(topology_of(mesh), uv_map, to_array(mesh.uv_layers[uv_map].uv, "vector", 2))
