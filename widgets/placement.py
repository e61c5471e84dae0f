# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw a placement, the same in panels, dialogs and preferences."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bpy.types import UILayout

from ..client.jobs.placement_choices import DELIVERED, METRES, POINT, REAL_WORLD
from ..client.notices import N_

if TYPE_CHECKING:
    from typing import Protocol

    class PlacementFields(Protocol):
        """What a scene's placement, the preferences' and an operator's arguments have in common."""

        location: str
        fit: str


NOTES = {
    DELIVERED: N_("About 1 m in its longest side"),
    REAL_WORLD: N_("The service estimates the size"),
    "placeholder": "Place and size are those of the replaced object",
}
"""Why a field is greyed, or what a choice comes to."""


def draw_placement(
    layout: UILayout,
    source: PlacementFields,
    *,
    note: Callable[[UILayout, str], None],
    narrow: bool = False,
    size_note: str = "",
) -> None:
    """Draw where a model goes, how large it is, how it is cleaned up, and what it belongs to.

    ``source`` is a scene's or the preferences' placement, or an operator; what it lacks is left out. Where it is
    ``narrow``, labels are shorter and switches have the whole width for theirs. ``size_note`` says something of the
    size that only the rest of the request tells.
    """
    takes_object = hasattr(source, "placeholder")
    has_object = bool(getattr(source, "placeholder", None))
    labels = _VERY_SHORT if narrow else _SHORT
    _draw_place(layout.column(align=True), source, has_object, note, narrow, size_note)
    layout.separator(factor=0.5)
    surface = layout.column(align=True)
    for switch, amount in (("merge", "merge_distance"), ("smooth", "smooth_angle")):
        row = surface.row(align=True, heading=labels[switch])
        row.prop(source, switch, text="")
        field = row.row(align=True)
        field.active = getattr(source, switch)
        field.prop(source, amount, text="")
    layout.separator(factor=0.5)
    _draw_switch(layout, source, "separate", narrow)
    _draw_switch(layout, source, "parent", narrow)
    if takes_object:
        layout.prop(source, "placeholder")


_SHORT = {"merge": N_("Merge (m)"), "smooth": N_("Smooth"), "size": N_("Length (m)"), "facing": N_("Front Faces")}
"""Labels that fit the sidebar; the tooltips have the whole names."""
_VERY_SHORT = {"merge": N_("Merge"), "smooth": N_("Smooth"), "size": N_("Length"), "facing": N_("Front")}
"""Labels that fit a narrow one."""


def _draw_place(
    layout: UILayout,
    source: PlacementFields,
    has_object: bool,
    note: Callable[[UILayout, str], None],
    narrow: bool,
    size_note: str,
) -> None:
    labels = _VERY_SHORT if narrow else _SHORT
    place = layout.column(align=True)
    fit = source.fit
    place.enabled = not has_object
    place.prop(source, "location")
    if source.location == POINT and hasattr(source, "point"):
        place.prop(source, "point")
        if hasattr(source, "use_normal"):
            _draw_switch(place, source, "use_normal", narrow)
    place.prop(source, "fit")
    length = place.column(align=True)
    length.enabled = fit == METRES
    length.prop(source, "size", text=labels["size"])
    if has_object:
        note(layout, NOTES["placeholder"])
    elif size_note or fit in NOTES:
        note(layout, size_note or NOTES[fit])
    layout.separator(factor=0.5)
    layout.prop(source, "facing", text=labels["facing"])
    _draw_switch(layout, source, "ground", narrow)


def _draw_switch(layout: UILayout, source: PlacementFields, name: str, narrow: bool) -> None:
    if narrow:
        layout = layout.column()
        layout.use_property_split = False
    layout.prop(source, name)
