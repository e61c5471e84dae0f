"""Where models will land: boxes with name and percentage, in both themes and at twice the size; gone with the jobs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

from support.ui import artist
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 180, "sandbox": ("--requests-per-minute", "120", "--seconds", "600")}


def theme(name: str) -> None:
    (path,) = [
        Path(folder) / f"{name}.xml"
        for folder in bpy.utils.preset_paths("interface_theme")
        if (Path(folder) / f"{name}.xml").exists()
    ]
    bpy.ops.script.execute_preset(filepath=str(path), menu_idname="USERPREF_MT_interface_theme_presets")


def ask(ui: Ui, prompt: str, place: tuple[float, float, float]) -> None:
    bpy.context.scene.cursor.location = place
    with ui.override():
        bpy.ops.tripo.text_to_3d("EXEC_DEFAULT", prompt=prompt, location="CURSOR")


def scenario(ui: Ui) -> Steps:
    artist.hurry()
    target_box: Any = artist.module("session.overlay")
    assert not target_box.is_drawing(), "nothing is drawn while nothing is asked for"
    for name in ("Camera", "Light"):
        bpy.data.objects.remove(bpy.data.objects[name])
    ui.area().spaces.active.region_3d.view_distance = 9.0
    ask(ui, "a mushroom with a red cap", (0.0, -3.0, 0.0))
    ask(ui, "a very old and very rusty diving helmet", (0.0, -3.0, 0.0))
    ask(ui, "a lantern", (0.0, 1.5, 0.0))
    yield lambda: len(artist.jobs()) == 3 and target_box.is_drawing()
    yield ui.wait_until(lambda: not {"PREPARED", "SUBMITTING"} & set(artist.statuses()), 60, "all are sent")
    yield ui.open_sidebar("Tripo")
    yield 1.0
    yield ui.screenshot("targets-dark")

    space = ui.area().spaces.active
    space.overlay.show_overlays = False
    yield ui.redraw()
    yield ui.screenshot("targets-no-overlays")
    space.overlay.show_overlays = True

    theme("Blender_Light")
    yield ui.redraw()
    yield ui.screenshot("targets-light")
    bpy.context.preferences.view.ui_scale = 2.0
    yield 1.0
    yield ui.redraw()
    yield ui.screenshot("targets-twice-as-large")
    bpy.context.preferences.view.ui_scale = 1.0

    artist.preferences().show_targets = False
    yield 0.5
    yield ui.screenshot("targets-hidden")
    artist.preferences().show_targets = True

    for job in artist.jobs():
        bpy.ops.tripo.cancel_job(job_id=job.job_id)
    yield ui.wait_until(lambda: not target_box.is_drawing(), 10, "the boxes go with the jobs")
    ask(ui, "a last one", (0.0, 0.0, 0.0))
    yield ui.wait_until(target_box.is_drawing, 10, "a box for the last one")
    bpy.ops.preferences.addon_disable(module=artist.MODULE)
    assert not target_box.is_drawing(), "disabled means gone"
    yield ui.redraw()
    bpy.ops.preferences.addon_enable(module=artist.MODULE)
    yield 0.5
