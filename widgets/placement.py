# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw a placement, the same in panels, dialogs and preferences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpy.types import UILayout

from ..client.jobs.placement_choices import METRES, POINT
from ..client.notices import N_
from .parameters import draw_narrow, plain_note

if TYPE_CHECKING:
    from ..properties.placement import PlacementArguments, TripoPlacement, TripoPlacementDefault

    PlacementFields = TripoPlacement | TripoPlacementDefault | PlacementArguments

REPLACES = N_("Place and size are those of the replaced object")
"""Why place and size are greyed."""


def draw_placement(layout: UILayout, source: PlacementFields, *, size_note: str = "") -> None:
    """Draw where a model goes, how large it is, how it stands, how it is cleaned up, and to what it is reduced.

    ``source`` is the preferences' placement or an operator; what it lacks is left out. ``size_note`` says something of
    the size that only the rest of the request tells.
    """
    _draw_place(layout.column(align=True), source, size_note)
    layout.separator(factor=0.5)
    draw_stance(layout, source)
    layout.separator(factor=0.5)
    draw_cleaning(layout, source)
    layout.separator(factor=0.5)
    draw_budget(layout, source)


_SHORT = {"merge": N_("Merge"), "smooth": N_("Smooth"), "facing": N_("Front Faces")}
"""Labels that fit the sidebar; the tooltips have the whole names."""


def draw_point(layout: UILayout, source: PlacementFields, *, narrow: bool = False) -> None:
    """Draw the picked point, where one is the place."""
    if source.location == POINT and hasattr(source, "point"):
        layout.prop(source, "point")
        if hasattr(source, "use_normal"):
            _draw_switch(layout, source, "use_normal", narrow)


def draw_stance(layout: UILayout, source: PlacementFields, *, narrow: bool = False) -> None:
    """Draw how a model stands at its place, what it hangs on and what it takes the place of."""
    if narrow:
        draw_narrow(layout, source, "facing", _SHORT["facing"], is_choice=True)
    else:
        layout.prop(source, "facing", text=_SHORT["facing"])
    _draw_switch(layout, source, "ground", narrow)
    _draw_switch(layout, source, "parent", narrow)
    if hasattr(source, "placeholder"):
        layout.prop(source, "placeholder")


def draw_cleaning(layout: UILayout, source: PlacementFields, *, narrow: bool = False) -> None:
    """Draw what is done to a model's meshes."""
    surface = layout.column(align=True)
    for switch, amount in (("merge", "shown_merge_distance"), ("smooth", "smooth_angle")):
        row = surface.row(align=True, heading=_SHORT[switch])
        row.prop(source, switch, text="")
        field = row.row(align=True)
        field.active = getattr(source, switch)
        field.prop(source, amount, text="")
    _draw_switch(layout, source, "separate", narrow)


def draw_budget(layout: UILayout, source: PlacementFields, *, narrow: bool = False) -> None:
    """Draw whether a model is reduced, and to what."""
    _draw_switch(layout, source, "budget", narrow)
    if source.budget:
        column = layout.column(align=True)
        for name in ("budget_triangles", "budget_lods", "budget_texture_size"):
            column.prop(source, name)


def _draw_place(layout: UILayout, source: PlacementFields, size_note: str) -> None:
    has_object = bool(getattr(source, "placeholder", None))
    place = layout.column(align=True)
    place.enabled = not has_object
    place.prop(source, "location")
    draw_point(place, source)
    place.prop(source, "fit")
    if source.fit == METRES:
        place.prop(source, "shown_size")
    if note := REPLACES if has_object else size_note:
        plain_note(layout, note)


def _draw_switch(layout: UILayout, source: PlacementFields, name: str, narrow: bool) -> None:
    if narrow:
        layout = layout.column()
        layout.use_property_split = False
    layout.prop(source, name)
