"""Drawing the extension's panels without a window: whichever there are, through the stand-in for Blender's layout."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import bpy

from .layout import Drawn, Layout

WIDE = 4000
"""Pixels: a sidebar in which no sentence breaks."""


def context(width: int = WIDE) -> Any:
    """A context with what the panels ask for."""
    preferences = bpy.context.preferences
    return SimpleNamespace(
        scene=bpy.context.scene,
        window_manager=bpy.context.window_manager,
        object=None,
        space_data=None,
        selected_objects=list(bpy.context.selected_objects),
        active_object=bpy.context.view_layer.objects.active,
        region=SimpleNamespace(width=width),
        preferences=SimpleNamespace(
            addons=preferences.addons,
            system=SimpleNamespace(ui_scale=1.0),
            ui_styles=[SimpleNamespace(widget=SimpleNamespace(points=11.0))],
        ),
    )


def panels(extension: str) -> list[Any]:
    """The registered panels of the sidebar's tab."""
    found: list[Any] = []
    waiting: list[Any] = list(bpy.types.Panel.__subclasses__())
    while waiting:
        panel = waiting.pop()
        waiting += panel.__subclasses__()
        if panel.__module__.startswith(extension) and getattr(panel, "bl_region_type", "") == "UI":
            found.append(panel)
    return sorted((one for one in found if hasattr(bpy.types, one.__name__)), key=lambda one: one.__name__)


def draw(panel: Any, width: int = WIDE) -> list[Drawn]:
    """What one panel draws; nothing when its poll says no."""
    drawn: list[Drawn] = []
    here = context(width)
    if not hasattr(panel, "poll") or panel.poll(here):
        panel.draw(SimpleNamespace(layout=Layout(drawn), group=getattr(panel, "group", None)), here)
    return drawn


def draw_all(extension: str, width: int = WIDE) -> list[Drawn]:
    """What the whole tab draws."""
    return [one for panel in panels(extension) for one in draw(panel, width)]


def labels(drawn: list[Drawn]) -> list[str]:
    """The texts of the labels."""
    return [one.text for one in drawn if one.function == "label"]


def operators(drawn: list[Drawn]) -> dict[str, Drawn]:
    """The buttons by the name of their operator; of several with one name, the last."""
    return {one.arguments["operator"]: one for one in drawn if one.function == "operator"}


def property_of(drawn: list[Drawn], name: str) -> list[Drawn]:
    """Where a property was drawn."""
    return [one for one in drawn if one.function == "prop" and one.arguments["property"] == name]
