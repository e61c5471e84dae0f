"""Placement and Delivery with all that they can show: both themes, the usual and a narrow width."""

from __future__ import annotations

from typing import Any

import bpy

from support.ui import artist, buttons, gallery
from support.ui.inside import Steps, Ui

OPTIONS = {"timeout": 150}
FIRST_HEADER, HEADER = 38, 26
"""Pixels from the button down to the header of Input, and from each header to the next."""


def fold(ui: Ui, sidebar: Any) -> Steps:
    """Action: open both; a header cannot be asked for, it stands below what can."""
    _, y = yield from buttons.find(ui, sidebar, "use_scene_settings=True")
    for number in (4, 3):  # the lower one first: it moves nothing
        yield from ui.click(sidebar.x + 80, y - FIRST_HEADER - number * HEADER)
        yield 0.5


def choose(**values: Any) -> None:
    """Set fields of the scene's placement."""
    placement: Any = getattr(bpy.context.scene, "tripo").placement  # noqa: B009 - of the extension
    for name, value in values.items():
        setattr(placement, name, value)


def scenario(ui: Ui) -> Steps:
    sidebar = yield ui.open_sidebar("Tripo")
    scene: Any = bpy.context.scene
    scene.tripo.prompt = "a brass pocket watch"
    yield ui.redraw()
    yield from fold(ui, sidebar)
    yield from buttons.find(ui, sidebar, "tripo.placement.facing", right=-60)
    yield from buttons.find(ui, sidebar, "tripo.placement.separate", right=-60)
    yield gallery.sidebar_image(ui, sidebar, "placement")
    choose(location="POINT", fit="METRES", merge=True, smooth=True, parent=True, facing="NEG_Y")
    yield ui.redraw()
    yield 1.0  # panels move to their new places
    yield gallery.sidebar_image(ui, sidebar, "placement-all")
    choose(placeholder=bpy.data.objects["Cube"])
    gallery.use_light_theme()
    yield gallery.sidebar_image(ui, sidebar, "placement-light")
    yield artist.pull_sidebar(ui, sidebar, 90)
    yield gallery.sidebar_image(ui, sidebar, "placement-narrow")
