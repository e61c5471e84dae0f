# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw the head of the tab and the input."""

from __future__ import annotations

from bpy.types import Context, UILayout

from ..client.schema import VERSION_LABELS
from ..widgets.wrapped_text import draw_wrapped
from .base import chosen
from .welcome import draw_head


def draw(layout: UILayout, context: Context) -> None:
    """Draw the way in, where it is needed, the mode row, and the model with what it is good for."""
    draw_head(layout, context)
    settings, _kind, version = chosen(context)
    layout.row(align=True).prop(settings, "kind", expand=True)
    column = layout.column()
    column.use_property_split = True
    column.use_property_decorate = False
    column.prop(settings, "model_version")
    draw_wrapped(layout, context, VERSION_LABELS[version][1], dim=True)
