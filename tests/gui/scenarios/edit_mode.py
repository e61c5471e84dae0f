"""A model that arrives in Edit Mode steals neither mode nor selection, and is one undo step."""

from __future__ import annotations

import bpy

from support.ui import artist
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 120, "sandbox": ("--requests-per-minute", "120", "--seconds", "2")}


def scenario(ui: Ui) -> Steps:
    artist.hurry()
    with ui.override():
        bpy.ops.object.mode_set(mode="EDIT")
        bpy.ops.ed.undo_push(message="Into Edit Mode")
        bpy.ops.tripo.text_to_3d("EXEC_DEFAULT", prompt="a sword")
    yield ui.wait_until(artist.collections, 60, "the model")
    assert bpy.context.mode == "EDIT_MESH"
    cube = bpy.data.objects["Cube"]
    assert bpy.context.view_layer.objects.active == cube
    assert [obj for obj in bpy.context.view_layer.objects if obj.select_get()] == [cube]
    (model,) = artist.collections()
    assert all(not obj.select_get() for obj in model.all_objects)
    yield ui.move(*ui.middle())
    yield ui.press("Z", ctrl=True)
    yield ui.wait_until(lambda: not artist.collections(), 10, "one undo takes it away")
    assert bpy.context.mode == "EDIT_MESH"
    yield ui.press("Z", ctrl=True, shift=True)
    yield ui.wait_until(artist.collections, 10, "redo brings it back")
    with ui.override():
        bpy.ops.mesh.subdivide()
        bpy.ops.object.mode_set(mode="OBJECT")
    assert len(bpy.data.objects["Cube"].data.polygons) == 24, "Edit Mode went on working"
