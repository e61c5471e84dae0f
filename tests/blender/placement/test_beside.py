"""A model stands beside what is visible at its place, never inside it; a script's stands where it was asked to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

from support.models.placed import bounds, near

Package = Callable[[str], ModuleType]


def box(name: str, size: tuple[float, float, float], location: tuple[float, float, float] = (0, 0, 0)) -> Any:
    bpy.ops.mesh.primitive_cube_add(size=1.0, location=location)
    made = bpy.context.view_layer.objects.active
    made.name, made.scale = name, size
    bpy.context.view_layer.update()
    return made


def said(deliver: Any) -> str:
    note = deliver.delivered.note
    return "" if note is None else str(note)


def apart(one: Any, other: Any) -> bool:
    (low, high), (low_2, high_2) = bounds(one), bounds(other)
    return any(high[axis] <= low_2[axis] or high_2[axis] <= low[axis] for axis in range(3))


def test_the_first_model_stands_beside_the_factory_cube(deliver: Any) -> None:
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=False)
    low, high = bounds(deliver(location="CURSOR", avoid=True))
    assert low.x > 1.0 and near((low.y, low.z, high.x - low.x), -0.5, 0.0, 2.0)
    assert said(deliver) == "Placed beside Cube"


def test_models_in_succession_stand_apart(deliver: Any) -> None:
    box("Cube", (2, 2, 2))
    models = [deliver(location="CURSOR", avoid=True) for _ in range(5)]
    for number, model in enumerate(models):
        assert all(apart(model, other) for other in models[:number]), number
        low, high = bounds(model)
        assert max(map(abs, (*low, *high))) < 5.0, "near the cursor, not in a long row"


def test_a_script_gets_exactly_the_place_it_asks_for(deliver: Any) -> None:
    box("Cube", (2, 2, 2))
    assert near(bounds(deliver(location="CURSOR", cursor=(0, 0, 0)))[0], -1, -0.5, 0) and not said(deliver)


@pytest.mark.parametrize("how", ["eye", "viewport", "collection", "excluded", "wire", "removed"])
def test_what_cannot_be_seen_is_not_in_the_way(deliver: Any, how: str) -> None:
    cube = box("Cube", (2, 2, 2))
    inner = bpy.data.collections.new("inner")
    bpy.context.scene.collection.children.link(inner)
    inner.objects.link(cube)
    bpy.context.scene.collection.objects.unlink(cube)
    layer = bpy.context.view_layer.layer_collection.children["inner"]
    if how == "eye":
        cube.hide_set(True)
    elif how == "viewport":
        cube.hide_viewport = True
    elif how == "collection":
        layer.hide_viewport = True
    elif how == "excluded":
        layer.exclude = True
    elif how == "wire":
        cube.display_type = "WIRE"
    else:
        bpy.data.objects.remove(cube)
    assert near(bounds(deliver(avoid=True))[0], -1, -0.5, 0) and not said(deliver)


def test_bounds_are_those_of_what_is_shown(deliver: Any) -> None:
    cube = box("Cube", (1, 1, 1), (-3, 0, 0))
    row = cube.modifiers.new("Row", "ARRAY")
    row.count = 5
    deliver(avoid=True)
    assert said(deliver) == "Placed beside Cube", "its copies are at the place"


def test_an_instance_of_a_collection_counts(deliver: Any) -> None:
    holder = bpy.data.collections.new("kit")
    cube = box("Cube", (2, 2, 2), (5, 0, 0))
    bpy.context.scene.collection.objects.unlink(cube)
    holder.objects.link(cube)
    empty = bpy.data.objects.new("Kit", None)
    empty.instance_type, empty.instance_collection, empty.location = "COLLECTION", holder, (-5, 0, 0)
    bpy.context.scene.collection.objects.link(empty)
    deliver(avoid=True)
    assert said(deliver) == "Placed beside Kit"


@pytest.mark.parametrize("what", ["floor", "room", "hills", "sky", "lamp and camera"])
def test_surroundings_are_not_in_the_way(deliver: Any, what: str) -> None:
    if what == "floor":
        box("Floor", (4, 4, 0.2), (0, 0, -0.1))
    elif what == "room":
        room = box("Room", (8, 8, 3), (0, 0, 1.5))
        room.data = room.data.copy()
        bm = __import__("bmesh").new()
        bm.from_mesh(room.data)
        bm.faces.ensure_lookup_table()
        bm.faces.remove(bm.faces[0])
        bm.to_mesh(room.data)
        bm.free()
    elif what == "hills":
        bpy.ops.mesh.primitive_grid_add(x_subdivisions=40, y_subdivisions=40, size=30.0)
        hills = bpy.context.view_layer.objects.active
        for vertex in hills.data.vertices:
            vertex.co.z = 2.0 * (vertex.co.x / 15.0) ** 2 - 0.2
    elif what == "sky":
        bpy.ops.mesh.primitive_uv_sphere_add(radius=200.0)
    else:
        bpy.ops.object.light_add(type="AREA")
        bpy.ops.object.camera_add()
    assert near(bounds(deliver(avoid=True))[0], -1, -0.5, 0), said(deliver)


def test_inside_of_a_large_solid_is_inside(deliver: Any) -> None:
    box("Tower", (9, 9, 20))
    low, _high = bounds(deliver(avoid=True))
    assert low.x > 4.5 and said(deliver) == "Placed beside Tower"


def test_the_panel_asks_for_a_free_place_and_scripts_do_not(package: Package) -> None:
    request = package("operators.generate.request")
    scene = bpy.context.scene
    settings = scene.tripo.placement
    assert request.placement_from_scene(scene).avoid
    settings.location = "POINT"
    assert not request.placement_from_scene(scene).avoid, "a picked point is on something"


def test_placeholder_is_let_go_after_a_press(package: Package, quick: Any, home: Path) -> None:
    box("Stand-in", (1, 1, 1))
    scene = bpy.context.scene
    scene.tripo.prompt = "a cup"
    for by_script in (True, False):
        scene.tripo.placement.placeholder = bpy.data.objects["Stand-in"]
        bpy.data.objects["Stand-in"].hide_viewport = False
        if by_script:
            assert bpy.ops.tripo.text_to_3d(prompt="a cup", placeholder="Stand-in") == {"FINISHED"}
            assert scene.tripo.placement.placeholder is not None, "a script's call does not change the panel"
        else:
            assert bpy.ops.tripo.text_to_3d(use_scene_settings=True) == {"FINISHED"}
            assert scene.tripo.placement.placeholder is None
