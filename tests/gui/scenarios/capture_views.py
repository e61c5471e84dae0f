"""Capture Views and stills in a window: right images, and nothing of the artist's has changed."""

from __future__ import annotations

import time
from typing import Any

import bpy

from support.ui import artist, gallery
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 170}

COLOURS = {
    "front": ((0, -1, 0), (0.5, 0.02, 0.02)),
    "left": ((1, 0, 0), (0.02, 0.5, 0.02)),
    "back": ((0, 1, 0), (0.02, 0.02, 0.5)),
    "right": ((-1, 0, 0), (0.4, 0.4, 0.02)),
}
"""The side of a cube by the direction it looks to, in linear light; left is the subject's own."""


def paint(cube: Any) -> None:
    cube.data.materials.clear()
    for number, (name, (direction, colour)) in enumerate(COLOURS.items()):
        material: Any = bpy.data.materials.new(name)
        material.use_nodes = True
        material.diffuse_color = (*colour, 1.0)
        nodes = material.node_tree.nodes
        nodes.clear()
        emission, output = nodes.new("ShaderNodeEmission"), nodes.new("ShaderNodeOutputMaterial")
        emission.inputs["Color"].default_value = (*colour, 1.0)
        material.node_tree.links.new(emission.outputs[0], output.inputs[0])
        cube.data.materials.append(material)
        for polygon in cube.data.polygons:
            if sum(a * b for a, b in zip(polygon.normal, direction, strict=True)) > 0.9:
                polygon.material_index = number


def middle(image: Any) -> list[int]:
    width, height = image.size
    at = ((height // 2) * width + width // 2) * 4
    return [round(value * 255) for value in image.pixels[at : at + 4]]


def state(space: Any) -> dict[str, Any]:
    scene, layer = bpy.context.scene, bpy.context.view_layer
    found: dict[str, Any] = {}
    for kind in ("scenes", "objects", "meshes", "cameras", "lights", "worlds", "materials", "collections"):
        found[kind] = sorted(one.name for one in getattr(bpy.data, kind))
    for obj in bpy.data.objects:
        found[obj.name] = (
            str(obj.matrix_world),
            obj.select_get(view_layer=layer),
            obj.users,
            obj.mode,
        )
    found["scene"] = (scene.name, scene.frame_current, scene.camera, scene.render.engine, scene.render.filepath)
    found["view"] = (space.shading.type, space.overlay.show_overlays, space.region_3d.view_perspective)
    found["window"] = bpy.context.window_manager.windows[0].scene
    return found


def begin(ui: Ui, resolution: int = 128) -> None:
    with ui.override(region="UI"):
        assert bpy.ops.tripo.capture_views("INVOKE_DEFAULT", resolution=resolution) == {"RUNNING_MODAL"}


def time_steps() -> list[float]:
    """Time the steps from now on: how long each held the window, in seconds."""
    shots: Any = artist.module("operators.images.studio").Shots
    take_next, held = shots.take_next, []

    def timed(self: Any, context: Any) -> bool:
        began = time.perf_counter()
        try:
            return take_next(self, context)
        finally:
            held.append(time.perf_counter() - began)

    shots.take_next = timed
    return held


def is_capturing(ui: Ui) -> bool:
    return any(one.bl_idname == "TRIPO_OT_capture_views" for one in ui.window.modal_operators)


def leave_in_the_middle(ui: Ui) -> Steps:
    """Action: begin, and press Esc while the background Blender is at work."""
    began: list[Any] = []
    process = artist.module("session.views_process").ViewsProcess
    start = process.__init__

    def noted(self: Any, *arguments: Any) -> None:
        start(self, *arguments)
        began.append(self)

    process.__init__ = noted
    try:
        begin(ui)
        yield ui.wait_until(lambda: began, 30, "the background Blender is at work")
        yield ui.move(*ui.middle())
        yield ui.press("ESC")
        yield ui.wait_until(lambda: not is_capturing(ui), 30, "Esc ends it")
    finally:
        process.__init__ = start
    assert not began[0].is_running()
    assert not list(artist.module("session.paths").home().inputs.iterdir())


def scenario(ui: Ui) -> Steps:
    area, scene = ui.area(), bpy.context.scene
    space: Any = area.spaces.active
    cube: Any = bpy.data.objects["Cube"]
    paint(cube)
    yield from ui.open_sidebar("Tripo")
    settings = scene.tripo
    before = state(space)
    yield from leave_in_the_middle(ui)
    assert state(space) == before and not any(getattr(settings, view).image for view in COLOURS)
    assert not [one.name for one in bpy.data.images if one.name.startswith("Tripo ")]
    held = time_steps()
    for engine in ("BLENDER_WORKBENCH", before["scene"][3]):
        scene.render.engine = engine
        seen = space.region_3d.view_rotation.copy()
        held.clear()
        began = time.monotonic()
        begin(ui, resolution=512)
        if engine != "BLENDER_WORKBENCH":  # EEVEE's scene is the background Blender's work here
            yield 0.5
            yield ui.screenshot("capturing")
            yield artist.orbit(ui)
            assert space.region_3d.view_rotation != seen, "the artist goes on meanwhile"
        yield ui.wait_until(lambda: not is_capturing(ui), 60, "the views are captured")
        seconds = time.monotonic() - began
        ui.record(engine, {"seconds": round(seconds, 1), "held_ms": [round(one * 1000) for one in held if one > 0.005]})
    assert max(held) < seconds / len(COLOURS), "no step holds the window for as long as a view takes"
    colours = {view: middle(getattr(settings, view).image) for view in COLOURS}
    ui.record("colours", colours)
    for view, (_, colour) in COLOURS.items():
        strong = [number for number in range(3) if colour[number] > 0.1]
        weak = [number for number in range(3) if number not in strong]
        assert all(colours[view][i] > colours[view][j] + 30 for i in strong for j in weak), (view, colours[view])
    assert state(space) == before
    yield None  # a pause that follows a long step counts from its beginning
    yield 3.0
    yield gallery.sidebar_image(ui, ui.region("UI", area), "captured-views")

    space.shading.color_type = "MATERIAL"
    for view in ("VIEWPORT", "CAMERA"):
        with ui.override(area, "UI"):
            assert bpy.ops.tripo.take_still("INVOKE_DEFAULT", slot="image", view=view) == {"FINISHED"}
        image: Any = settings.image.image
        assert image.packed_file and image.name == f"Tripo {view.capitalize()} Snapshot"
        image.filepath_raw, image.file_format = str(ui.folder / f"{view}.png"), "PNG"
        image.save()
        yield None
        yield 3.0
        yield ui.screenshot(f"still_{view.lower()}")
    assert state(space) == before
    assert settings.kind == "IMAGE"
