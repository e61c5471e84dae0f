"""Picking a place: the box follows the mouse over surfaces and the ground, a click keeps the place, Esc does not."""

from __future__ import annotations

from typing import Any

import bpy
from mathutils import Vector

from support.ui import artist
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 120}


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
    yield ui.open_sidebar("Tripo")
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
