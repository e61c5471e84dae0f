# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the objects of a ``.blend`` as a file that the service takes.

What is exported is what the artist saw: modifiers applied, instances made real, curves and texts turned into meshes, in
the place where each object stands. All of it happens on a copy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

import bpy
import numpy as np
from mathutils import Matrix

from client.files import disk
from client.formats.selection import SURFACES
from converter import validate
from converter.source_objects import ExportFailed, open_objects

_EXPORT_SCENE: Any = bpy.ops.export_scene
_SHEAR = 1e-6
"""How far a matrix may be from location, rotation and scale, which is all that a file can say of an object."""


class _Shown(NamedTuple):
    """One surface as it stands in the scene: the object that shows it, the one that has it, and where."""

    owner: bpy.types.Object
    source: bpy.types.Object
    matrix: Matrix


class Real(NamedTuple):
    """A mesh object that was made of what the wanted object of this number shows."""

    number: int
    obj: bpy.types.Object

    @property
    def mesh(self) -> bpy.types.Mesh:
        """Its own mesh."""
        return cast(bpy.types.Mesh, self.obj.data)


def export(source: Path, target: Path) -> int:
    """Write the objects of ``source`` as GLB, or as FBX when ``target`` ends in it; return how many faces they have.

    ``source`` is a selection with its description beside it (`client.formats.selection`), or a converted result.
    ``target`` appears complete or not at all. Raises ExportFailed, OSError, RuntimeError.
    """
    scene, wanted = open_objects(source)
    faces = sum(len(one.mesh.polygons) for one in make_real(scene, wanted))
    if not faces:
        raise ExportFailed("it has no faces")
    _repair_images()
    partial = target.with_name(f"{target.stem}.partial{target.suffix}")
    _write(partial)
    disk.replace(partial, target)
    return faces


def _realize() -> None:
    """Have geometry nodes end in meshes alone: instances that exist nowhere else become part of their object."""
    users = [one for one in bpy.data.objects if any(modifier.type == "NODES" for modifier in one.modifiers)]
    if not users:
        return
    group = bpy.data.node_groups.new("realize", "GeometryNodeTree")
    interface: Any = group.interface
    for way in ("INPUT", "OUTPUT"):
        interface.new_socket("Geometry", in_out=way, socket_type="NodeSocketGeometry")
    first, middle, last = (
        group.nodes.new(f"{kind}") for kind in ("NodeGroupInput", "GeometryNodeRealizeInstances", "NodeGroupOutput")
    )
    group.links.new(first.outputs[0], middle.inputs[0])
    group.links.new(middle.outputs[0], last.inputs[0])
    for obj in users:
        local = obj if obj.library is None else obj.make_local()
        modifier: Any = local.modifiers.new("realize", "NODES")
        if modifier is not None:
            modifier.node_group = group


def make_real(scene: bpy.types.Scene, wanted: Sequence[bpy.types.Object]) -> list[Real]:
    """Leave nothing in the file but what the wanted objects show, each as a mesh object; return them."""
    _realize()
    view_layer = scene.view_layers[0]
    view_layer.update()
    depsgraph: Any = view_layer.depsgraph
    # Making a mesh changes the file, which ends an iteration in Blender 4.2: first see, then make.
    shown = list(_shown(depsgraph, set(wanted)))
    meshes = dict(_meshes(depsgraph, {one.source for one in shown}))
    standing = [one for one in shown if len(meshes[one.source].polygons)]
    materials = {one.source: _own_materials(one.source) for one in standing}
    names = [one.source.name for one in standing]
    numbers = {one: number for number, one in enumerate(wanted)}
    owners = [numbers[one.owner] for one in standing]
    made: list[bpy.types.Object] = []
    for one in standing:
        mesh, matrix = meshes[one.source], one.matrix
        if _is_sheared(matrix):
            mesh = mesh.copy()
            mesh.transform(matrix)
            if matrix.is_negative:
                mesh.flip_normals()
            matrix = Matrix.Identity(4)
        obj = bpy.data.objects.new("made", mesh)
        obj.matrix_world = matrix
        for number, material in materials[one.source].items():
            obj.material_slots[number].link = "OBJECT"
            obj.material_slots[number].material = material
        made.append(obj)
    bpy.data.batch_remove([one for one in bpy.data.objects if one not in set(made)])
    for name, obj in zip(names, made, strict=True):
        obj.name = name
        scene.collection.objects.link(obj)
    view_layer.update()
    return [Real(number, obj) for number, obj in zip(owners, made, strict=True)]


def _shown(depsgraph: Any, wanted: set[bpy.types.Object]) -> Iterator[_Shown]:
    """Yield each surface that the wanted objects show, once."""
    seen: set[tuple[Any, ...]] = set()
    for instance in depsgraph.object_instances:
        owner = instance.parent if instance.is_instance else instance.object
        source = instance.object.original
        # Since 5.0 what a curve or a text is filled with comes as an instance of its own besides.
        if owner.original not in wanted or source.type not in SURFACES:
            continue
        if instance.is_instance and owner.original == source:
            continue
        matrix = instance.matrix_world.copy()
        key = (owner.original, source, *(value for row in matrix for value in row))
        if key not in seen:
            seen.add(key)
            yield _Shown(owner.original, source, matrix)


def _meshes(depsgraph: Any, sources: set[bpy.types.Object]) -> Iterator[tuple[bpy.types.Object, bpy.types.Mesh]]:
    for source in sources:
        evaluated = source.evaluated_get(depsgraph)
        mesh = bpy.data.meshes.new_from_object(evaluated, preserve_all_data_layers=True, depsgraph=depsgraph)
        validate.validate_mesh(mesh)
        yield source, mesh


def _own_materials(obj: bpy.types.Object) -> Mapping[int, bpy.types.Material]:
    """Return the materials that belong to the object and not to its data, by slot."""
    slots = enumerate(obj.material_slots)
    return {number: slot.material for number, slot in slots if slot.link == "OBJECT" and slot.material is not None}


def _is_sheared(matrix: Matrix) -> bool:
    parts: Any = matrix.decompose()
    mine, theirs = np.array(matrix), np.array(Matrix.LocRotScale(*parts))
    return bool(np.abs(mine - theirs).max() > _SHEAR * max(np.abs(mine[:3, :3]).max(), 1e-12))


def _repair_images() -> None:
    """Leave out images that are not there: the exporter stops at some of them."""
    gone = [one for one in bpy.data.images if one.source in {"FILE", "TILED"} and not min(cast(Any, one).size)]
    if gone:
        bpy.data.batch_remove(gone)


def _write(target: Path) -> None:
    if target.suffix == ".fbx":
        _EXPORT_SCENE.fbx(
            filepath=str(target),
            object_types={"MESH"},
            path_mode="COPY",
            embed_textures=True,
            bake_anim=False,
            mesh_smooth_type="FACE",
        )
        return
    _EXPORT_SCENE.gltf(
        filepath=str(target),
        export_format="GLB",
        export_animations=False,
        export_skins=False,
        export_morph=False,
        export_cameras=False,
        export_lights=False,
        export_extras=False,
    )
