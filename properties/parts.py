# SPDX-License-Identifier: GPL-3.0-or-later
"""How far the parts of a segmented model are spread (``Object.tripo`` of the parent), saved with the file."""

from typing import TYPE_CHECKING, Any, cast

import bpy
from bpy.props import FloatProperty
from bpy.types import Context, PropertyGroup

from .registration import register_attached

OFFSET = "tripo_part_offset"
"""On a part: where its middle is from that of the model, in its parent's space."""


def _spread(settings: Any, _context: Context | None) -> None:
    """Move the parts by their delta location, which leaves their own location to the artist."""
    for part in settings.id_data.children:
        offset = part.get(OFFSET)
        if offset is not None:
            part.delta_location = [one * settings.explode for one in offset]


class TripoObject(PropertyGroup):
    """How the parts of a segmented model are shown."""

    explode: FloatProperty(
        name="Explode",
        description="How far the parts are moved away from the middle of the model",
        min=0.0,
        soft_max=2.0,
        update=_spread,
        options=set(),
    )
    if TYPE_CHECKING:  # made by tools/property_types.py
        explode: float


def object_settings(obj: bpy.types.Object) -> Any:
    """Return ``Object.tripo``."""
    return cast(Any, obj).tripo


register, unregister = register_attached(
    bpy.types.Object, TripoObject, type=TripoObject, description="How the parts of a segmented model are shown"
)
