"""A model arrives in Sculpt Mode and in Texture Paint Mode, in the middle of the work, and changes nothing of it."""

from __future__ import annotations

from typing import Any

import bpy

from support.ui import artist
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 150, "sandbox": ("--requests-per-minute", "120", "--seconds", "2")}


def state(mode: str) -> dict[str, Any]:
    """What the artist has chosen, in words that outlive an undo."""
    layer: Any = bpy.context.view_layer
    settings: Any = bpy.context.tool_settings
    brush = (settings.sculpt if mode == "SCULPT" else settings.image_paint).brush
    return {
        "active": layer.objects.active.name,
        "mode": layer.objects.active.mode,
        "selected": [one.name for one in layer.objects if one.select_get()],
        "tool": bpy.context.workspace.tools.from_space_view3d_mode(bpy.context.mode).idname,
        "brush": brush and brush.name,
    }


def prepare() -> None:
    """A ball that can be sculpted and painted on, in front of the view."""
    for name in ("Cube", "Camera", "Light"):
        bpy.data.objects.remove(bpy.data.objects[name])
    bpy.ops.mesh.primitive_ico_sphere_add(subdivisions=5, radius=2.0, calc_uvs=True)
    canvas = bpy.data.images.new("Canvas", 64, 64)
    paint: Any = bpy.context.tool_settings.image_paint
    paint.mode, paint.canvas = "IMAGE", canvas


def give_brush(mode: Any) -> None:
    """A brush of this file: since 4.3 they come from a library, which distributions leave out."""
    if bpy.app.version >= (4, 3):
        brush: Any = bpy.data.brushes.new(f"Mine {mode}", mode=mode)
        brush.asset_mark()
        brush.color = (1.0, 0.0, 0.0)
        activate: Any = bpy.ops.brush.asset_activate
        activate(asset_library_type="LOCAL", relative_asset_identifier=f"Brush/{brush.name}")
    settings: Any = bpy.context.tool_settings
    for owner in (settings, settings.image_paint):  # the latter since 5.0
        if hasattr(owner, "unified_paint_settings"):
            owner.unified_paint_settings.color = (1.0, 0.0, 0.0)


def heights() -> float:
    """A number that changes when the ball is sculpted."""
    mesh: Any = bpy.data.objects["Icosphere"].data
    return round(sum(vertex.co.length for vertex in mesh.vertices), 4)


def colours() -> float:
    """A number that changes when the canvas is painted on."""
    image: Any = bpy.data.images["Canvas"]
    return round(sum(image.pixels[:]), 4)


def scenario(ui: Ui) -> Steps:
    artist.hurry()
    with ui.override():
        prepare()
    looks: tuple[tuple[Any, Any], ...] = (("SCULPT", heights), ("TEXTURE_PAINT", colours))
    for number, (mode, look) in enumerate(looks, 1):
        with ui.override():
            bpy.ops.object.mode_set(mode=mode)
            give_brush(mode)
            bpy.ops.ed.undo_push(message="Before")
        yield ui.redraw()
        yield from work(ui, number, mode, look)
        with ui.override():
            bpy.ops.object.mode_set(mode="OBJECT")
        assert len(artist.collections()) == number, "it outlives leaving the mode"
    # Blender's own brushes may be linked (5.2's distribution brings them); nothing of ours may.
    libraries = [bpy.path.abspath(one.filepath) for one in bpy.data.libraries]
    ui.record("libraries", libraries)
    home = str(artist.module("session.paths").home().root)
    assert not [path for path in libraries if path.startswith(home)]


def work(ui: Ui, number: int, mode: str, look: Any) -> Steps:
    """Ask, hold a stroke until the model is there, let go; the model comes then, and undo and redo go through both."""
    before, untouched = state(mode), look()
    artist.ask(ui, f"a sword {number}")
    yield artist.drag(ui, *ui.middle(), hide_good_answer=False)
    yield ui.wait_until(lambda: any("waiting for" in job.message for job in artist.jobs()), 60, "the row's message")
    ui.record(f"{mode} message", [job.message for job in artist.jobs()])
    assert len(artist.collections()) == number - 1, "nothing arrives in the middle of a stroke"
    x, y = ui.middle()
    ui.window.event_simulate(type="LEFTMOUSE", value="RELEASE", x=x, y=y)
    yield ui.wait_until(lambda: len(artist.collections()) == number, 60, "the model after the stroke")
    assert state(mode) == before
    worked = look()
    assert worked != untouched, "the stroke is there"
    yield 0.5
    yield ui.screenshot(f"arrived-in-{mode.lower()}")

    yield artist.undo(ui)
    yield ui.wait_until(lambda: len(artist.collections()) == number - 1, 10, "one undo takes the model away")
    assert look() == worked and state(mode) == before, "and only that"
    yield artist.undo(ui, redo=True)
    yield ui.wait_until(lambda: len(artist.collections()) == number, 10, "redo brings it back")
    yield artist.undo(ui)
    yield ui.wait_until(lambda: len(artist.collections()) == number - 1, 10, "undo takes it away again")
    steps = 1
    while look() != untouched:  # a mode whose steps hold strokes alone has one between the stroke and the model
        assert steps < 4, "further undo takes the stroke back"
        yield artist.undo(ui)
        yield 0.5
        steps += 1
    assert state(mode) == before
    for _ in range(steps):
        yield artist.undo(ui, redo=True)
        yield 0.3
    yield ui.wait_until(lambda: len(artist.collections()) == number and look() == worked, 10, "both are there again")
    assert state(mode) == before
