# SPDX-License-Identifier: GPL-3.0-or-later
"""Declare a placement as properties: of a scene, of the preferences, of operators.

All three carry the same fields, made here once. A field of ``Scene.tripo.placement`` that nobody has touched shows and
means the preferences' default (see ``placement_defaults``).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import bpy
from bpy.props import BoolProperty, FloatProperty, FloatVectorProperty, PointerProperty, StringProperty
from bpy.types import Operator, PropertyGroup, bpy_struct

from ..client.jobs.placement_choices import DELIVERED, REAL_WORLD
from .parameters import View
from .placement_defaults import default_view, own_name
from .placement_fields import FIELDS

if TYPE_CHECKING:
    from .placement_fields import Options


def _shown_length(name: str, *, description: str) -> object:
    """Return the annotation of a view of a length, which is kept in metres, in the units that the scene shows."""
    words = FIELDS[name].words

    def get(self: "bpy_struct[Any]") -> float:
        return getattr(self, name) / bpy.context.scene.unit_settings.scale_length

    def put(self: "bpy_struct[Any]", value: float) -> None:
        setattr(self, name, value * bpy.context.scene.unit_settings.scale_length)

    return FloatProperty(
        name=str(words["name"]),
        description=description,
        min=0.0,
        precision=int(cast(int, words["precision"])),
        unit="LENGTH",
        get=get,
        set=put,
        options={"SKIP_SAVE"},
    )


def _shown_lengths() -> dict[str, object]:
    return {
        "shown_size": _shown_length("size", description="Length of the longest side"),
        "shown_merge_distance": _shown_length(
            "merge_distance", description="How close vertices of the model as delivered must be to be joined"
        ),
    }


def _object_names(_operator: object, context: bpy.types.Context, text: str) -> list[str]:
    return [one.name for one in context.scene.objects if text.lower() in one.name.lower()]


def _point_property(options: "Options") -> object:
    return FloatVectorProperty(
        name="Point", description="The picked point, in the scene's own units", subtype="TRANSLATION", options=options
    )


def _normal_property(options: "Options") -> object:
    return FloatVectorProperty(
        name="Normal",
        description="The direction that the surface faces at the picked point; the model is tilted to it",
        options=options,
    )


class PlacementArguments(Operator):
    """An operator that places a model: its arguments, of which those left out have the defaults of ``Placement``."""

    __annotations__ = {
        **{name: field.plain({"SKIP_SAVE"}) for name, field in FIELDS.items()},
        **_shown_lengths(),
        "point": _point_property({"SKIP_SAVE"}),
        "normal": _normal_property({"SKIP_SAVE"}),
        "placeholder": StringProperty(
            name="Replace",
            description="Name of an object that the model takes the place of; it is hidden, not deleted",
            search=_object_names,
            search_options={"SUGGESTION"},
            options={"SKIP_SAVE"},
        ),
    }
    if TYPE_CHECKING:  # made by tools/property_types.py
        location: str
        ground: bool
        fit: str
        size: float
        facing: str
        merge: bool
        merge_distance: float
        smooth: bool
        smooth_angle: float
        separate: bool
        parent: bool
        budget: bool
        budget_triangles: int
        budget_lods: int
        budget_texture_size: int
        shown_size: float
        shown_merge_distance: float
        point: Sequence[float]
        normal: Sequence[float]
        placeholder: str


class TripoPlacementDefault(PropertyGroup):
    """The placement of scenes that have no choice of their own."""

    if TYPE_CHECKING:  # made by tools/property_types.py
        location: str
        ground: bool
        fit: str
        size: float
        facing: str
        merge: bool
        merge_distance: float
        smooth: bool
        smooth_angle: float
        separate: bool
        parent: bool
        budget: bool
        budget_triangles: int
        budget_lods: int
        budget_texture_size: int
        shown_size: float
        shown_merge_distance: float


TripoPlacementDefault.__annotations__ = {
    **{name: field.plain(set()) for name, field in FIELDS.items()},
    **_shown_lengths(),
}


def _is_here(self: PropertyGroup, candidate: bpy.types.Object) -> bool:
    return cast(bpy.types.Scene, self.id_data).objects.get(candidate.name) == candidate


class TripoPlacement(PropertyGroup):
    """The placement of the next model of a scene; fields that nobody has touched follow the preferences."""

    point: _point_property(set())
    use_normal: BoolProperty(
        name="Follow Surface",
        description="Tilt the model so that it stands square on the surface at the picked point",
        options=set(),
    )
    normal: _normal_property(set())
    placeholder: PointerProperty(
        name="Replace",
        description="An object that the model takes the place of; it is hidden, not deleted",
        type=bpy.types.Object,
        poll=_is_here,
    )
    if TYPE_CHECKING:  # made by tools/property_types.py
        point: Sequence[float]
        use_normal: bool
        normal: Sequence[float]
        placeholder: bpy.types.Object | None
        own_location: str
        own_ground: bool
        own_fit: str
        own_size: float
        own_facing: str
        own_merge: bool
        own_merge_distance: float
        own_smooth: bool
        own_smooth_angle: float
        own_separate: bool
        own_parent: bool
        own_budget: bool
        own_budget_triangles: int
        own_budget_lods: int
        own_budget_texture_size: int
        location: str
        ground: bool
        fit: str
        size: float
        facing: str
        merge: bool
        merge_distance: float
        smooth: bool
        smooth_angle: float
        separate: bool
        parent: bool
        budget: bool
        budget_triangles: int
        budget_lods: int
        budget_texture_size: int
        shown_size: float
        shown_merge_distance: float


TripoPlacement.__annotations__ = {
    **TripoPlacement.__annotations__,
    **{own_name(name): field.plain({"HIDDEN"}) for name, field in FIELDS.items()},
    **{name: default_view(name, field) for name, field in FIELDS.items()},
    **_shown_lengths(),
}


def auto_size_view(source: str) -> View:
    """Return callbacks that make the request's ``auto_size`` a view of a placement's ``fit``."""

    def get(self: "bpy_struct[Any]") -> bool:
        return getattr(self, source).fit == REAL_WORLD

    def put(self: "bpy_struct[Any]", value: bool) -> None:
        placement = getattr(self, source)
        if value != (placement.fit == REAL_WORLD):
            placement.fit = REAL_WORLD if value else DELIVERED

    return View(get, put)


def location_alias(source: str) -> object:
    """Return the annotation of an older name of a placement's ``location``, a view of it."""
    field = FIELDS["location"]
    names = field.identifiers

    def get(self: "bpy_struct[Any]") -> int:
        return names.index(getattr(self, source).location)

    def put(self: "bpy_struct[Any]", value: int) -> None:
        getattr(self, source).location = names[value]

    return field.make(**field.words, get=get, set=put, options=set())
