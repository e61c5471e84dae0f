# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw what the sub-panels of Generate hold: the options of each group, and the placement."""

from __future__ import annotations

from collections.abc import Callable

from bpy.types import Context, UILayout

from ..client.notices import N_
from ..client.schema import Group, parameters_in
from ..widgets.parameters import draw_parameters
from ..widgets.placement import REPLACES, draw_budget, draw_cleaning, draw_point, draw_stance
from ..widgets.wrapped_text import draw_wrapped, is_narrow
from .base import chosen
from .input import draw_options

_VARIATION_NOTES = {
    "model_seed": N_("Each has a model seed of its own, counted up from the one that is set"),
    "texture_seed": N_("Each has a texture seed of its own; the shape varies by itself"),
    "": N_("Each comes out a little different"),
}
_ELSEWHERE = frozenset({"auto_size", "texture", "texture_quality"})
"""Chosen in the panel itself."""


def has_any(context: Context, group: Group) -> bool:
    """Whether the endpoint has an option of a group."""
    _settings, kind, version = chosen(context)
    return bool(parameters_in(kind, version, group))


def draw(layout: UILayout, context: Context, group: Group) -> None:
    """Draw the group's parameters; with the delivery's, what is done to the meshes."""
    if group is Group.INPUT:
        draw_options(layout, context)
        return
    layout.use_property_split = True
    layout.use_property_decorate = False
    settings, kind, version = chosen(context)
    note, narrow = _noting(context), is_narrow(context)
    if group is Group.RESULT:
        draw_cleaning(layout, settings.placement, narrow=narrow)
        draw_budget(layout, settings.placement, narrow=narrow)
        layout.separator(factor=0.5)
    draw_parameters(layout, settings, kind, version, group, skip=_ELSEWHERE, note=note, narrow=narrow)
    if group is Group.SHAPE and settings.variations > 1:
        from ..client.jobs.variations import varied_seed

        note(layout, _VARIATION_NOTES[varied_seed(kind, version)])


def draw_placement(layout: UILayout, context: Context) -> None:
    """Draw how the model stands at the place that the panel shows, and what it replaces."""
    layout.use_property_split = True
    layout.use_property_decorate = False
    narrow = is_narrow(context)
    placement = chosen(context)[0].placement
    if placement.placeholder is None:
        draw_point(layout, placement, narrow=narrow)
    draw_stance(layout, placement, narrow=narrow)
    if placement.placeholder is not None:
        _noting(context)(layout, REPLACES)
    row = layout.row(align=True)
    row.operator("tripo.save_placement", text="Save as Default")
    row.operator("tripo.reset_placement", text="", icon="LOOP_BACK")


def _noting(context: Context) -> Callable[[UILayout, str], None]:
    def note(column: UILayout, text: str) -> None:
        draw_wrapped(column, context, text, icon="BLANK1", dim=True)

    return note
