"""Boxes become a set: the sidebar's button opens the table, a prompt is typed in it, the models land in their places;
one is made from its own views, a copy is an instance."""

from __future__ import annotations

from typing import Any

import bpy
from mathutils import Vector

from support.ui import artist, buttons
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 240, "sandbox": ("--requests-per-minute", "120", "--seconds", "600")}


def make_blockout(ui: Ui) -> None:
    """A crate with a linked copy, a lamp, and a cube that says nothing by its name; all selected."""
    for name in ("Cube", "Camera", "Light"):
        bpy.data.objects.remove(bpy.data.objects[name])
    for name, x, size in (("crate", -3.0, (1, 1, 1)), ("SM_StreetLamp", 0.0, (0.6, 0.6, 3)), ("Cube", 3.0, (2, 1, 1))):
        bpy.ops.mesh.primitive_cube_add(size=1.0, location=(0, x, size[2] / 2))
        one: Any = bpy.context.object
        one.name, one.scale = name, size
    copy = bpy.data.objects["crate"].copy()
    copy.location.x, copy.rotation_euler.z = -2.5, 0.6
    bpy.context.scene.collection.objects.link(copy)
    bpy.ops.object.select_all(action="SELECT")
    ui.area().spaces.active.region_3d.view_distance = 11.0
    bpy.context.scene.render.engine = "BLENDER_WORKBENCH"
    bpy.ops.ed.undo_push(message="blocked out")


def standing_in(name: str) -> list[Any]:
    """The models about the middle of a placeholder."""
    place = bpy.data.objects[name].matrix_world.translation
    found = []
    for model in artist.collections():
        corners = [one.matrix_world @ Vector(corner) for one in model.all_objects for corner in one.bound_box]
        middle = sum(corners, Vector()) / max(1, len(corners))
        if (middle - place).to_2d().length < 0.2:
            found.append(model)
    return found


def sent(ui: Ui) -> dict[str, str]:
    """What was sent: the endpoint by the prompt, or the first view's name."""
    return {one["parameters"].get("prompt", "views"): one["endpoint"] for one in ui.sandbox.state()["submissions"]}


def scenario(ui: Ui) -> Steps:
    artist.hurry()
    names = ("Cube", "SM_StreetLamp", "crate", "crate.001")
    with ui.override():
        make_blockout(ui)
    # As a table of an earlier day, saved with the file, has it.
    bpy.data.objects["SM_StreetLamp"]["tripo_blockout"] = {"prompt": "street lamp", "kind": "MULTIVIEW", "at": 1.0}
    bpy.context.scene.tripo.style = "weathered oak"
    sidebar = yield ui.open_sidebar("Tripo")
    yield ui.screenshot("blockout-boxes")
    yield buttons.click(ui, sidebar, "tripo.generate_for_selected")
    yield 1.0
    yield ui.screenshot("blockout-asks")
    yield ui.type_text("a stone well")  # the cursor is in the prompt that is missing
    yield ui.press("RET")
    yield 0.5
    yield ui.screenshot("blockout-table")
    assert not artist.jobs(), "the table sends nothing by itself"
    yield ui.press("RET")
    yield ui.wait_until(lambda: len(artist.jobs()) == 3, 60, "three jobs for four boxes, after the views are captured")
    yield ui.wait_until(lambda: len(sent(ui)) == 3, 30, "they are sent")
    assert sent(ui) == {
        "a stone well, weathered oak": "text-to-3d",
        "crate, weathered oak": "text-to-3d",
        "views": "multiview-to-3d",
    }, sent(ui)
    assert not [one.name for one in bpy.data.images if one.name.startswith("Tripo ")], "no image is left of the views"
    yield ui.redraw()
    yield ui.screenshot("blockout-coming")
    yield buttons.click(ui, sidebar, "tripo.generate_for_selected")
    yield 1.0
    yield ui.screenshot("blockout-under-way")
    yield ui.press("RET")
    yield 0.5
    ui.sandbox.finish()
    yield ui.wait_until(lambda: len(artist.collections()) == 4, 90, "four models")
    yield ui.wait_until(lambda: set(artist.statuses()) == {"IMPORTED"}, 30, "the list knows")
    assert [len(standing_in(name)) for name in names] == [1] * 4
    assert all(bpy.data.objects[name].hide_viewport for name in names)
    yield ui.redraw()
    yield ui.screenshot("blockout-set")
    yield artist.undo(ui)
    yield ui.wait_until(lambda: len(artist.collections()) < 4, 10, "one undo takes the last model")
    yield artist.undo(ui, redo=True)
    yield ui.wait_until(lambda: len(artist.collections()) == 4, 10, "and brings it back")
    assert len(ui.sandbox.state()["submissions"]) == 3, "the second table sent nothing"
