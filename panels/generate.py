# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw the Generate panel: what a press needs and the press itself, in one look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpy.types import Context, UILayout

from ..client.jobs.placement_choices import METRES
from ..widgets.parameters import size_note
from ..widgets.wrapped_text import draw_wrapped, is_narrow
from .base import chosen
from .generate_button import draw_press
from .input import draw_input
from .welcome import draw_head, is_welcome

if TYPE_CHECKING:
    from ..properties.scene import TripoSceneSettings

_LABELS = 0.27
"""Share of the width that the labels before the fields take: as much as the longest needs."""
_NARROW_LABELS = 0.34
"""The same in a narrow sidebar."""


def draw(layout: UILayout, context: Context) -> None:
    """Draw the way in, where it is needed, then the input, the choices that every model needs, and the button."""
    draw_head(layout, context)
    if is_welcome(context):
        return
    settings, kind, version = chosen(context)
    layout.row(align=True).prop(settings, "kind", expand=True)
    draw_input(layout, context, settings, kind)
    _draw_choices(layout, context, settings)
    if words := size_note(settings, kind, version, settings.placement.fit):
        draw_wrapped(layout, context, words, icon="INFO", dim=True)
    draw_press(layout, context)
    if len(context.selected_objects) > 1:
        layout.operator_context = "INVOKE_DEFAULT"
        layout.operator("tripo.generate_for_selected", text="Generate for Selected…", icon="OUTLINER_OB_GROUP_INSTANCE")


def _draw_choices(layout: UILayout, context: Context, settings: TripoSceneSettings) -> None:
    """Draw labels and, at the right, their fields; the model has the whole width where it is narrow."""
    narrow = is_narrow(context)
    if narrow:
        layout.prop(settings, "model_version", text="")
    split = layout.split(factor=_NARROW_LABELS if narrow else _LABELS)
    labels, fields = split.column(), split.column()
    labels.alignment = "RIGHT"
    if not narrow:
        labels.label(text="Model")
        fields.prop(settings, "model_version", text="")
    labels.label(text="Texture")
    if narrow:
        fields.prop(settings, "texture_choice", text="")
    else:
        fields.row(align=True).prop(settings, "texture_choice", expand=True)
    placement = settings.placement
    if placement.placeholder is not None:  # has place and size already
        labels.label(text="Replace")
        fields.prop(placement, "placeholder", text="")
        return
    labels.label(text="Place")
    place = fields.row(align=True)
    place.prop(placement, "location", text="")
    place.operator("tripo.place_with_mouse", text="", icon="MOUSE_LMB")
    labels.label(text="Size")
    fields.prop(placement, "fit", text="")
    if placement.fit == METRES:
        labels.label(text="")
        fields.prop(placement, "shown_size", text="")
