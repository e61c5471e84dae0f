"""Many static objects joined into few: the same to look at, and nothing that moves or that others need among them."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import ModuleType
from typing import Any, cast

import bpy
import numpy as np
import pytest
from mathutils import Euler, Matrix, Vector

from support.machine.releases import both_ends
from support.models import glb_json as models_json
from support.models import made as models_make
from support.models.many_objects import write_many
from support.models.parity import Parity

Package = Callable[[str], ModuleType]

pytestmark = both_ends
MANY = 12


@pytest.fixture
def join(package: Package, extension: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, with a small idea of many and of one branch, and an empty file."""
    module = package("converter.join")
    monkeypatch.setattr(module, "JOINED_ABOVE", MANY - 1)
    monkeypatch.setattr(module, "GROUPS", 1)
    models_make.empty_file()
    return module


def outer() -> bpy.types.Collection:
    made = bpy.data.collections.new("outer")
    bpy.context.scene.collection.children.link(made)
    return made


def wedge(number: int, *, uv: bool = True, smooth: bool = False, normals: bool = False) -> bpy.types.Mesh:
    """A mesh of a triangle and a square with two materials, UV coordinates, colours, and a number at each corner."""
    mesh: Any = bpy.data.meshes.new(f"Wedge {number}")
    points = [(0, 0, 0), (1, 0, 0), (1, 1, 0.5), (0, 1, 0), (0.5, 2, 1)]
    mesh.from_pydata([[one * (1 + number / 10) for one in point] for point in points], [], [(0, 1, 2, 3), (3, 2, 4)])
    for name in ("Red", f"Paint {number % 3}"):
        mesh.materials.append(bpy.data.materials.get(name) or bpy.data.materials.new(name))
    mesh.polygons[1].material_index = 1
    if uv:
        mesh.uv_layers.new(name="map").data.foreach_set("uv", [number + one / 20 for one in range(14)])
    color = mesh.color_attributes.new("Color", "FLOAT_COLOR", "POINT")
    color.data.foreach_set("color", [number / 50 + one / 40 for one in range(20)])
    mesh.attributes.new("corner", "INT", "CORNER").data.foreach_set("value", [100 * number + one for one in range(7)])
    mesh.polygons.foreach_set("use_smooth", [smooth] * 2)
    if smooth and number % 2:
        mesh.edges[0].use_edge_sharp = True
    if normals:
        mesh.normals_split_custom_set([Vector((one + 1, number, 3)).normalized()[:] for one in range(7)])
    return mesh


def corners(collection: bpy.types.Collection) -> dict[int, tuple[Any, ...]]:
    """By the number of each corner: its place and normal in the world, its UV coordinates, its colour, the material
    of its face, and the corner that follows it in the face."""
    bpy.context.view_layer.update()
    found: dict[int, tuple[Any, ...]] = {}
    for obj in collection.all_objects:
        if obj.type != "MESH":
            continue
        mesh: Any = obj.data
        world = np.array(obj.matrix_world, float)
        turn = np.linalg.inv(world[:3, :3]).T
        numbers = [one.value for one in mesh.attributes["corner"].data]
        maps = mesh.uv_layers.get("map")
        for face in mesh.polygons:
            loops = list(face.loop_indices)
            if np.linalg.det(world) < 0:
                loops.reverse()  # which is how Blender draws what is mirrored
            for place, index in enumerate(loops):
                vertex = mesh.loops[index].vertex_index
                normal = turn @ np.array(mesh.corner_normals[index].vector)
                found[numbers[index]] = (
                    world[:3, :3] @ np.array(mesh.vertices[vertex].co) + world[:3, 3],
                    normal / np.linalg.norm(normal),
                    np.array(maps.uv[index].vector) if maps else None,
                    np.array(mesh.color_attributes["Color"].data[vertex].color),
                    mesh.materials[face.material_index].name,
                    numbers[loops[(place + 1) % len(loops)]],
                )
    return found


def same(left: dict[int, tuple[Any, ...]], right: dict[int, tuple[Any, ...]]) -> None:
    assert left.keys() == right.keys()
    for number, values in left.items():
        for mine, theirs in zip(values, right[number], strict=True):
            if isinstance(mine, np.ndarray):
                assert np.allclose(mine, theirs, atol=2e-4), (number, mine, theirs)
            else:
                assert mine == theirs, number


def place(number: int) -> Matrix:
    scale = (1.0, 1.5, -0.5) if number % 3 == 0 else (2.0, 1.0, 1.0)
    return Matrix.LocRotScale(Vector((number * 3, -number, 1)), Euler((0.1 * number, 0.2, 0.3)), Vector(scale))


def fill(collection: bpy.types.Collection, count: int = MANY, **options: bool) -> list[bpy.types.Object]:
    made = [bpy.data.objects.new(f"Part {number}", wedge(number, **options)) for number in range(count)]
    for number, obj in enumerate(made):
        obj.matrix_basis = place(number)
        collection.objects.link(obj)
    return made


@pytest.mark.parametrize("options", [{}, {"smooth": True}, {"smooth": True, "normals": True}], ids=str)
def test_joined_looks_the_same(join: ModuleType, options: dict[str, bool]) -> None:
    collection = outer()
    fill(collection, **options)
    before = corners(collection)
    if options.get("smooth") and not options.get("normals"):
        for number in range(MANY):  # a normal of several faces follows their new shape, not their old normals
            bpy.data.objects[f"Part {number}"].scale = (1, 1, 1) if number % 3 else (1, 1, -1)
        before = corners(collection)
    assert join.join(collection) == (MANY, 1)
    same(before, corners(collection))
    (one,) = collection.all_objects
    mesh: Any = one.data
    assert not mesh.validate(verbose=True)
    assert [slot.name for slot in mesh.materials] == ["Red", "Paint 0", "Paint 1", "Paint 2"]
    assert [layer.name for layer in mesh.uv_layers] == ["map"] and mesh.uv_layers.active.name == "map"
    assert mesh.attributes.default_color_name == "Color"
    assert mesh.has_custom_normals == options.get("normals", False)
    assert (len(bpy.data.meshes), len(bpy.data.objects)) == (1, 1), "nothing of the single ones is left"


def test_parts_of_another_layout_are_joined_apart(join: ModuleType) -> None:
    collection = outer()
    parts = fill(collection)
    for number in range(4):
        parts[number].data = wedge(number, uv=False)
    parts[7].hide_render = True
    before = corners(collection)
    assert join.join(collection) == (MANY, 3)
    same(before, corners(collection))
    assert [one.hide_render for one in collection.all_objects].count(True) == 1


def test_the_hierarchy_is_kept_as_long_as_it_is_small(join: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    collection = outer()
    root = bpy.data.objects.new("Machine", None)
    branches = [bpy.data.objects.new(name, None) for name in ("Left", "Right")]
    root.location, branches[1].location = (5, 0, 0), (0, 7, 0)
    for one in (root, *branches):
        collection.objects.link(one)
    for branch in branches:
        branch.parent = root
    for number, part in enumerate(fill(collection)):
        part.parent = branches[number % 2]
        part.matrix_parent_inverse = Matrix.Rotation(0.5, 4, "X")
    before = corners(collection)
    monkeypatch.setattr(join, "GROUPS", 2)
    assert join.join(collection) == (MANY, 2)
    same(before, corners(collection))
    places = {one.name: cast(Any, one.location)[:] for one in collection.all_objects}
    assert places == {"Left": (5, 0, 0), "Right": (5, 7, 0)}, "joined parts stand where their branch stood"


def test_collections_keep_their_parts(join: ModuleType) -> None:
    collection = outer()
    inner = bpy.data.collections.new("inner")
    collection.children.link(inner)
    for part in fill(collection)[::2]:
        collection.objects.unlink(part)
        inner.objects.link(part)
    assert join.join(collection) == (MANY, 2)
    assert len(collection.objects) == len(inner.objects) == 1


def test_parts_with_nothing_in_common_stay_as_they_are(join: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(join, "GROUPS", 32)
    collection = outer()
    fill(collection)
    assert join.join(collection) is None, "each is a branch of its own"
    assert len(collection.all_objects) == MANY


def test_what_is_not_static_stays(join: ModuleType) -> None:
    collection = outer()
    parts: list[Any] = fill(collection, MANY + 8)
    stays = parts[:8]
    stays[0].keyframe_insert("location", frame=1)
    stays[1].shape_key_add(name="Basis")
    stays[2].vertex_groups.new(name="group")
    stays[3].modifiers.new("bevel", "BEVEL")
    stays[4].constraints.new("COPY_LOCATION").target = stays[5]
    lamp = bpy.data.objects.new("Lamp", bpy.data.lights.new("Lamp", "POINT"))
    lamp.parent = stays[6]
    locator = bpy.data.objects.new("Locator", None)
    locator.parent = stays[7]
    for one in (lamp, locator):
        collection.objects.link(one)
    before = corners(collection)
    assert join.join(collection) == (MANY, 1)
    names = {one.name for one in collection.all_objects}
    assert names == {f"Part {number}" for number in range(8)} | {"Lamp", "Locator", "Part 8"}
    assert lamp.parent == stays[6] and locator.parent == stays[7]
    same(before, corners(collection))


def test_hidden_parts_keep_their_place(join: ModuleType) -> None:
    collection = outer()
    parts = fill(collection)
    before = corners(collection)
    for part in parts:
        part.hide_viewport = True
        cast(Any, part).location.x += 10
    assert join.join(collection) == (MANY, 1)
    (one,) = collection.all_objects
    assert one.hide_viewport
    one.hide_viewport = False
    moved = corners(collection)
    assert all(math.isclose(moved[key][0][0], values[0][0] + 10, abs_tol=1e-4) for key, values in before.items())


@pytest.mark.parametrize("copies", [0, 1000])
def test_copies_of_a_large_mesh_stay_apart(join: ModuleType, monkeypatch: pytest.MonkeyPatch, copies: int) -> None:
    monkeypatch.setattr(join, "LARGEST_COPIES", copies)
    collection, mesh = outer(), wedge(0)
    for part in fill(collection):
        part.data = mesh
    assert (join.join(collection) is None) == (copies == 0)


def test_few_are_left_as_they_are(join: ModuleType) -> None:
    collection = outer()
    fill(collection, MANY - 1)
    assert join.join(collection) is None and len(collection.all_objects) == MANY - 1


def objects_in(parity: Parity) -> int:
    parity.deliver()
    return len(bpy.data.objects)


@pytest.mark.parametrize("own_meshes", [False, True])
def test_the_converter_joins_and_says_so(parity: Parity, own_meshes: bool) -> None:
    path = write_many(parity.folder / "many.glb", 600, meshes=600 if own_meshes else 1)
    assert parity.convert(path) == {"ok": True, "joined": [600, 1]}
    collection = parity.deliver()
    (one,) = collection.all_objects
    mesh = cast(bpy.types.Mesh, one.data)
    assert (len(mesh.polygons), len(bpy.data.meshes), len(bpy.data.materials)) == (600, 1, 1)
    bpy.context.view_layer.update()
    assert [round(side, 4) for side in cast(Any, one.dimensions)] == [60.0, 9.0, 1.0]
    assert parity.convert(path, separate=True) == {"ok": True}
    assert objects_in(parity) == 600


def test_a_moving_model_is_not_joined(parity: Parity) -> None:
    path = write_many(parity.folder / "many.glb", 270)
    document, binary = models_json.read_glb(path)
    start = len(binary)
    times, moves = np.array([0, 1], "<f4").tobytes(), np.array([[0, 0, 0], [1, 0, 0]], "<f4").tobytes()
    document["bufferViews"] += [
        {"buffer": 0, "byteOffset": start, "byteLength": 8},
        {"buffer": 0, "byteOffset": start + 8, "byteLength": 24},
    ]
    document["accessors"] += [
        {"bufferView": 2, "componentType": 5126, "count": 2, "type": "SCALAR", "min": [0], "max": [1]},
        {"bufferView": 3, "componentType": 5126, "count": 2, "type": "VEC3"},
    ]
    document["buffers"][0]["byteLength"] = start + 32
    channels = [{"sampler": 0, "target": {"node": number, "path": "translation"}} for number in range(30)]
    document["animations"] = [{"samplers": [{"input": 2, "output": 3}], "channels": channels}]
    models_json.write_glb(path, document, binary + times + moves)
    assert parity.convert(path) == {"ok": True}
    assert objects_in(parity) == 270


def test_the_tooltip_names_the_bound(package: Package, extension: str) -> None:
    field: Any = package("properties.placement_defaults").default_placement().bl_rna.properties["separate"]
    assert f"more than {package('converter.join').JOINED_ABOVE} " in field.description
