"""The images of the documentation, taken alike in several looks: scale, theme, width, language. Runs in Blender."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

from . import artist
from .inside import Steps, Ui

PROMPTS = ("a rocket", "a mushroom with a red cap")


def clear_scene() -> None:
    """Take the default objects away and show textures."""
    for name in ("Cube", "Camera", "Light"):
        bpy.data.objects.remove(bpy.data.objects[name])
    areas: Any = bpy.context.window_manager.windows[0].screen.areas
    for area in areas:
        if area.type == "VIEW_3D":
            space = area.spaces.active
            space.shading.color_type = "TEXTURE"
            space.region_3d.view_distance = 6.0
            space.region_3d.view_location = (0.6, 0.0, 0.4)


def fill_scene(ui: Ui) -> Steps:
    """Action: a few jobs as they are after a while of work, the last one still running; ends when that one runs."""
    artist.hurry()
    clear_scene()
    scene = bpy.context.scene
    for number, prompt in enumerate(PROMPTS):
        scene.cursor.location = (1.6 * number - 0.8, 0.0, 0.0)
        generate(ui, prompt)
        yield ui.wait_until(lambda wanted=number + 1: len(artist.collections()) == wanted, 90, f"the model: {prompt}")
    ui.sandbox.add_fault("status", "failed", reason="The prompt was refused by the content filter")
    generate(ui, "a lighthouse on a cliff")
    yield ui.wait_until(lambda: "FAILED" in artist.statuses(), 60, "the failed job")
    ui.sandbox.settings(seconds=60)
    scene.cursor.location = (2.4, 0.0, 0.0)
    generate(ui, "a steam locomotive")
    yield ui.wait_until(lambda: any(job.task_id and job.status in ("QUEUED", "RUNNING") for job in artist.jobs()), 60)
    ui.sandbox.advance(25)
    yield ui.wait_until(lambda: any(0 < job.progress < 90 for job in artist.jobs()), 90, "progress")
    scene.tripo.prompt = "a brass pocket watch, engraved"


def generate(ui: Ui, prompt: str) -> None:
    """Press Generate as the panel does, for what the panel shows."""
    bpy.context.scene.tripo.prompt = prompt
    with ui.override():
        operators: Any = bpy.ops
        operators.tripo.text_to_3d("INVOKE_DEFAULT", use_scene_settings=True)


def use_light_theme() -> None:
    """Blender's own light theme."""
    (folder,) = (Path(path) for path in bpy.utils.preset_paths("interface_theme") if (Path(path)).is_dir())
    light = next(path for path in folder.glob("*.xml") if "light" in path.stem.lower())
    bpy.ops.script.execute_preset(filepath=str(light), menu_idname="USERPREF_MT_interface_theme_presets")


def use_scale(scale: float) -> None:
    """The interface's resolution scale."""
    bpy.context.preferences.view.ui_scale = scale


def use_language(code: str) -> None:
    """The interface's language, everything translated."""
    view = bpy.context.preferences.view
    view.language = code
    view.use_translate_interface = view.use_translate_tooltips = True


def window_image(ui: Ui, name: str) -> Steps:
    """Action: an image of the whole window, nothing below the mouse."""
    yield ui.move(*ui.middle())
    yield ui.redraw()
    yield ui.screenshot(name)


def sidebar_image(ui: Ui, sidebar: Any, name: str) -> Steps:
    """Action: an image of the sidebar alone."""
    yield ui.move(*ui.middle())
    yield ui.redraw()
    yield ui.screenshot(name, crop=(sidebar.x, sidebar.y, sidebar.width, sidebar.height))
