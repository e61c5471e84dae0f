"""A model that arrives in Edit Mode steals neither mode nor selection."""

from __future__ import annotations

import bpy

from support import artist
from support.ui import Steps, Ui

OPTIONS = {"timeout": 120, "sandbox": ("--requests-per-minute", "120", "--seconds", "2")}


def scenario(ui: Ui) -> Steps:
    artist.hurry()
    with ui.override():
        bpy.ops.object.mode_set(mode="EDIT")
        bpy.ops.tripo.text_to_3d("EXEC_DEFAULT", prompt="a sword")
    yield ui.wait_until(artist.collections, 60, "the model")
    assert bpy.context.mode == "EDIT_MESH"
    cube = bpy.data.objects["Cube"]
    assert bpy.context.view_layer.objects.active == cube
    assert [obj for obj in bpy.context.view_layer.objects if obj.select_get()] == [cube]
    (model,) = artist.collections()
    assert all(not obj.select_get() for obj in model.all_objects)
    with ui.override():
        bpy.ops.mesh.subdivide()
        bpy.ops.object.mode_set(mode="OBJECT")
    assert len(cube.data.polygons) == 24, "Edit Mode went on working"
