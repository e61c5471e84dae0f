"""The tab at three widths, three scales, in both themes and in two languages, then every fold open: to be looked at."""

from __future__ import annotations

from typing import Any

import bpy

from support.ui import artist, gallery
from support.ui.inside import Steps, Ui

OPTIONS = {
    "timeout": 600,
    "own_test": True,
    "sandbox": ("--requests-per-minute", "120", "--seconds", "3", "--variety", "plain"),
}
WIDTHS = (291, 220, 400)
"""Pixels of the sidebar at an interface scale of 1, first the one that nobody has pulled."""
SCALES = (1.0, 1.5, 2.0)
LONG = "a weathered bronze statue of an owl reading a book, standing on a mossy stone pedestal, verdigris in the folds"
PAGES = 4
"""Images of a sidebar that is longer than the window."""


def scenario(ui: Ui) -> Steps:
    sidebar = yield ui.open_sidebar("Tripo")
    yield gallery.fill_scene(ui)
    settings: Any = bpy.context.scene.tripo  # type: ignore[attr-defined]
    settings.prompt = LONG
    made = artist.collections()[0].objects[0]
    made.select_set(True)
    bpy.context.view_layer.objects.active = made
    for width in WIDTHS:
        if sidebar.width != width:
            yield artist.pull_sidebar(ui, sidebar, sidebar.width - width)
        for theme in ("dark", "light"):
            if theme == "light":
                gallery.use_light_theme()
            for language in ("en_US", "zh_HANS"):
                gallery.use_language(language)
                for scale in SCALES:
                    gallery.use_scale(scale)
                    yield gallery.sidebar_image(ui, sidebar, f"look-{width}-{scale:g}x-{theme}-{language}")
        bpy.ops.preferences.reset_default_theme()
        gallery.use_language("en_US")
        gallery.use_scale(1.0)
        yield ui.redraw()
    yield from every_fold(ui)
    yield from preferences(ui)


def every_fold(ui: Ui) -> Steps:
    """Action: images of the whole tab with all folds open, in a workspace whose sidebar was not drawn yet."""
    open_folds()
    ui.window.workspace = bpy.data.workspaces["Modeling"]
    yield 1.0
    sidebar = yield ui.open_sidebar("Tripo")
    settings: Any = bpy.context.scene.tripo  # type: ignore[attr-defined]
    for width in WIDTHS[:2]:
        if sidebar.width != width:
            yield artist.pull_sidebar(ui, sidebar, sidebar.width - width)
        for kind in ("TEXT", "IMAGE", "MULTIVIEW"):
            settings.kind = kind
            yield from pages(ui, sidebar, f"folds-{width}-{kind.lower()}")


def open_folds() -> None:
    """Let the folds of the tab begin open: Blender asks for that when it first draws a panel."""
    folds = [one for one in bpy.types.Panel.__subclasses__() if getattr(one, "bl_parent_id", "") == "TRIPO_PT_generate"]
    for one in folds:
        bpy.utils.unregister_class(one)
        one.bl_options = set()
        bpy.utils.register_class(one)


def pages(ui: Ui, sidebar: Any, name: str) -> Steps:
    """Action: images of the whole of a sidebar, from its top down; it is at its top again afterwards."""
    x, y = sidebar.x + sidebar.width // 2, sidebar.y + sidebar.height // 2
    yield ui.redraw()  # panels slide to their place, on a busy machine for longer than one redraw
    for number in range(PAGES):
        yield ui.redraw()
        yield ui.screenshot(f"{name}-{number + 1}", crop=(sidebar.x, sidebar.y, sidebar.width, sidebar.height))
        yield from ui.move(x, y)
        for _ in range(12):
            yield from ui.press("WHEELDOWNMOUSE")
    for _ in range(12 * PAGES):
        yield from ui.press("WHEELUPMOUSE")


def preferences(ui: Ui) -> Steps:
    """Action: images of the preferences, in the place of the 3D view."""
    area = ui.area()
    area.type = "PREFERENCES"
    bpy.context.preferences.active_section = "ADDONS"
    bpy.context.window_manager.addon_search = "Tripo"  # type: ignore[attr-defined]
    bpy.ops.preferences.addon_expand(module=artist.MODULE)
    yield ui.redraw()
    for number in range(2):
        yield ui.redraw()
        yield ui.screenshot(f"look-preferences-{number + 1}")
        yield from ui.move(*ui.middle(ui.region("WINDOW", area)))
        for _ in range(12):
            yield from ui.press("WHEELDOWNMOUSE")
