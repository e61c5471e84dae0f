"""Every option of a placement, by numbers, on a model that the converter made; and what a delivery leaves alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest
from mathutils import Matrix, Vector

from support.models.placed import bounds, near

Package = Callable[[str], ModuleType]
UP = Vector((0, 0, 1))


def mesh_of(collection: Any) -> Any:
    (found,) = [one for one in collection.all_objects if one.type == "MESH"]
    return found.data


@pytest.mark.parametrize(
    ("fields", "low", "high"),
    [
        ({"ground": False}, (-1, -0.5, -0.5), (1, 0.5, 0.5)),
        ({}, (-1, -0.5, 0), (1, 0.5, 1)),
        ({"location": "CURSOR", "cursor": (1, 2, 3)}, (0, 1.5, 3), (2, 2.5, 4)),
        ({"facing": "NEG_Y"}, (-0.5, -1, 0), (0.5, 1, 1)),
        ({"fit": "METRES", "size": 6.0}, (-3, -1.5, 0), (3, 1.5, 3)),
        ({"fit": "METRES", "size": 6.0, "ground": False, "facing": "POS_Y"}, (-1.5, -3, -1.5), (1.5, 3, 1.5)),
        ({"location": "POINT", "point": (0, 0, 5), "normal": (1, 0, 0)}, (0, -0.5, 4), (1, 0.5, 6)),
    ],
)
def test_bounds(deliver: Any, fields: Any, low: Any, high: Any) -> None:
    for parent in (False, True):
        found = deliver(parent=parent, **fields)
        assert near(bounds(found)[0], *low) and near(bounds(found)[1], *high), parent
        tops = [one for one in found.all_objects if one.parent is None]
        assert [one.type for one in tops] == (["EMPTY"] if parent else ["MESH"])
        assert tops[0]["tripo_job_id"] == "j"
        assert not [name for name in found.keys() if name in {"tripo_bounds", "tripo_scale_length"}]  # noqa: SIM118


@pytest.mark.parametrize("scale_length", [0.01, 1.0, 10.0])
def test_metres_follow_the_unit_scale(deliver: Any, scale_length: float) -> None:
    bpy.context.scene.unit_settings.scale_length = scale_length
    fields = {"location": "CURSOR", "cursor": (1, 2, 3)}
    low, high = bounds(deliver(**fields))
    assert (high - low).x * scale_length == pytest.approx(2.0, rel=1e-4), "as large as the service says"
    assert low.z == pytest.approx(3.0, abs=1e-4), "the cursor is in the scene's units"
    low, high = bounds(deliver(fit="METRES", size=6.0, **fields))
    assert (high - low).x * scale_length == pytest.approx(6.0, rel=1e-4)


def test_made_for_one_unit_scale_and_used_in_another(deliver: Any) -> None:
    units = deliver.placement.Units
    bpy.context.scene.unit_settings.scale_length = 0.01
    low, high = bounds(deliver(units=units(24, 1.0, 1.0)))
    assert near(high - low, 200, 100, 100) and near(low, -100, -50, 0)


@pytest.mark.parametrize("gone", [False, True])
def test_takes_the_place_of_an_object(deliver: Any, gone: bool) -> None:
    bpy.ops.mesh.primitive_cube_add(size=2.0, location=(4, 5, 6), rotation=(0.3, 0.2, 0.5))
    cube = bpy.context.view_layer.objects.active
    cube.scale = (3.0, 1.0, 1.0)
    bpy.context.view_layer.update()
    noted = deliver.reading.placeholder_of(cube)
    matrix = cube.matrix_world.copy()
    if gone:
        bpy.data.objects.remove(cube)
    found = deliver(placeholder=noted, location="CURSOR", cursor=(9, 9, 9), fit="METRES", size=99)
    bpy.context.view_layer.update()
    (model,) = [one for one in found.all_objects if one.type == "MESH"]
    # In the placeholder's own directions: 6 x 2 x 2 of room, so the model of 2 x 1 x 1 is doubled, on its floor.
    turned = Matrix.LocRotScale(matrix.to_translation(), matrix.to_quaternion(), None)
    inside = [turned.inverted() @ model.matrix_world @ Vector(corner) for corner in model.bound_box]
    assert near([min(c[a] for c in inside) for a in range(3)], -2, -1, -1)
    assert near([max(c[a] for c in inside) for a in range(3)], 2, 1, 1)
    if not gone:
        assert cube.hide_viewport and cube.hide_render and cube.name in bpy.context.scene.objects


@pytest.mark.parametrize("how", ["replaced", "excluded", "eye"])
@pytest.mark.parametrize("below_a_parent", [False, True])
def test_a_placeholder_that_was_hidden_in_a_file_keeps_its_place(
    deliver: Any, tmp_path: Path, below_a_parent: bool, how: str
) -> None:
    holder: Any = bpy.data.collections.new("blockout")
    bpy.context.scene.collection.children.link(holder)
    layer = bpy.context.view_layer.layer_collection.children[holder.name]
    bpy.context.view_layer.active_layer_collection = layer
    bpy.ops.mesh.primitive_cube_add(size=2.0, location=(4, 5, 6), rotation=(0.3, 0.2, 0.5))
    cube: Any = bpy.context.view_layer.objects.active
    if below_a_parent:
        cube.parent = bpy.data.objects.new("above", None)
        cube.parent.location = cube.parent.scale = (1.0, 2.0, 3.0)
        holder.objects.link(cube.parent)
        cube.parent.hide_viewport = how == "replaced"
    name = cube.name
    bpy.context.view_layer.update()
    noted = deliver.reading.placeholder_of(cube)
    first = bounds(deliver(placeholder=noted))
    if how != "replaced":
        cube.hide_viewport = False
    layer.exclude, layer.hide_viewport = how == "excluded", how == "eye"
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "hidden.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "hidden.blend"))
    assert not bpy.data.objects[name].visible_get()
    for found, expected in zip(bounds(deliver(placeholder=noted)), first, strict=True):
        assert near(found, *expected)


def test_a_placeholder_that_is_renamed_meanwhile_is_replaced(deliver: Any) -> None:
    """Though another object has its name now."""
    noted: list[Any] = []
    for number in range(2):
        bpy.ops.mesh.primitive_cube_add(size=2.0, location=(9 * number, 5, 6))
        noted.append(deliver.reading.placeholder_of(bpy.context.view_layer.objects.active))
    first, second = (bpy.data.objects[one.name] for one in noted)
    bpy.ops.mesh.primitive_cube_add()
    other: Any = bpy.context.view_layer.objects.active
    for one, name in ((first, "first"), (second, "second"), (other, noted[0].name)):
        one.name = name
    first.location.z = 20.0
    bpy.context.view_layer.update()
    found = deliver(placeholder=noted[0], copies=(noted[1],))
    assert first.hide_viewport and second.hide_viewport and not other.hide_viewport
    low, high = bounds(found)
    assert near((low + high) / 2, 0, 5, 19.5), "where it is now"


@pytest.mark.parametrize("mirror", [(-1, 1, 1), (1, -1, 1), (1, 1, -1), (-1, -1, -1)])
@pytest.mark.parametrize(("facing", "front"), [("POS_X", (1, 0, 0)), ("NEG_Y", (0, -1, 0))])
def test_a_mirrored_placeholder_keeps_its_front_and_its_up(
    deliver: Any, mirror: tuple[int, int, int], facing: str, front: tuple[int, int, int]
) -> None:
    bpy.ops.mesh.primitive_cube_add(size=2.0, location=(4, 5, 6), rotation=(0.3, 0.2, 0.5))
    cube = bpy.context.view_layer.objects.active
    cube.scale = mirror
    bpy.context.view_layer.update()
    matrix = cube.matrix_world.to_3x3()
    found = deliver(placeholder=deliver.reading.placeholder_of(cube), facing=facing)
    bpy.context.view_layer.update()
    (model,) = [one for one in found.all_objects if one.type == "MESH"]
    turned = model.matrix_world.to_3x3()
    assert turned.determinant() > 0
    assert near((turned @ Vector((1, 0, 0))).normalized(), *(matrix @ Vector(front)).normalized())
    assert near((turned @ UP).normalized(), *(matrix @ UP).normalized())


def test_one_undo_brings_the_placeholder_back(deliver: Any) -> None:
    bpy.ops.mesh.primitive_cube_add()
    name = bpy.context.view_layer.objects.active.name
    bpy.ops.ed.undo_push(message="before")
    deliver(placeholder=deliver.reading.placeholder_of(bpy.data.objects[name]))
    for visible in (True, False, True):
        if visible:
            bpy.ops.ed.undo()
        else:
            bpy.ops.ed.redo()
        assert bpy.data.objects[name].hide_viewport is not visible
        assert bpy.data.objects[name].hide_render is not visible
        assert ("a box" in bpy.data.collections) is not visible


def test_merges_and_smooths(deliver: Any) -> None:
    plain = mesh_of(deliver())
    assert len(plain.vertices) == 24 and len(plain.polygons) == 12
    merged = mesh_of(deliver(merge=True, merge_distance=0.0001))
    assert len(merged.vertices) == 8 and len(merged.polygons) == 12 and len(merged.uv_layers) == 1
    before = sorted(tuple(round(x, 3) + 0.0 for x in one.vector) for one in plain.corner_normals)
    assert sorted(tuple(round(x, 3) + 0.0 for x in one.vector) for one in merged.corner_normals) == before
    for merge in (False, True):
        round_one = mesh_of(deliver(merge=merge, smooth=True, smooth_angle=math.radians(120)))
        assert len(round_one.vertices) == (8 if merge else 24)
        for corner, loop in zip(round_one.corner_normals, round_one.loops, strict=True):
            outward = round_one.vertices[loop.vertex_index].co.normalized()
            assert corner.vector.dot(outward) > 0.8, "smooth across the seams of the file"
        flat = mesh_of(deliver(merge=merge, smooth=True, smooth_angle=math.radians(30)))
        assert all(max(abs(x) for x in one.vector) > 0.99 for one in flat.corner_normals), "sharp at 90 degrees"


def test_an_animated_model_gets_an_empty(deliver: Any, source: Path) -> None:
    bpy.ops.mesh.primitive_cube_add(size=1.0)
    cube = bpy.context.view_layer.objects.active
    for frame, x in ((1, 0.0), (20, 5.0)):
        cube.location.x = x
        cube.keyframe_insert("location", frame=frame)
    bpy.ops.export_scene.gltf(filepath=str(source), use_selection=True, export_animations=True)
    bpy.data.objects.remove(cube)
    found = deliver(location="CURSOR", cursor=(1, 2, 3), facing="NEG_Y")
    (top,) = [one for one in found.all_objects if one.parent is None]
    assert top.type == "EMPTY"
    for frame, y in ((1, 2.0), (20, -3.0)):
        bpy.context.scene.frame_set(frame)
        low, high = bounds(found)
        assert near((low + high) / 2, 1, y, 3.5), "it runs to where its front faces"
    still = deliver(location="ORIGIN", ground=False)
    assert all(one.type == "MESH" for one in still.all_objects), "nothing moves it: no empty"


def test_selection_is_left_alone_unless_asked(deliver: Any) -> None:
    bpy.ops.mesh.primitive_cube_add()
    layer = bpy.context.view_layer
    mine = layer.objects.active
    deliver()
    assert layer.objects.active == mine and [one for one in layer.objects if one.select_get()] == [mine]
    found = deliver(select=True)
    assert {one for one in layer.objects if one.select_get()} == set(found.all_objects)
    assert layer.objects.active in set(found.all_objects)
    layer.objects.active = mine
    mine.select_set(True)
    bpy.ops.object.mode_set(mode="EDIT")
    other = deliver(select=True)
    assert bpy.context.mode == "EDIT_MESH" and layer.objects.active == mine
    assert not any(one.select_get() for one in other.all_objects)
    bpy.ops.object.mode_set(mode="OBJECT")


def test_nothing_else_changes(deliver: Any, tmp_path: Path) -> None:
    scene = bpy.context.scene
    scene.cursor.location = (7, 8, 9)
    scene.frame_set(12)
    settings = (scene.render.fps, scene.frame_start, scene.frame_end, scene.render.engine, scene.world)
    deliver(location="CURSOR", parent=True, merge=True, smooth=True)
    assert tuple(scene.cursor.location) == (7, 8, 9) and scene.frame_current == 12
    assert settings == (scene.render.fps, scene.frame_start, scene.frame_end, scene.render.engine, scene.world)
    assert not bpy.data.libraries and len(bpy.data.scenes) == 1
    path = str(tmp_path / "saved.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    assert not bpy.data.libraries and len(bpy.data.collections["a box"].all_objects) == 2
    assert not [one for one in bpy.data.objects if one.library or one.is_missing]


def test_untouched_scenes_follow_the_preferences(package: Package, extension: str, tmp_path: Path) -> None:
    mine, default = bpy.context.scene.tripo.placement, package("properties.placement_defaults").default_placement()
    try:
        default.facing, default.size, default.ground = "NEG_Y", 2.0, False
        assert (mine.facing, mine.size, mine.ground) == ("NEG_Y", 2.0, False)
        assert not package("properties.placement_defaults").has_own(mine), "reading writes nothing"
        assert not bpy.ops.tripo.reset_placement.poll()
        mine.facing, mine.fit = "POS_Y", "REAL_WORLD"
        default.facing = "NEG_X"
        assert mine.facing == "POS_Y" and bpy.context.scene.tripo.auto_size
        bpy.context.scene.tripo.auto_size = False
        assert mine.fit == "DELIVERED" and default.fit == "DELIVERED"
        path = str(tmp_path / "mine.blend")
        bpy.ops.wm.save_as_mainfile(filepath=path)
        bpy.ops.wm.open_mainfile(filepath=path)
        mine = bpy.context.scene.tripo.placement
        assert mine.facing == "POS_Y" and mine.size == 2.0
        assert bpy.ops.tripo.save_placement() == {"FINISHED"}
        assert default.facing == "POS_Y"
        assert bpy.ops.tripo.reset_placement() == {"FINISHED"}
        default.facing = "NEG_X"
        assert bpy.context.scene.tripo.placement.facing == "NEG_X"
    finally:
        for name in package("properties.placement").FIELDS:
            default.property_unset(name)


def export_rigged(path: Any) -> None:
    """Write the model of these tests with a bone that bends it, in the place of the plain one."""
    bpy.ops.object.armature_add()
    rig: Any = bpy.context.view_layer.objects.active
    bpy.ops.mesh.primitive_cube_add(size=1.0)
    cube: Any = bpy.context.view_layer.objects.active
    cube.vertex_groups.new(name="Bone").add(range(8), 1.0, "REPLACE")
    cube.modifiers.new("Armature", "ARMATURE").object = rig
    cube.parent = rig
    rig.select_set(True)
    bpy.ops.export_scene.gltf(filepath=str(path), use_selection=True)
    for one in (cube, rig):
        bpy.data.objects.remove(one)


@pytest.mark.parametrize("rigged", [False, True])
def test_copies_of_a_placeholder_get_instances_in_one_undo_step(
    deliver: Any, source: Path, package: Package, rigged: bool
) -> None:
    if rigged:
        export_rigged(source)
    places: list[Any] = []
    for number, scale in enumerate((1.0, 1.0, 3.0)):
        bpy.ops.mesh.primitive_cube_add(size=2.0, location=(9 * number, 5, 6), rotation=(0.3, 0.2, 0.5 * number))
        places.append(bpy.context.view_layer.objects.active)
        places[-1].scale = (scale, scale, scale)
    bpy.context.view_layer.update()
    names, noted = [one.name for one in places], [deliver.reading.placeholder_of(one) for one in places]
    matrices = [one.matrix_world.copy() for one in places]
    bpy.ops.ed.undo_push(message="before")
    selected = set(bpy.context.selected_objects)
    first = deliver(placeholder=noted[0], copies=tuple(noted[1:]))
    made = [first, *deliver.delivered.copies]
    assert set(bpy.context.selected_objects) == selected - set(places), "only what is hidden has left the selection"
    bpy.context.view_layer.update()
    graph = bpy.context.evaluated_depsgraph_get()
    for model, matrix in zip(made, matrices, strict=True):
        (mesh,) = [one for one in model.all_objects if one.type == "MESH"]
        inside = [
            matrix.inverted() @ mesh.matrix_world @ vertex.co for vertex in mesh.evaluated_get(graph).data.vertices
        ]
        high, low = ([reach(corner[axis] for corner in inside) for axis in range(3)] for reach in (max, min))
        assert low[2] == pytest.approx(-1, abs=1e-4), "on the floor of its placeholder, in its directions"
        assert max(abs(edge) for edge in (*low, *high)) == pytest.approx(1, abs=1e-4), "as large as it goes"
        assert all(
            one in model.all_objects.values() for one in [mesh.parent, *[m.object for m in mesh.modifiers]] if one
        )
        assert model["tripo_job_id"] == "j"
    assert len({one.data.name for model in made for one in model.all_objects if one.type == "MESH"}) == 1
    tops = [next(one for one in model.all_objects if one.parent is None) for model in made]
    assert tops[0].scale == tops[1].scale, "of one size to the last digit"
    bpy.ops.ed.undo()
    assert not any(bpy.data.objects[name].hide_viewport for name in names)
    assert not [one for one in bpy.data.collections if "tripo_job_id" in one]


def test_a_failed_copy_leaves_the_scene_as_it_was(deliver: Any, package: Package, monkeypatch: Any) -> None:
    bpy.ops.mesh.primitive_cube_add()
    cube: Any = bpy.context.view_layer.objects.active
    noted = deliver.reading.placeholder_of(cube)
    before = {name: len(getattr(bpy.data, name)) for name in ("objects", "meshes", "collections")}
    copies, made = package("session.delivery.copies"), []

    def link(*arguments: Any, **named: Any) -> None:
        made.append(arguments)
        if len(made) == 2:
            raise RuntimeError("no memory")

    monkeypatch.setattr(copies.holder, "link", link)
    with pytest.raises(RuntimeError, match="no memory"):
        deliver(placeholder=noted, copies=(noted, noted))
    assert before == {name: len(getattr(bpy.data, name)) for name in before}
    assert not cube.hide_viewport and not cube.hide_render
