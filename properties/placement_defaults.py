# SPDX-License-Identifier: GPL-3.0-or-later
"""Let a scene's placement follow the preferences, field by field, as long as nobody has touched the field.

A field is a view: it shows the own value, kept in a twin named ``own_…``, or the preferences' where there is none.
Reading writes nothing, so no file changes by being opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import bpy
from bpy.types import PropertyGroup, bpy_struct

from .. import __package__ as base_package
from .placement_fields import FIELDS, Field

if TYPE_CHECKING:
    from .placement import TripoPlacementDefault
    from .preferences import TripoPreferences


def default_view(name: str, field: Field) -> object:
    """Return the annotation of a field that shows the own value, or the preferences' where there is none."""
    own = own_name(name)
    # An enum's callbacks deal in numbers: the places of the identifiers.
    names = field.identifiers

    def get(self: bpy_struct[Any]) -> object:
        value = getattr(self, own) if self.is_property_set(own) else getattr(default_placement(), name)
        return names.index(value) if names else value

    def put(self: bpy_struct[Any], value: object) -> None:
        setattr(self, own, names[cast(int, value)] if names else value)

    return field.make(**field.words, get=get, set=put, options=set())


def own_name(name: str) -> str:
    """Return the name of the property that keeps a scene's own value of a field."""
    return f"own_{name}"


def default_placement() -> TripoPlacementDefault:
    """Return the preferences' placement.

    Every field that is drawn comes by here a few times, so nothing is imported on the way.
    """
    preferences = bpy.context.preferences.addons[cast(str, base_package)].preferences
    return cast("TripoPreferences", preferences).placement


def has_own(settings: PropertyGroup) -> bool:
    """Whether a scene has a choice of its own."""
    return any(settings.is_property_set(own_name(name)) for name in FIELDS)


def forget_own(settings: PropertyGroup) -> None:
    """Let a scene follow the preferences again."""
    for name in FIELDS:
        settings.property_unset(own_name(name))
