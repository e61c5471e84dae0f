"""A textured result goes onto the artist's own object, which stays what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from blender.mesh.conftest import MeshLab
from mathutils import Matrix

from support.models.placed import models
from support.models.result_glb import normalised, triangles_of, uv_at, write_textured


def depsgraph() -> Any:
    bpy.context.view_layer.update()
    return bpy.context.evaluated_depsgraph_get()


def suzanne(name: str = "Suzanne") -> Any:
    bpy.ops.mesh.primitive_monkey_add(size=3.0, location=(4, 5, 6), rotation=(0.1, 0.2, 0.3))
    obj = bpy.context.object
    obj.name = name
    return obj


def with_armature(obj: Any) -> Any:
    """Rig it: a bone that is turned, a group that follows it, and an edge split that keeps the faces."""
    armature = bpy.data.armatures.new("rig")
    rig = bpy.data.objects.new("rig", armature)
    bpy.context.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    bone = armature.edit_bones.new("ear")
    bone.head, bone.tail = (0, 0, 0), (0, 0, 1)
    bpy.ops.object.mode_set(mode="OBJECT")
    rig.pose.bones["ear"].rotation_mode = "XYZ"
    rig.pose.bones["ear"].rotation_euler = (0.3, 0, 0)
    group = obj.vertex_groups.new(name="ear")
    group.add([one.index for one in obj.data.vertices if one.co.x > 0.5], 1.0, "REPLACE")
    modifier = obj.modifiers.new("Armature", "ARMATURE")
    modifier.object = rig
    bpy.context.view_layer.objects.active = obj
    return rig


def state(obj: Any) -> Any:
    """What must be as before: everything but the look."""
    mesh = obj.data
    keys = mesh.shape_keys
    return {
        "name": obj.name,
        "matrix": [tuple(row) for row in obj.matrix_world],
        "parent": obj.parent,
        "modifiers": [(one.name, one.type, one.show_viewport) for one in obj.modifiers],
        "groups": [one.name for one in obj.vertex_groups],
        "weights": [[(one.group, one.weight) for one in vertex.groups] for vertex in mesh.vertices],
        "keys": [one.name for one in keys.key_blocks] if keys else [],
        "points": [tuple(one.co) for one in mesh.vertices],
        "faces": [tuple(one.vertices) for one in mesh.polygons],
        "selected": obj.select_get(),
        "collections": [one.name for one in obj.users_collection],
        "children": sorted(one.name for one in bpy.data.objects),
    }


def look(obj: Any) -> Any:
    """What may change: materials of faces, and the texture coordinates that are shown."""
    mesh = obj.data
    shown = next((one for one in mesh.uv_layers if one.active_render), None)
    return (
        [one.material.name if one.material else "" for one in obj.material_slots],
        [one.link for one in obj.material_slots],
        [one.material_index for one in mesh.polygons],
        [tuple(one.vector) for one in shown.uv] if shown else [],
        [one.name for one in mesh.uv_layers],
    )


def worst_uv(obj: Any, triangles: Any) -> float:
    """How far the shown UV map is from `uv_at`, for the surface that was sent (its triangles in world space)."""
    seen = obj.evaluated_get(depsgraph()).data
    seen.calc_loop_triangles()
    shown = next(one for one in obj.data.uv_layers if one.active_render)
    found = np.array([[tuple(shown.uv[loop].vector) for loop in one.loops] for one in seen.loop_triangles])
    return float(np.abs(found - uv_at(normalised(triangles))).max())


def test_rigged_suzanne_gets_materials_and_stays_as_it_is(lab: MeshLab, tmp_path: Path) -> None:
    obj = suzanne()
    with_armature(obj)
    sent = triangles_of([obj], depsgraph())
    write_textured(tmp_path / "result.glb", sent, ((1, 0, 0, 1), (0, 0, 1, 1)))
    before, plain = state(obj), look(obj)
    bpy.ops.ed.undo_push(message="before")
    job = lab.deliver("texture_model", tmp_path / "result.glb", [obj])
    assert (job.status.value, str(job.notice)) == ("IMPORTED", "")
    obj = bpy.data.objects["Suzanne"]
    assert state(obj) == before
    names, _, faces, _, maps = look(obj)
    assert names == ["look 0", "look 1"] and set(faces) == {0, 1}
    heights = normalised(sent).mean(axis=1)[:, 2]
    obj.data.calc_loop_triangles()
    highest = obj.data.loop_triangles[int(heights.argmax())].polygon_index
    assert faces[highest] == 1
    assert maps == ["UVMap", "rusty iron"] and worst_uv(obj, sent) < 1e-3
    assert not bpy.data.libraries and [one.name for one in bpy.data.meshes] == ["Suzanne"]
    bpy.ops.ed.undo()
    obj = bpy.data.objects["Suzanne"]
    assert state(obj) == before and look(obj) == plain and "tripo_looks" not in obj


def test_one_of_several_looks_is_chosen_in_place_and_kept(lab: MeshLab, tmp_path: Path) -> None:
    obj = suzanne()
    for number in range(2):
        obj.data.materials.append(bpy.data.materials.new(f"mine {number}"))
    for one in obj.data.polygons:
        one.material_index = one.index % 2
    obj.material_slots[1].link = "OBJECT"
    obj.material_slots[1].material = bpy.data.materials.new("on the object")
    plain = look(obj)[:-1]
    sent = triangles_of([obj], depsgraph())
    for number in range(2):
        write_textured(tmp_path / f"{number}.glb", sent, ((1, 0, 0, 1), (0, 0, 1, 1))[: number + 1], seed=number)
        lab.deliver("texture_model", tmp_path / f"{number}.glb", [obj], name=f"look of {number}")
    assert lab.looks.names_of(obj) == ["Original", "look of 0", "look of 1"] and lab.looks.active_of(obj) == 2
    second = look(obj)[:-1]
    assert bpy.ops.tripo.set_variant(object="Suzanne", look=1) == {"FINISHED"}
    first = look(obj)[:-1]
    assert len(first[0]) == 1 and first[3] != plain[3]
    bpy.ops.tripo.set_variant(object="Suzanne", look=0)
    assert look(obj)[:-1] == plain
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "saved.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "saved.blend"))
    obj = bpy.data.objects["Suzanne"]
    bpy.ops.tripo.set_variant(object="Suzanne", look=2)
    assert look(obj)[:-1] == second
    bpy.ops.tripo.set_variant(object="Suzanne", look=1)
    assert look(obj)[:-1] == first
    assert obj["tripo_looks"]["2"]["facts"]["tripo_task_id"] == "task of look of 1"
    with pytest.raises(RuntimeError, match="look"):
        bpy.ops.tripo.set_variant(object="Suzanne", look=9)
    obj.data.materials[0].use_fake_user = True
    assert bpy.ops.tripo.set_variant() == {"FINISHED"} and look(obj)[:-1] == second, "the next one of the active object"
    mine: Any = bpy.data.materials["mine 0"]
    mine.use_nodes = True
    mine.node_tree.nodes.new("ShaderNodeTexImage").image = bpy.data.images.new("mine", 4, 4)
    assert bpy.ops.tripo.keep_variant() == {"FINISHED"}
    assert look(obj)[:-1] == second and look(obj)[-1] == [obj["tripo_looks"]["0"]["uv_map"]]
    assert sorted(one.name for one in bpy.data.materials) == sorted({*first[0], *second[0]}), "one has a fake user"
    assert not bpy.data.images and not [one for one in bpy.data.user_map() if one.users == 0]
    assert obj["tripo_looks"]["0"]["facts"]["tripo_task_id"] == "task of look of 1", "what it cost is still known"
    assert [one.name for one in obj.data.attributes if one.name.startswith("tripo_")] in ([], ["tripo_look_0"])
    with pytest.raises(RuntimeError, match="one look only"):
        bpy.ops.tripo.keep_variant(object="Suzanne")


def cube_of_ngons() -> Any:
    bpy.ops.mesh.primitive_cylinder_add(vertices=13, radius=1.0, depth=3.0)
    return bpy.context.object


def mirrored() -> Any:
    obj = suzanne()
    obj.scale = (-1.0, 2.0, 0.5)
    return obj


def parented() -> Any:
    obj = suzanne()
    above = bpy.data.objects.new("above", None)
    bpy.context.collection.objects.link(above)
    above.location, above.scale = (7, 8, 9), (2, 2, 2)
    obj.parent = above
    return obj


def with_shape_keys() -> Any:
    obj = suzanne()
    obj.shape_key_add(name="Basis")
    key = obj.shape_key_add(name="wide")
    for one in key.data:
        one.co = one.co * 1.5
    key.value = 0.7
    return obj


def without_uvs() -> Any:
    obj = suzanne()
    obj.data.uv_layers.remove(obj.data.uv_layers[0])
    return obj


def two_sided() -> Any:
    """Two sheets in one place, and loose points that are in no face."""
    mesh = bpy.data.meshes.new("sheet")
    points = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 2, 0)]
    mesh.from_pydata([*points, *points, (9, 9, 9)], [], [(0, 1, 2, 3), (7, 6, 5, 4)])
    obj = bpy.data.objects.new("sheet", mesh)
    bpy.context.collection.objects.link(obj)
    return obj


def odd_name() -> Any:
    return suzanne("名前/ü \" '")


@pytest.mark.parametrize(
    "make",
    [cube_of_ngons, mirrored, parented, with_shape_keys, without_uvs, two_sided, odd_name],
    ids=lambda one: one.__name__,
)
def test_goes_onto_meshes_that_artists_have(lab: MeshLab, tmp_path: Path, make: Any) -> None:
    obj = make()
    sent = triangles_of([obj], depsgraph())
    write_textured(tmp_path / "result.glb", sent)
    before = state(obj)
    job = lab.deliver("texture_model", tmp_path / "result.glb", [obj])
    assert (job.status.value, str(job.notice)) == ("IMPORTED", "")
    assert state(obj) == before
    assert look(obj)[0] == ["look 0"] and worst_uv(obj, sent) < 1e-3


def test_several_objects_get_their_own_share(lab: MeshLab, tmp_path: Path) -> None:
    first, second = suzanne(), cube_of_ngons()
    sent = triangles_of([first, second], depsgraph())
    write_textured(tmp_path / "result.glb", sent)
    job = lab.deliver("texture_model", tmp_path / "result.glb", [first, second])
    assert str(job.notice) == "" and [look(one)[0] for one in (first, second)] == [["look 0"]] * 2


def test_others_that_share_the_mesh_keep_their_look(lab: MeshLab, tmp_path: Path) -> None:
    obj = suzanne()
    other = obj.copy()
    bpy.context.collection.objects.link(other)
    plain = look(other)
    write_textured(tmp_path / "result.glb", triangles_of([obj], depsgraph()))
    lab.deliver("texture_model", tmp_path / "result.glb", [obj])
    assert look(other) == plain and look(obj)[0] == ["look 0"]


def test_a_renamed_object_is_found_again(lab: MeshLab, tmp_path: Path) -> None:
    obj = suzanne()
    write_textured(tmp_path / "result.glb", triangles_of([obj], depsgraph()))
    lab.row("texture_model", tmp_path / "result.glb", [obj])
    obj.name = "renamed"
    other = cube_of_ngons()
    other.name = "Suzanne"
    lab.session.tick()
    assert look(obj)[0] == ["look 0"] and look(other)[0] == []


@pytest.mark.parametrize("quarter", [1, 2, 3])
def test_a_result_that_the_service_turned_fits(lab: MeshLab, tmp_path: Path, quarter: int) -> None:
    obj = suzanne()
    sent = triangles_of([obj], depsgraph())
    turned = np.array(Matrix.Rotation(quarter * np.pi / 2, 3, "Z"))
    write_textured(tmp_path / "result.glb", sent @ turned.T)
    assert str(lab.deliver("texture_model", tmp_path / "result.glb", [obj]).notice) == ""
    assert worst_uv(obj, sent @ turned.T) < 1e-3


def subdivided(obj: Any) -> None:
    obj.modifiers.new("Subdivision", "SUBSURF").levels = 1


def retriangulated(obj: Any) -> None:
    obj.modifiers.new("Triangulate", "TRIANGULATE").quad_method = "FIXED_ALTERNATE"


@pytest.mark.parametrize("change", [subdivided, retriangulated], ids=lambda one: one.__name__)
def test_another_surface_comes_beside_with_the_reason(lab: MeshLab, tmp_path: Path, change: Any) -> None:
    obj = suzanne()
    change(obj)
    write_textured(tmp_path / "result.glb", triangles_of([obj], depsgraph()))
    before, plain = state(obj), look(obj)
    job = lab.deliver("texture_model", tmp_path / "result.glb", [obj])
    assert str(job.notice) == "The textured model is beside Suzanne: its faces are not the same"
    assert look(obj) == plain and state(obj) | {"children": 0} == before | {"children": 0}
    (collection,) = models()
    evaluated = depsgraph()
    result = triangles_of([one for one in collection.all_objects if one.type == "MESH"], evaluated).reshape(-1, 3)
    own = triangles_of([obj], evaluated).reshape(-1, 3)
    assert np.ptp(result, axis=0) == pytest.approx(np.ptp(own, axis=0), abs=1e-3), "as large as the original"
    assert result.min(axis=0)[0] > own.max(axis=0)[0], "beside it"


def test_a_base_mesh_that_was_sent_without_modifiers_fits(lab: MeshLab, tmp_path: Path) -> None:
    obj = suzanne()
    subdivided(obj)
    bpy.context.view_layer.update()
    write_textured(tmp_path / "result.glb", triangles_of([obj]))
    assert str(lab.deliver("texture_model", tmp_path / "result.glb", [obj]).notice) == ""
    assert look(obj)[0] == ["look 0"]


def test_an_original_in_edit_mode_is_waited_for(lab: MeshLab, tmp_path: Path) -> None:
    obj = suzanne()
    write_textured(tmp_path / "result.glb", triangles_of([obj], depsgraph()))
    job_id = lab.row("texture_model", tmp_path / "result.glb", [obj])
    bpy.ops.object.mode_set(mode="EDIT")
    lab.session.tick()
    assert lab.jobs.get(job_id).status.value == "READY"
    bpy.ops.object.mode_set(mode="OBJECT")
    lab.session.tick()
    assert lab.jobs.get(job_id).status.value == "IMPORTED" and look(obj)[0] == ["look 0"]


def test_without_its_original_it_is_a_model_of_its_own(lab: MeshLab, tmp_path: Path) -> None:
    obj = suzanne()
    write_textured(tmp_path / "result.glb", triangles_of([obj], depsgraph()))
    job_id = lab.row("texture_model", tmp_path / "result.glb", [obj])
    bpy.data.objects.remove(obj)
    lab.session.tick()
    job = lab.jobs.get(job_id)
    assert job.status.value == "IMPORTED" and "is gone" in str(job.notice)
    assert [one.name for one in models()] == ["rusty iron"]


def test_a_generated_model_gets_the_texture_of_the_step_after_it(lab: MeshLab, tmp_path: Path) -> None:
    obj = suzanne()
    write_textured(tmp_path / "first.glb", triangles_of([obj], depsgraph()))
    bpy.data.objects.remove(obj)
    first = lab.deliver("text_to_3d", tmp_path / "first.glb", [], name="a monkey")
    (model,) = [one for one in bpy.data.objects if one.type == "MESH"]
    write_textured(tmp_path / "second.glb", triangles_of([model], depsgraph()), ((0, 1, 0, 1), (0, 0, 1, 1)), seed=2)
    job_id = lab.row("texture_model", tmp_path / "second.glb", [], after=first)
    lab.session.tick()
    job = lab.jobs.get(job_id)
    assert (job.status.value, str(job.notice)) == ("IMPORTED", "")
    assert lab.looks.names_of(model) == ["Original", "rusty iron"] and len(look(model)[0]) == 2
    assert len([one for one in bpy.data.objects if one.type == "MESH"]) == 1
    assert model["tripo_job_id"] == first.job_id


def test_a_texture_of_a_file_is_a_model_of_its_own(lab: MeshLab, tmp_path: Path) -> None:
    obj = suzanne()
    write_textured(tmp_path / "result.glb", triangles_of([obj], depsgraph()))
    job = lab.deliver("texture_model", tmp_path / "result.glb", [])
    assert (job.status.value, str(job.notice)) == ("IMPORTED", "") and look(obj)[0] == []
    assert [one.name for one in models()] == ["rusty iron"]


def attributes(obj: Any) -> list[str]:
    """Without the number of each face's material, which is 0 where it is not written down."""
    return sorted({one.name for one in obj.data.attributes} - {"material_index"})


@pytest.mark.parametrize("shared", [False, True])
def test_a_failure_in_the_middle_leaves_all_objects_as_they_were(
    lab: MeshLab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared: bool
) -> None:
    first, second = suzanne("first"), cube_of_ngons()
    if shared:
        copy = first.copy()
        bpy.context.collection.objects.link(copy)
    first.data.materials.append(bpy.data.materials.new("mine"))
    write_textured(tmp_path / "result.glb", triangles_of([first, second], depsgraph()))
    before = [(state(one), look(one), attributes(one), one.data) for one in (first, second)]
    kinds = ("objects", "meshes", "collections", "materials", "libraries")
    job_id = lab.row("texture_model", tmp_path / "result.glb", [first, second])
    counts = [len(getattr(bpy.data, kind)) for kind in kinds[:3]]
    add, calls = lab.looks.add, []

    def fails_at_the_second(*arguments: Any) -> None:
        calls.append(arguments)
        if len(calls) == 2:
            raise RuntimeError("no memory")
        add(*arguments)

    monkeypatch.setattr(lab.looks, "add", fails_at_the_second)
    lab.session.tick()
    assert len(calls) == 2
    job = lab.jobs.get(job_id)
    assert job.status.value == "READY" and "no memory" in str(job.notice)
    assert [(state(one), look(one), attributes(one), one.data) for one in (first, second)] == before
    assert "tripo_looks" not in first and [len(getattr(bpy.data, kind)) for kind in kinds[:3]] == counts
