"""What the model is made from: a prompt, or pictures, each in its slot."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.types import Context, Panel, UILayout

from ..client.schema import ENDPOINTS, Group, Kind
from ..parameter_props import draw_parameters
from .base import TripoPanel, chosen

_OWN_ROWS = frozenset({"prompt", "negative_prompt"})
"""Texts get the whole width."""


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


_register, _unregister = bpy.utils.register_classes_factory((TRIPO_PT_input,))


def register() -> None:
    """Register the panel."""
    _register()


def unregister() -> None:
    """Unregister the panel."""
    _unregister()
