"""The head of the tab: a welcome while the key is missing, what to make the model from, and with what."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.types import Context, Panel, UILayout

from ..client.schema import ENDPOINTS, Group, Kind
from ..parameter_props import draw_parameters
from ..preferences import KEY_PAGE, base_package, get_preferences, has_key, online_problem
from .base import TripoPanel, chosen
from .wrapping import draw_wrapped

_OWN_ROWS = frozenset({"prompt", "negative_prompt"})
"""Texts get the whole width."""


class TRIPO_PT_generate(TripoPanel, Panel):
    """What to make and how."""

    bl_label = "Generate"

    def draw(self, context: Context) -> None:
        """Draw the welcome or the mode row."""
        layout = self.layout
        if not has_key(context):
            _draw_welcome(layout, context)
        elif online_problem():
            _draw_offline(layout, context)
        settings = context.scene.tripo
        layout.row(align=True).prop(settings, "kind", expand=True)
        split = layout.column()
        split.use_property_split = True
        split.use_property_decorate = False
        split.prop(settings, "model_version")


class TRIPO_PT_input(TripoPanel, Panel):
    """Prompt or pictures."""

    bl_label = "Input"
    bl_parent_id = "TRIPO_PT_generate"

    def draw(self, context: Context) -> None:
        """Draw the prompt or the picture slots, then the options that belong to them."""
        layout = self.layout
        settings, kind, version = chosen(context)
        if kind is Kind.TEXT:
            layout.prop(settings, "prompt", text="", placeholder="What to make")
        else:
            column = layout.column(align=True)
            for number, slot in enumerate(ENDPOINTS[kind].image_slots):
                _draw_slot(column, settings, slot, labelled=kind is Kind.MULTIVIEW, needed=number == 0)
        layout.prop(settings, "negative_prompt", text="", placeholder="What to avoid (optional)")
        options = layout.column()
        options.use_property_split = True
        options.use_property_decorate = False
        draw_parameters(options, settings, kind, version, Group.INPUT, skip=_OWN_ROWS)


def _draw_slot(layout: UILayout, settings: Any, slot: str, *, labelled: bool, needed: bool) -> None:
    picture = getattr(settings, slot)
    row = layout.row(align=True)
    if labelled:
        label = row.row()
        label.ui_units_x = 2.5
        label.label(text=settings.bl_rna.properties[slot].name)
    row.prop(picture, "source", text="", icon_only=True)
    if picture.source == "FILE":
        row.prop(picture, "path", text="", placeholder="PNG, JPEG or WebP" if needed else "Optional")
    elif picture.source == "URL":
        row.prop(picture, "url", text="", placeholder="https://…")
    else:
        row.prop(picture, "image", text="")


def _draw_welcome(layout: UILayout, context: Context) -> None:
    box = layout.box()
    box.label(text="Welcome to Tripo", icon="INFO")
    draw_wrapped(box, context, "Paste the key of your 3D AI Studio account to begin.", inset=16)
    box.prop(get_preferences(context), "api_key", text="", placeholder="API Key")
    row = box.row(align=True)
    row.operator("wm.url_open", text="Get a Key", icon="URL").url = KEY_PAGE
    row.operator("preferences.addon_show", text="Preferences", icon="PREFERENCES").module = base_package


def _draw_offline(layout: UILayout, context: Context) -> None:
    box = layout.box()
    draw_wrapped(box, context, online_problem(), icon="INTERNET_OFFLINE", inset=16)
    if not bpy.app.online_access_override:
        show = box.operator("screen.userpref_show", text="Open Preferences", icon="PREFERENCES")
        show.section = "SYSTEM"


_register, _unregister = bpy.utils.register_classes_factory((TRIPO_PT_generate, TRIPO_PT_input))


def register() -> None:
    """Register the panels."""
    _register()


def unregister() -> None:
    """Unregister the panels."""
    _unregister()
