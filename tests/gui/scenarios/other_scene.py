"""A model goes into the scene that asked for it, whichever scene the window shows by then."""

from __future__ import annotations

from typing import Any

import bpy

from support.ui import artist
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 120, "sandbox": ("--requests-per-minute", "120", "--seconds", "2")}


def scenario(ui: Ui) -> Steps:
    artist.hurry()
    asked, shown = bpy.context.scene.name, "Elsewhere"
    bpy.context.scene.cursor.location = (1.0, 2.0, 3.0)
    artist.ask(ui, "a sword")
    other = bpy.data.scenes.new(shown)
    ui.window.scene = other
    with ui.override():
        bpy.ops.mesh.primitive_cone_add()
        bpy.ops.ed.undo_push(message="Before")
    before = state(ui)
    yield ui.wait_until(artist.collections, 60, "the model")
    (model,) = artist.collections()
    assert model.name in bpy.data.scenes[asked].collection.children["Tripo"].children
    tops = [one for one in model.all_objects if one.parent is None]
    assert tops and all(one.name in bpy.data.scenes[asked].objects for one in tops)
    assert (tops[0].location.x, tops[0].location.y) == (1.0, 2.0), "at the cursor of the scene that asked"
    assert state(ui) == before

    yield artist.undo(ui)
    yield ui.wait_until(lambda: not artist.collections(), 10, "one undo takes the model away")
    assert state(ui) == before
    yield artist.undo(ui, redo=True)
    yield ui.wait_until(artist.collections, 10, "redo brings it back")
    assert artist.collections()[0].name in bpy.data.scenes[asked].collection.children["Tripo"].children
    assert state(ui) == before


def state(ui: Ui) -> dict[str, Any]:
    """What the window shows."""
    scene: Any = ui.window.scene
    return {
        "scene": scene.name,
        "objects": sorted(one.name for one in scene.objects),
        "collections": [one.name for one in scene.collection.children],
        "selected": [one.name for one in scene.objects if one.select_get(view_layer=ui.window.view_layer)],
        "active": ui.window.view_layer.objects.active.name,
    }
