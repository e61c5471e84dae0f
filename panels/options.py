# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw the options, one sub-panel for each group of the schema."""

from __future__ import annotations

from bpy.types import Context, UILayout

from ..client.notices import N_
from ..client.schema import Group, parameters_in
from ..widgets.parameters import draw_parameters, size_note
from ..widgets.placement import draw_placement
from ..widgets.wrapped_text import draw_wrapped, is_narrow
from .base import chosen

_VARIATION_NOTES = {
    "model_seed": N_("Each has a model seed of its own, counted up from the one that is set"),
    "texture_seed": N_("Each has a texture seed of its own; the service varies the shape"),
    "": N_("The service makes each a little different"),
}
_ELSEWHERE = frozenset({"auto_size"})
"""The size is chosen once, with the placement."""


def has_any(context: Context, group: Group) -> bool:
    """Whether the endpoint has an option of a group."""
    _settings, kind, version = chosen(context)
    return bool(parameters_in(kind, version, group))


def draw(layout: UILayout, context: Context, group: Group) -> None:
    """Draw the group's parameters; the result's panel begins with the placement."""
    layout.use_property_split = True
    layout.use_property_decorate = False
    settings, kind, version = chosen(context)

    def note(column: UILayout, text: str) -> None:
        draw_wrapped(column, context, text, icon="BLANK1", dim=True)

    if group is Group.RESULT:
        layout.operator("tripo.place_with_mouse", icon="MOUSE_LMB")
        about_size = size_note(settings, kind, version, settings.placement.fit)
        draw_placement(layout, settings.placement, note=note, narrow=is_narrow(context), size_note=about_size)
        _draw_default(layout)
    draw_parameters(layout, settings, kind, version, group, skip=_ELSEWHERE, note=note)
    if group is Group.SHAPE:
        column = layout.column(align=True)
        column.prop(settings, "variations")
        if settings.variations > 1:
            from ..client.jobs.variations import varied_seed

            note(column, _VARIATION_NOTES[varied_seed(kind, version)])


def _draw_default(layout: UILayout) -> None:
    row = layout.row(align=True)
    row.operator("tripo.save_placement", text="Save as Default")
    row.operator("tripo.reset_placement", text="", icon="LOOP_BACK")
    layout.separator(factor=0.5)
