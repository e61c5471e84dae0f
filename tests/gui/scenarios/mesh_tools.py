"""Suzanne with a modifier and an armature: textured, undone, shown in two looks, segmented, rebuilt with quads."""

from __future__ import annotations

from typing import Any

import bpy

from support.ui import artist, buttons
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 300, "sandbox": ("--requests-per-minute", "120", "--seconds", "1")}


def make_suzanne() -> Any:
    """A monkey that an armature and another modifier deform, alone in the scene."""
    bpy.data.objects.remove(bpy.data.objects["Cube"])
    bpy.ops.object.armature_add()
    rig: Any = bpy.context.object
    bpy.ops.mesh.primitive_monkey_add(location=(0.5, 0.3, 0.2))
    suzanne: Any = bpy.context.object
    suzanne.name = "Suzanne"
    suzanne.modifiers.new("Cast", "CAST").factor = 0.2
    suzanne.modifiers.new("Armature", "ARMATURE").object = rig
    suzanne.parent = rig
    return suzanne


def what_stays(suzanne: Any) -> Any:
    """All of it that no texture may change."""
    bpy.context.view_layer.update()
    return (
        [(one.name, one.type) for one in suzanne.modifiers],
        suzanne.parent.name,
        [round(value, 5) for row in suzanne.matrix_world for value in row],
        len(suzanne.data.polygons),
    )


def look_of(name: str) -> Any:
    """Its materials and UV maps; asked by name, because undo makes new data."""
    mesh: Any = bpy.data.objects[name].data
    return [one.name for one in mesh.materials if one], [one.name for one in mesh.uv_layers]


def use(ui: Ui, tool: str, **arguments: Any) -> Steps:
    """Action: use a mesh tool as a script in the window would, and wait for its result."""
    before = len(artist.jobs())
    with ui.override():
        getattr(bpy.ops.tripo, tool)("EXEC_DEFAULT", **arguments)
    yield from ui.wait_until(lambda: len(artist.jobs()) > before, 20, "the press made a job")
    yield from ui.wait_until(lambda: set(artist.statuses()) == {"IMPORTED"}, 60, f"{tool} has come")


def ask_first(ui: Ui, sidebar: Any) -> Steps:
    """Action: texture it by the dialog, with a price that is asked about, and wait for the look."""
    artist.preferences().ask_above = 10
    with ui.override():
        bpy.ops.tripo.texture_model("INVOKE_DEFAULT", prompt="red iron")
    yield 0.8
    yield ui.press("RET")
    yield 0.8
    yield ui.screenshot("mesh-question")
    assert not artist.jobs(), "nothing is sent before the answer"
    yield ui.press("RET")
    yield ui.wait_until(artist.jobs, 20, "the answer made a job")
    yield ui.wait_until(lambda: set(artist.statuses()) == {"IMPORTED"}, 60, "the look has come")
    artist.preferences().ask_above = 1000


def select_part(ui: Ui) -> Steps:
    """Action: select a part with the mouse, as any object."""
    with ui.override():
        bpy.ops.object.select_all(action="DESELECT")
        for part in bpy.data.collections["Parts of Suzanne"].all_objects:
            part.select_set(part.type == "MESH")
        bpy.ops.view3d.view_selected(use_all_regions=False)
        bpy.ops.object.select_all(action="DESELECT")
    yield ui.redraw()
    yield ui.click(*ui.middle())
    yield ui.redraw()
    (chosen,) = bpy.context.selected_objects
    assert chosen.parent is not None and chosen.parent.name == "Parts of Suzanne", chosen.name
    yield ui.screenshot("mesh-part-selected")


def scenario(ui: Ui) -> Steps:
    artist.hurry()
    ui.sandbox.settings(topology="same")
    with ui.override():
        suzanne = make_suzanne()
        bpy.ops.ed.undo_push(message="made")
    sidebar = yield ui.open_sidebar("Tripo")
    kept, plain = what_stays(suzanne), look_of("Suzanne")
    yield from buttons.find(ui, sidebar, "tripo.texture_model")
    yield ui.screenshot("mesh-panel", crop=(sidebar.x, sidebar.y, sidebar.width, sidebar.height))
    yield from buttons.click(ui, sidebar, "tripo.texture_model")
    yield 0.8
    yield ui.screenshot("mesh-texture-dialog")
    yield from ui.move(sidebar.x, sidebar.y + sidebar.height // 2)  # into the dialog, which takes keys only there
    yield from ui.press("ESC")
    yield ui.redraw()

    yield ask_first(ui, sidebar)
    rusty = look_of("Suzanne")
    assert rusty != plain and rusty[0], "new materials on the same object"
    stays = what_stays(bpy.data.objects["Suzanne"])
    assert stays == kept, (stays, kept)
    yield artist.undo(ui)
    yield ui.wait_until(lambda: look_of("Suzanne") == plain, 10, "one undo, and it is as before")
    assert what_stays(bpy.data.objects["Suzanne"]) == kept
    yield artist.undo(ui, redo=True)
    yield ui.wait_until(lambda: look_of("Suzanne") == rusty, 10, "and again with the look")

    yield use(ui, "texture_model", prompt="green moss")
    assert look_of("Suzanne")[0] != rusty[0]
    with ui.override():
        bpy.ops.tripo.set_variant(object="Suzanne", look=1)
    assert look_of("Suzanne")[0] == rusty[0]
    yield ui.redraw()
    yield ui.screenshot("mesh-looks")

    yield use(ui, "mesh_segmentation", object="Suzanne")
    assert bpy.data.objects["Suzanne"].hide_viewport
    yield ui.screenshot("mesh-parts")
    yield select_part(ui)
    bpy.data.objects["Suzanne"].hide_viewport = False
    yield use(
        ui,
        "convert_model",
        object="Suzanne",
        format="FBX",
        quad=True,
        face_limit=2000,
        import_result=True,
        filepath=str(ui.folder / "quads.fbx"),
    )
    made: Any = bpy.data.objects["Suzanne_retopo"].data
    sides = [len(one.vertices) for one in made.polygons]
    assert sides and sides.count(4) >= 0.95 * len(sides)
    yield ui.redraw()
    yield ui.screenshot("mesh-quads")
