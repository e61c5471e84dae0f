"""Capture Views of Selection: the right sides, in the right order, as bright as a render, and no trace in the scene."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import pytest

VIEWS = ("front", "left", "back", "right")
COLOURS = {
    # The side of a cube, by the direction it looks to, in linear light.
    "front": ((0, -1, 0), (0.5, 0.02, 0.02)),
    "left": ((1, 0, 0), (0.02, 0.5, 0.02)),
    "back": ((0, 1, 0), (0.02, 0.02, 0.5)),
    "right": ((-1, 0, 0), (0.4, 0.4, 0.02)),
}
"""Left is the subject's own left: at +X of what looks towards −Y."""


def glowing(name: str, colour: tuple[float, float, float]) -> bpy.types.Material:
    """A material whose brightness depends on no light."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.clear()
    emission, output = nodes.new("ShaderNodeEmission"), nodes.new("ShaderNodeOutputMaterial")
    emission.inputs["Color"].default_value = (*colour, 1.0)
    links.new(emission.outputs[0], output.inputs[0])
    return material


@pytest.fixture
def cube(extension: str) -> bpy.types.Object:
    """A cube with a colour on each side, and something next to it that is not selected."""
    bpy.ops.mesh.primitive_cube_add(size=2, location=(3, 1, 5))
    other: Any = bpy.context.object
    other.name = "other"
    bpy.ops.mesh.primitive_cube_add(size=2, location=(3, 1, 1))
    cube: Any = bpy.context.object
    for number, (name, (direction, colour)) in enumerate(COLOURS.items()):
        cube.data.materials.append(glowing(name, colour))
        for polygon in cube.data.polygons:
            if sum(a * b for a, b in zip(polygon.normal, direction, strict=True)) > 0.9:
                polygon.material_index = number
    other.select_set(False)
    bpy.context.scene.frame_set(7)
    return cube


def state() -> dict[str, Any]:
    """All that the artist has, but the slots."""
    scene, layer = bpy.context.scene, bpy.context.view_layer
    kinds = ("scenes", "objects", "meshes", "cameras", "lights", "worlds", "materials", "collections", "node_groups")
    found: dict[str, Any] = {kind: sorted(one.name for one in getattr(bpy.data, kind)) for kind in kinds}
    for obj in bpy.data.objects:
        matrix = [round(value, 6) for row in obj.matrix_world for value in row]
        users = sorted(one.name for one in obj.users_collection)
        found[obj.name] = (matrix, obj.select_get(), obj.hide_render, obj.hide_get(), obj.users, users, obj.mode)
    for owner in (scene, scene.render, scene.view_settings, scene.display_settings, scene.render.image_settings):
        for prop in owner.bl_rna.properties:
            if prop.type not in {"POINTER", "COLLECTION"}:
                value = getattr(owner, prop.identifier)
                found[f"{owner}.{prop.identifier}"] = list(value) if hasattr(value, "__len__") else value
    found["active"], found["camera"], found["world"] = layer.objects.active, scene.camera, scene.world
    return found


def middle(image: Any) -> tuple[int, ...]:
    width, height = image.size
    at = ((height // 2) * width + width // 2) * 4
    return tuple(round(value * 255) for value in image.pixels[at : at + 4])


def reference(view: str, folder: Path) -> tuple[int, ...]:
    """The middle of a render of the artist's own scene from that side."""
    scene = bpy.context.scene
    camera = bpy.data.objects.new("reference", bpy.data.cameras.new("reference"))
    scene.collection.objects.link(camera)
    direction = COLOURS[view][0]
    camera.location = [c + 6 * d for c, d in zip((3, 1, 1), direction, strict=True)]
    camera.rotation_euler = (math.pi / 2, 0, math.atan2(direction[1], direction[0]) + math.pi / 2)
    scene.camera = camera
    scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", 4, False
    scene.render.resolution_x = scene.render.resolution_y = 32
    scene.render.filepath, scene.render.image_settings.file_format = str(folder / f"{view}.png"), "PNG"
    bpy.ops.render.render(write_still=True)
    return middle(bpy.data.images.load(scene.render.filepath))


def test_four_sides_in_the_order_of_the_service(cube: bpy.types.Object, home: Path, tmp_path: Path) -> None:
    bpy.context.scene.view_settings.exposure = 0.5
    before = state()
    assert bpy.ops.tripo.capture_views(resolution=64) == {"FINISHED"}
    assert state() == before
    assert not list((home / "inputs").iterdir())
    settings = bpy.context.scene.tripo
    assert settings.kind == "MULTIVIEW"
    for view in VIEWS:
        image: Any = getattr(settings, view).image
        assert image.name == f"Tripo {view.capitalize()}" and image.packed_file and tuple(image.size) == (64, 64)
        found, wanted = middle(image), reference(view, tmp_path)
        assert all(abs(a - b) <= 2 for a, b in zip(found, wanted, strict=True)), (view, found, wanted)
        strongest = [i for i in range(3) if COLOURS[view][1][i] > 0.1]
        assert all(found[i] > found[j] for i in strongest for j in range(3) if j not in strongest)
        pixels: Any = image.pixels
        assert pixels[3] == 0.0, "the background is left out"
        assert image["tripo_background"] == "#3d3d3d", "what Blender's own theme has behind its panels"


def test_only_the_selection_is_framed(cube: bpy.types.Object) -> None:
    bpy.ops.tripo.capture_views(resolution=64)
    image = bpy.context.scene.tripo.front.image
    pixels: Any = image.pixels[:]
    covered = sum(1 for value in pixels[3::4] if value > 0.5) / (64 * 64)
    assert 0.75 < covered < 0.9, "the cube fills the image but for a margin, and what is above it is not there"


def test_what_is_left_out_of_renders_is_captured_where_nothing_else_is(cube: Any) -> None:
    """As placeholders are, which no render is to show; but no cutter beside what it cuts."""
    cube.hide_render = True
    before = state()
    bpy.ops.tripo.capture_views(resolution=64)
    assert state() == before and middle(bpy.context.scene.tripo.front.image)[3] == 255
    bpy.data.objects["other"].select_set(True)
    bpy.ops.tripo.capture_views(resolution=64)
    pixels: Any = bpy.context.scene.tripo.front.image.pixels[:]
    covered = sum(1 for value in pixels[3::4] if value > 0.5) / (64 * 64)
    assert covered < 0.25, "the other one alone"


def test_a_second_capture_takes_the_place_of_the_first(cube: bpy.types.Object) -> None:
    for _ in range(2):
        bpy.ops.tripo.capture_views(resolution=64, transparent=False)
    assert sorted(image.name for image in bpy.data.images if image.name.startswith("Tripo")) == [
        "Tripo Back",
        "Tripo Front",
        "Tripo Left",
        "Tripo Right",
    ]
    pixels: Any = bpy.context.scene.tripo.front.image.pixels
    assert pixels[3] == 1.0 and pixels[0] > 0.4, "a plain light background"


def test_even_light_shows_a_grey_shape(extension: str) -> None:
    """An untouched blockout has no lamp and no material: it must be bright, and its sides must differ."""
    bpy.ops.mesh.primitive_uv_sphere_add(location=(0, 0, 0))
    bpy.ops.tripo.capture_views(resolution=64)
    for view in VIEWS:
        image = getattr(bpy.context.scene.tripo, view).image
        pixels: Any = image.pixels[:]
        shades = [pixels[i] for i in range(0, len(pixels), 4) if pixels[i + 3] > 0.99]
        assert 0.45 < sum(shades) / len(shades) < 0.95
        assert max(shades) - min(shades) > 0.1


@pytest.mark.parametrize("kind", ["nothing", "camera"])
def test_nothing_to_see_is_told(extension: str, kind: str) -> None:
    if kind == "camera":
        bpy.ops.object.camera_add()
    with pytest.raises(RuntimeError, match="Select the objects to capture"):
        bpy.ops.tripo.capture_views()
    assert [scene.name for scene in bpy.data.scenes] == ["Scene"]


def test_the_instances_of_an_empty_are_captured(cube: bpy.types.Object) -> None:
    collection = bpy.data.collections.new("parts")
    collection.objects.link(cube)
    bpy.context.scene.collection.objects.unlink(cube)
    bpy.ops.object.collection_instance_add(collection="parts", location=(10, 0, 0))
    bpy.ops.tripo.capture_views(resolution=64)
    assert middle(bpy.context.scene.tripo.left.image)[3] == 255


def test_the_artists_render_stays(cube: bpy.types.Object, tmp_path: Path) -> None:
    reference("front", tmp_path)
    scene = bpy.context.scene

    def saved(name: str) -> bytes:
        bpy.data.images["Render Result"].save_render(str(tmp_path / name), scene=scene)
        return (tmp_path / name).read_bytes()

    before = saved("before.png")
    bpy.ops.tripo.capture_views(resolution=64)
    assert saved("after.png") == before


def in_background(shots: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Begin as where drawing is slow; the process."""
    monkeypatch.setattr(shots, "_at_once", False)
    monkeypatch.setattr(shots, "_is_slow", lambda _context: True)
    assert not shots.take_next(bpy.context) and shots.is_in_background
    return shots._process._process


def test_the_background_blender_renders_the_same_views(
    cube: Any, home: Path, package: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    bpy.context.scene.view_settings.exposure = 0.5
    cube.modifiers.new("bevel", "BEVEL").width = 0.3
    painted: Any = bpy.data.images.new("painted, not saved", 4, 4)
    painted.pixels[:] = [0.1, 0.4, 0.2, 1.0] * 16
    front: Any = cube.data.materials[0].node_tree
    front.nodes.new("ShaderNodeTexImage").image = painted
    front.links.new(front.nodes["Image Texture"].outputs[0], front.nodes["Emission"].inputs[0])
    before, studio = state(), package("operators.images.studio")
    direct, shots = (studio.Shots(64, transparent=True) for _ in range(2))
    process = in_background(shots, monkeypatch)
    assert state() == before, "the artist's file is as it was while the background Blender works"
    while not direct.take_next(bpy.context):
        pass
    process.wait(300)
    assert shots.take_next(bpy.context)
    here, there = direct.load(), shots.load()
    assert list(there) == list(VIEWS)
    for view in VIEWS:
        pairs = zip(here[view].pixels[:], there[view].pixels[:], strict=True)
        worst = max(abs(a - b) for a, b in pairs)
        assert worst <= 3 / 255, (view, worst)
    for one in (direct, shots):
        one.discard()
    assert not list((home / "inputs").iterdir())


@pytest.mark.parametrize("ends", ["by itself", "by the artist"])
def test_a_background_blender_that_ends_early_leaves_nothing(
    cube: Any, home: Path, package: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    studio = package("operators.images.studio")
    shots = studio.Shots(64, transparent=True)
    process = in_background(shots, monkeypatch)
    if ends == "by itself":
        process.kill()
        process.wait()
        with pytest.raises(studio.CaptureFailed, match="Blender ended, exit code -9"):
            shots.take_next(bpy.context)
    shots.discard()
    assert process.returncode is not None
    assert not list((home / "inputs").iterdir())
