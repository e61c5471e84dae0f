"""The head of the tab, and what to make the model from."""

from __future__ import annotations

import bpy
from bpy.types import Context, Panel

from ..client.schema import VERSION_LABELS
from .base import TripoPanel, chosen
from .presets import TRIPO_PT_presets
from .wrapping import draw_wrapped


class TRIPO_PT_generate(TripoPanel, Panel):
    """What to make and how."""

    bl_label = "Generate"

    def draw_header_preset(self, _context: Context) -> None:
        """Draw the button of the presets' popover."""
        TRIPO_PT_presets.draw_panel_header(self.layout)

    def draw(self, context: Context) -> None:
        """Draw the way in, where it is needed, the mode row, and the model with what it is good for."""
        from .head import draw_head

        layout = self.layout
        draw_head(layout, context)
        settings, _kind, version = chosen(context)
        layout.row(align=True).prop(settings, "kind", expand=True)
        column = layout.column()
        column.use_property_split = True
        column.use_property_decorate = False
        column.prop(settings, "model_version")
        draw_wrapped(layout, context, VERSION_LABELS[version][1], dim=True)


_register, _unregister = bpy.utils.register_classes_factory((TRIPO_PT_generate,))


def register() -> None:
    """Register the panel."""
    _register()


def unregister() -> None:
    """Unregister the panel."""
    _unregister()
