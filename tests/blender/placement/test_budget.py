"""A model comes within its budget: triangles, levels of detail, textures. What is within it, or moves, stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from support.machine.releases import both_ends
from support.models import made as models_make
from support.models.worker import Worker

pytestmark = both_ends

BUDGET = {"budget": True, "budget_triangles": 3000, "budget_texture_size": 256}


def triangles(*objects: Any) -> int:
    return sum(len(one.data.loops) - 2 * len(one.data.polygons) for one in objects)


def meshes(collection: Any, level: int = 0) -> list[Any]:
    return [one for one in collection.all_objects if one.type == "MESH" and one.get("tripo_level", 0) == level]


def two_colours(side: int = 512) -> Any:
    """A material that is red below and blue above, over a UV map that goes from pole to pole."""
    image: Any = bpy.data.images.new("colours", side, side)
    pixels = np.ones((side, side, 4), np.float32)
    pixels[: side // 2, :, :3], pixels[side // 2 :, :, :3] = (1, 0, 0), (0, 0, 1)
    image.pixels.foreach_set(pixels.ravel())
    image.pack()
    material = models_make.material("Paint", Roughness=0.3)
    models_make.texture(material, image, "Base Color")
    return material


def write_balls(path: Path, *radii: float, segments: int = 128) -> None:
    """Bumpy balls beside each other, of four times as many triangles as the square of half their segments."""
    material = two_colours()
    for number, radius in enumerate(radii):
        bpy.ops.mesh.primitive_uv_sphere_add(
            segments=segments, ring_count=segments // 2, radius=radius, location=(3 * number, 0, 0)
        )
        ball: Any = bpy.context.view_layer.objects.active
        ball.data.materials.append(material)
        ball.data.shade_smooth()
        points = np.empty((len(ball.data.vertices), 3), np.float32)
        ball.data.vertices.foreach_get("co", points.ravel())
        points *= 1 + 0.02 * np.sin(40 * points / radius).prod(axis=1, keepdims=True)
        ball.data.vertices.foreach_set("co", points.ravel())
    bpy.ops.export_scene.gltf(filepath=str(path))
    bpy.data.batch_remove([*bpy.data.objects, *bpy.data.meshes, *bpy.data.materials, *bpy.data.images])


def images_of(*objects: Any) -> dict[str, Any]:
    (material,) = {slot.material for one in objects for slot in one.material_slots}
    shader = models_make.shader(material)
    return {
        link.to_socket.name: link.from_node.image if link.from_node.type == "TEX_IMAGE" else None
        for socket in shader.inputs
        for link in socket.links
    }


def colours_at(obj: Any, image: Any) -> tuple[Any, Any]:
    """What the image shows in the middle of each face, and the height of that."""
    pixels = np.empty(image.size[0] * image.size[1] * 4, np.float32)
    image.pixels.foreach_get(pixels)
    pixels = pixels.reshape(image.size[1], image.size[0], 4)[:, :, :3]
    uv = np.empty((len(obj.data.loops), 2), np.float32)
    obj.data.uv_layers.active.uv.foreach_get("vector", uv.ravel())
    middles = (uv.reshape(-1, 3, 2).mean(axis=1) * image.size[0]).astype(int).clip(0, image.size[0] - 1)
    heights = np.array([face.center.z for face in obj.data.polygons])
    return pixels[middles[:, 1], middles[:, 0]], heights


def test_a_large_model_comes_with_its_levels_and_what_it_lost_is_baked(
    deliver: Any, source: Path, worker: Worker
) -> None:
    write_balls(source, 1.0)
    found = deliver(ground=False, budget_lods=2, **BUDGET)
    levels = [meshes(found, level)[0] for level in range(3)]
    for level, obj in enumerate(levels):
        assert triangles(obj) == pytest.approx(3000 / 2**level, rel=0.02)
        assert obj.name == obj.data.name == f"a box_LOD{level}"
    assert worker.measured is not None
    assert worker.measured[0] == triangles(levels[0]) and worker.measured[2] == pytest.approx(16_128, rel=0.02)
    on_show = set(bpy.context.view_layer.objects)
    assert levels[0] in on_show and on_show.isdisjoint(levels[1:]), "the artist sees the finest alone"
    assert {one.parent for one in levels[1:]} == {levels[0]}

    images = images_of(*levels)
    assert images.keys() == {"Base Color", "Normal"}, "one set of textures for all"
    assert tuple(images["Base Color"].size) == (256, 256)
    for obj in levels:
        colours, heights = colours_at(obj, images["Base Color"])
        low, high = colours[heights < -0.1], colours[heights > 0.1]
        assert np.abs(low - (1, 0, 0)).max(axis=1).mean() < 0.05, obj.name
        assert np.abs(high - (0, 0, 1)).max(axis=1).mean() < 0.05, obj.name
    assert {image.name for image in bpy.data.images} == {f"{levels[0].active_material.name} base colour"} | {
        f"{levels[0].active_material.name} normal"
    }, "nothing comes of the full model's"

    again = deliver(budget_lods=2, **BUDGET)
    names = {one.name for level in range(3) for one in meshes(again, level)}
    assert names == {f"a box.001_LOD{level}" for level in range(3)}, "what engines look for stays at the end"


def test_a_model_that_is_taken_back_into_the_view_layer_leaves_its_levels_out(deliver: Any, source: Path) -> None:
    bpy.ops.mesh.primitive_cube_add()
    noted = deliver.reading.placeholder_of(bpy.context.view_layer.objects.active)
    write_balls(source, 1.0, segments=32)
    found = deliver(placeholder=noted, copies=(noted,), budget_lods=1, **BUDGET)
    (copy,) = deliver.delivered.copies
    assert meshes(found, 1) and not meshes(copy, 1), "an instance has no levels of its own"
    layers = {one.collection: one for one in bpy.context.view_layer.layer_collection.children["Tripo"].children}
    visibility = deliver.package("session.visibility")
    for _ in range(2):
        visibility.include(layers[found])
        on_show = set(bpy.context.view_layer.objects)
        assert on_show.issuperset(meshes(found)) and on_show.isdisjoint(meshes(found, 1))
        layers[found].exclude = True


def test_levels_of_parts_with_long_names_are_told_apart(deliver: Any, source: Path) -> None:
    write_balls(source, 1.0, 0.5, segments=32)
    name = "ü" * 30
    bpy.ops.import_scene.gltf(filepath=str(source))
    for number, one in enumerate(bpy.data.objects):
        one.name = one.data.name = f"{name}{number}"
    bpy.ops.export_scene.gltf(filepath=str(source))
    bpy.data.batch_remove([*bpy.data.objects, *bpy.data.meshes, *bpy.data.materials, *bpy.data.images])
    found = deliver(budget_lods=1, **BUDGET)
    for level in range(2):
        names = [one.name for one in meshes(found, level)]
        assert len(names) == 2 and all(one.rpartition("_")[2].startswith(f"LOD{level}") for one in names), names


def test_parts_share_a_budget_by_their_triangles_and_one_set_of_textures(
    deliver: Any, source: Path, worker: Worker
) -> None:
    write_balls(source, 1.0, 0.5, segments=96)
    found = meshes(deliver(**BUDGET))
    assert triangles(*found) == pytest.approx(3000, rel=0.02) and len(found) == 2
    assert triangles(found[0]) == pytest.approx(triangles(found[1]), rel=0.02)
    images = images_of(*found)
    for obj in found:
        colours, heights = colours_at(obj, images["Base Color"])
        assert np.abs(colours[heights < -0.1] - (1, 0, 0)).max(axis=1).mean() < 0.05, obj.name


def test_a_model_within_its_budget_keeps_its_mesh_and_gets_smaller_textures(
    deliver: Any, source: Path, worker: Worker
) -> None:
    write_balls(source, 1.0, segments=32)
    (plain,), (kept,) = meshes(deliver()), meshes(deliver(**BUDGET))
    assert [vertex.co[:] for vertex in plain.data.vertices] == [vertex.co[:] for vertex in kept.data.vertices]
    assert plain.name == "a box" and kept.name == "a box.001", "without levels nothing is named as one"
    sizes = [tuple(images_of(one)["Base Color"].size) for one in (plain, kept)]
    assert sizes == [(512, 512), (256, 256)]
    assert worker.measured is not None and worker.measured[2] == 0, "it was not reduced"


@pytest.mark.parametrize("name", ["shape_keys", "rigged"])
def test_what_is_deformed_keeps_its_full_detail_and_says_so(
    worker: Worker, source: Path, tmp_path: Path, name: str
) -> None:
    models_make.empty_file()
    models_make.MODELS[name]()
    models_make.export(source)
    budget = {"triangles": 10, "lods": 1, "texture_size": 64}
    plain = worker.convert(source, tmp_path / "plain.blend")
    assert plain == {"ok": True} and worker.measured is not None
    faces = worker.measured[0]
    answer = worker.convert(source, tmp_path / "reduced.blend", budget=budget)
    assert answer == {"ok": True, "unreduced": "it moves"} and worker.measured[0] == faces


def test_a_little_less_keeps_uv_map_and_material(deliver: Any, source: Path, worker: Worker) -> None:
    write_balls(source, 1.0)
    (obj,) = meshes(deliver(**(BUDGET | {"budget_triangles": 12_000})))
    assert triangles(obj) == pytest.approx(12_000, rel=0.02)
    images = images_of(obj)
    assert images.keys() == {"Base Color"} and obj.active_material.name.startswith("Paint")
    colours, heights = colours_at(obj, images["Base Color"])
    assert np.abs(colours[heights < -0.1] - (1, 0, 0)).max(axis=1).mean() < 0.05
