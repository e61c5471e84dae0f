# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw the Generate panel: what a press needs and the press itself, in one look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpy.types import Context, UILayout

from ..client.jobs.placement_choices import METRES
from ..client.notices import N_
from ..widgets.parameters import size_note
from ..widgets.wrapped_text import draw_wrapped, is_narrow
from .base import chosen
from .generate_button import draw_press
from .input import draw_input
from .welcome import draw_head, is_welcome

if TYPE_CHECKING:
    from ..properties.placement import TripoPlacement

_LABELS = 0.27
"""Share of the width that the labels before the fields take: as much as the longest needs."""


def draw(layout: UILayout, context: Context) -> None:
    """Draw the way in, where it is needed, then the input, the choices that every model needs, and the button."""
    draw_head(layout, context)
    if is_welcome(context):
        return
    settings, kind, version = chosen(context)
    layout.row(align=True).prop(settings, "kind", expand=True)
    draw_input(layout, context, settings, kind)
    column = layout.column()
    _field(column, N_("Model")).prop(settings, "model_version", text="")
    texture = _field(column, N_("Texture"))
    if is_narrow(context):
        texture.prop(settings, "texture_choice", text="")
    else:
        texture.prop(settings, "texture_choice", expand=True)
    _draw_place(column, settings.placement)
    if words := size_note(settings, kind, version, settings.placement.fit):
        draw_wrapped(column, context, words, icon="INFO", dim=True)
    draw_press(layout, context)


def _draw_place(column: UILayout, placement: TripoPlacement) -> None:
    if placement.placeholder is not None:  # has place and size already
        _field(column, N_("Replace")).prop(placement, "placeholder", text="")
        return
    place = _field(column, N_("Place"))
    place.prop(placement, "location", text="")
    place.operator("tripo.place_with_mouse", text="", icon="MOUSE_LMB")
    size = _field(column, N_("Size"))
    size.prop(placement, "fit", text="")
    if placement.fit == METRES:
        size.prop(placement, "size", text="")


def _field(layout: UILayout, label: str) -> UILayout:
    """Return where a field goes that has its label at the left."""
    split = layout.split(factor=_LABELS)
    head = split.row()
    head.alignment = "RIGHT"
    head.label(text=label)
    return split.row(align=True)
