"""New models are ready to be edited: whole surfaces, plain transforms, names, one collection; all looks the same."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.models import made as models_make
from support.models.placed import bounds, near

Package = Callable[[str], ModuleType]
READY = {"merge_seams": True, "euler": True, "apply_scale": True}


@pytest.fixture(autouse=True)
def preferences(extension: str) -> Iterator[Any]:
    found = bpy.context.preferences.addons[extension].preferences
    yield found
    for name in ("name_by_prompt", "use_collection"):
        found.property_unset(name)


def meshes(collection: Any) -> list[Any]:
    return [one for one in collection.all_objects if one.type == "MESH"]


def corners(obj: Any, layer: str) -> list[tuple[float, ...]]:
    """What each corner of a mesh says, whatever its vertices are numbered: place, normal, UV."""
    mesh, found = obj.data, []
    for loop, normal in zip(mesh.loops, mesh.corner_normals, strict=True):
        place = obj.matrix_world @ mesh.vertices[loop.vertex_index].co
        uv = mesh.uv_layers[layer].data[loop.index].uv if layer else ()
        found.append(tuple(round(float(one), 3) + 0.0 for one in (*place, *normal.vector, *uv)))
    return sorted(found)


def test_seams_are_merged_and_nothing_looks_different(deliver: Any, source: Path) -> None:
    bpy.ops.mesh.primitive_uv_sphere_add(segments=24, ring_count=12)
    ball = bpy.context.view_layer.objects.active
    ball.data.shade_smooth()
    ball.data.set_sharp_from_angle(angle=math.radians(20))
    bpy.ops.export_scene.gltf(filepath=str(source), use_selection=True)
    bpy.data.objects.remove(ball)
    (plain,), (merged,) = meshes(deliver()), meshes(deliver(merge_seams=True))
    bpy.context.view_layer.update()
    assert len(plain.data.vertices) > 300 and len(merged.data.vertices) == 24 * 11 + 2
    assert corners(merged, "UVMap") == corners(plain, "UVMap")
    sharp = [edge for edge in merged.data.edges if edge.use_edge_sharp]
    assert len(sharp) < len(merged.data.edges) / 2, "a seam is no sharp edge"


def test_a_box_keeps_its_hard_edges(deliver: Any) -> None:
    (plain,), (merged,) = meshes(deliver()), meshes(deliver(merge_seams=True))
    bpy.context.view_layer.update()
    assert len(plain.data.vertices) == 24 and len(merged.data.vertices) == 8
    assert corners(merged, "UVMap") == corners(plain, "UVMap")


@pytest.mark.parametrize("name", ["shape_keys", "rigged_and_animated", "rigged"])
def test_what_is_deformed_stays_as_it_is(deliver: Any, source: Path, name: str) -> None:
    models_make.empty_file()
    models_make.MODELS[name]()
    models_make.export(source)
    models_make.empty_file()
    counts = [sorted(len(one.data.vertices) for one in meshes(deliver(**more))) for more in ({}, READY)]
    assert counts[0] == counts[1]


def test_two_sided_faces_are_not_lost(deliver: Any, source: Path) -> None:
    bpy.ops.mesh.primitive_plane_add()
    leaf = bpy.context.view_layer.objects.active
    bpy.ops.object.duplicate()
    other = bpy.context.view_layer.objects.active
    other.data.flip_normals()
    leaf.select_set(True)
    bpy.ops.object.join()
    bpy.ops.export_scene.gltf(filepath=str(source), use_selection=True)
    bpy.data.batch_remove(list(bpy.context.scene.objects))
    (merged,) = meshes(deliver(merge_seams=True))
    assert len(merged.data.polygons) == 4 and len(merged.data.vertices) == 8


def test_rotation_is_euler_and_scale_is_applied(deliver: Any, source: Path) -> None:
    parent = bpy.data.objects.new("Holder", None)
    bpy.context.scene.collection.objects.link(parent)
    parent.location, parent.rotation_euler, parent.scale = (1, 2, 3), (0.3, 0.2, 0.1), (2, 2, 2)
    bpy.ops.mesh.primitive_cube_add(size=1.0, location=(1, 0, 0), rotation=(0.1, 0.4, 0.2))
    child = bpy.context.view_layer.objects.active
    child.parent, child.scale = parent, (3, 3, 3)
    parent.select_set(True)
    bpy.ops.export_scene.gltf(filepath=str(source), use_selection=True)
    bpy.data.batch_remove([parent, child])
    plain, ready = deliver(ground=False), deliver(ground=False, **READY)
    assert any(one.rotation_mode == "QUATERNION" for one in plain.all_objects)
    assert all(one.rotation_mode == "XYZ" and near(one.scale, 1, 1, 1) for one in ready.all_objects)
    for one, other in zip(bounds(plain), bounds(ready), strict=True):
        assert near(one, *other)
    assert corners(meshes(ready)[0], "UVMap") == corners(meshes(plain)[0], "UVMap")
    (mesh,) = meshes(ready)
    assert near(mesh.matrix_world.to_scale(), 1, 1, 1), "what it hangs on has none either"


@pytest.mark.parametrize("parent", [False, True])
def test_a_size_leaves_no_scale(deliver: Any, parent: bool) -> None:
    found = deliver(fit="METRES", size=6.0, parent=parent, **READY)
    assert near(bounds(found)[1] - bounds(found)[0], 6, 3, 3) and bounds(found)[0].z == pytest.approx(0.0, abs=1e-4)
    assert all(near(one.scale, 1, 1, 1) for one in found.all_objects)


def test_mirrored_and_shared_meshes_keep_their_scale(package: Package) -> None:
    edit_ready = package("converter.edit_ready")
    mesh = bpy.data.meshes.new("shared")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    one, other = bpy.data.objects.new("one", mesh), bpy.data.objects.new("other", mesh)
    mirrored = bpy.data.objects.new("mirrored", mesh.copy())
    one.scale, other.scale, mirrored.scale = (2, 2, 2), (3, 3, 3), (-2, 2, 2)
    edit_ready.apply_scale([one, other, mirrored])
    assert [obj.scale[:] for obj in (one, other, mirrored)] == [(2, 2, 2), (3, 3, 3), (-2, 2, 2)]
    assert [vertex.co[:] for vertex in mesh.vertices] == [(0, 0, 0), (1, 0, 0), (0, 1, 0)]


def test_an_animated_model_moves_as_before(deliver: Any, source: Path) -> None:
    bpy.ops.mesh.primitive_cube_add(size=1.0)
    cube = bpy.context.view_layer.objects.active
    cube.scale = (2, 2, 2)
    for frame, x in ((1, 0.0), (20, 5.0)):
        cube.location.x = x
        cube.keyframe_insert("location", frame=frame)
        cube.keyframe_insert("scale", frame=frame)
    bpy.ops.export_scene.gltf(filepath=str(source), use_selection=True, export_animations=True)
    bpy.data.objects.remove(cube)
    found = deliver(ground=False, **READY)
    for frame, x in ((1, 0.0), (20, 5.0)):
        bpy.context.scene.frame_set(frame)
        low, high = bounds(found)
        assert near((low + high) / 2, x, 0, 0) and near(high - low, 2, 2, 2)


def test_names_and_one_collection_for_all(deliver: Any, preferences: Any) -> None:
    first, second = deliver(), deliver()
    (holder,) = bpy.context.scene.collection.children
    assert holder.name == "Tripo" and list(holder.children) == [first, second]
    (mesh,) = meshes(first)
    assert (first.name, mesh.name, mesh.data.name) == ("a box", "a box", "a box")
    holder.name = "My models"
    third = deliver()
    assert third.name in holder.children, "it is found again whatever it is called"
    preferences.use_collection = preferences.name_by_prompt = False
    fourth = deliver()
    assert fourth.name in bpy.context.scene.collection.children
    assert meshes(fourth)[0].name.startswith("Cube"), "as the file calls it"


def test_a_model_in_a_hidden_collection_says_where_it_is(deliver: Any) -> None:
    deliver()
    layer = bpy.context.view_layer.layer_collection.children["Tripo"]
    layer.exclude = True
    deliver()
    assert str(deliver.delivered.note).startswith("It is in Tripo, which is excluded")
    layer.exclude = False
    layer.hide_viewport = True
    deliver()
    assert str(deliver.delivered.note).startswith("It is in Tripo, which is hidden")


def test_preferences_reach_the_placement(package: Package, preferences: Any) -> None:
    request, scene = package("operators.generate.request"), bpy.context.scene
    names = package("client.jobs.placement").EDIT_READY
    assert all(getattr(request.placement_from_scene(scene), name) for name in names)
    for name in names:
        setattr(preferences, name, False)
    try:
        placement = request.placement_from_scene(scene)
        assert not any(getattr(placement, name) for name in names) and set(placement.conversion) == {"units"}
    finally:
        for name in names:
            preferences.property_unset(name)
