"""Picking a place: the box follows the mouse over surfaces and the ground, a click keeps the place, Esc does not."""

from __future__ import annotations

from typing import Any

import bpy
from mathutils import Vector

from support.ui import artist, buttons
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 240, "sandbox": ("--requests-per-minute", "120", "--seconds", "1")}


def modal_names(ui: Ui) -> list[str]:
    return [operator.bl_idname for operator in ui.window.modal_operators]


def begin(ui: Ui) -> None:
    with ui.override():
        assert bpy.ops.tripo.place_with_mouse("INVOKE_DEFAULT") == {"RUNNING_MODAL"}


def scenario(ui: Ui) -> Steps:
    target_box: Any = artist.module("session.overlay")
    placement: Any = bpy.context.scene.tripo.placement
    ui.area().spaces.active.region_3d.view_distance = 9.0
    cube = bpy.data.objects["Cube"]
    bpy.ops.ed.undo_push(message="Before")
    sidebar = yield ui.open_sidebar("Tripo")
    x, y = ui.middle()

    begin(ui)
    yield ui.move(x - 20, y + 40)
    yield ui.wait_until(lambda: target_box._Shown.preview is not None, 5, "a box under the mouse")
    yield ui.press("N")
    yield 0.3
    yield ui.screenshot("place-on-surface")
    yield ui.press("ESC")
    yield 0.3
    assert placement.location == "CURSOR" and "TRIPO_OT_place_with_mouse" not in modal_names(ui)
    assert not target_box.is_drawing(), "Esc gives everything back"

    begin(ui)
    yield ui.move(x - 350, y - 200)
    yield ui.press("R")
    yield 0.3
    yield ui.screenshot("place-on-ground")
    yield ui.click(x - 350, y - 200)
    yield ui.wait_until(lambda: placement.location == "POINT", 5, "the click keeps the place")
    assert abs(placement.point[2]) < 1e-4 and abs(placement.point[0]) + abs(placement.point[1]) > 1.5
    assert placement.facing == "POS_Y" and not placement.use_normal
    assert not target_box.is_drawing()

    begin(ui)
    yield ui.move(x - 20, y + 40)
    yield ui.press("N")
    yield ui.click(x - 20, y + 40)
    yield 0.3
    on_cube = cube.matrix_world.inverted() @ Vector(placement.point)
    assert max(abs(one) for one in on_cube) < 1.001, "a point of the cube's surface"
    assert max(abs(one) for one in on_cube) > 0.999
    assert placement.use_normal and abs(sum(one * one for one in placement.normal) - 1.0) < 1e-4
    yield ui.move(*ui.middle())
    yield ui.press("Z", ctrl=True)
    yield 0.5
    placement = bpy.context.scene.tripo.placement
    assert abs(placement.point[2]) < 1e-4, "one undo takes one pick back"
    yield from place_a_model(ui, sidebar, target_box)


def place_a_model(ui: Ui, sidebar: Any, target_box: Any) -> Steps:
    """Action: place a finished model of the list with the mouse: Esc leaves all as it is, a click drops it."""
    artist.hurry()
    artist.ask(ui, "a red rocket")
    yield ui.wait_until(artist.collections, 60, "the model")
    yield ui.wait_until(lambda: artist.jobs()[0].thumbnail, 60, "its image")
    ui.area().spaces.active.region_3d.view_distance = 9.0  # the first model was framed
    yield ui.click(sidebar.x + 100, sidebar.y + sidebar.height - 16)  # the list needs the room
    yield 0.5
    x, y = ui.middle()
    for ends_with in ("ESC", ""):
        yield from buttons.click(ui, sidebar, "tripo.place_with_mouse(job_id")
        yield from ui.move(x - 300, y - 150)
        yield ui.wait_until(lambda: target_box._Shown.preview is not None, 5, "a box under the mouse")
        yield from ui.move(x - 310, y - 160)
        corners = [Vector(corner) for corner in target_box._Shown.preview.corners]
        yield ui.screenshot("place-a-model")
        if ends_with:
            yield from ui.press(ends_with)
            yield 0.3
            assert len(artist.collections()) == 1 and not target_box.is_drawing()
    yield from ui.click(x - 310, y - 160)
    yield ui.wait_until(lambda: len(artist.collections()) == 2, 10, "the click drops the model")
    copy = max(artist.collections(), key=lambda one: one.session_uid)
    middle = sum(corners, Vector()) / 8
    found = [one.matrix_world @ Vector(corner) for one in copy.all_objects for corner in one.bound_box]
    assert (sum(found, Vector()) / len(found) - middle).length < 0.05, "the model stands where its box was"
    yield ui.screenshot("place-a-model-placed")
    yield artist.undo(ui)
    yield ui.wait_until(lambda: len(artist.collections()) == 1, 5, "one undo takes it back")
