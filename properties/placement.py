# SPDX-License-Identifier: GPL-3.0-or-later
"""Declare a placement as properties: of a scene, of the preferences, of operators.

All three carry the same fields, made here once. A field of ``Scene.tripo.placement`` that nobody has touched shows and
means the preferences' default: the field is a view, and what the artist sets is kept in a twin named ``own_…``.
Reading writes nothing, so no file changes by being opened.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import bpy
from bpy.props import (
    BoolProperty,
    EnumProperty,
    FloatProperty,
    FloatVectorProperty,
    PointerProperty,
    StringProperty,
)
from bpy.types import PropertyGroup, bpy_struct

from .. import __package__ as base_package
from ..client.jobs.placement_choices import (
    DELIVERED,
    LARGEST_DISTANCE,
    LARGEST_SIZE,
    MERGE_DISTANCE,
    METRES,
    POINT,
    REAL_WORLD,
    SMALLEST_SIZE,
    SMOOTH_ANGLE,
)
from ..client.notices import N_
from .parameters import View

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import PropertyFlagItems

    from .preferences import TripoPreferences

    _Options = set[PropertyFlagItems]

_PLACES = [
    ("CURSOR", N_("3D Cursor"), N_("Where the 3D cursor is when Generate is pressed")),
    ("ORIGIN", N_("World Origin"), N_("At the centre of the world")),
]
_POINT = (POINT, N_("Picked Point"), N_("At a point that was picked in the scene"))


class _Field(NamedTuple):
    """One choice: what makes its property, and its words and limits."""

    make: Callable[..., object]
    words: Mapping[str, object]

    @property
    def identifiers(self) -> list[str]:
        """Those of its items, when it is an enum."""
        return [item[0] for item in cast(list[tuple[str, str, str]], self.words.get("items", ()))]

    def plain(self, options: "_Options") -> object:
        """Return the annotation of a property that keeps its own value."""
        return self.make(**self.words, options=options)


_FIELDS: dict[str, _Field] = {
    "location": _Field(
        EnumProperty,
        {
            "name": "Place At",
            "description": "Where the finished model is placed",
            "items": [*_PLACES, _POINT],
        },
    ),
    "ground": _Field(
        BoolProperty,
        {
            "name": "Stand on Ground",
            "description": "Put the lowest point at the chosen place; otherwise the model's own origin is there",
            "default": True,
        },
    ),
    "fit": _Field(
        EnumProperty,
        {
            "name": "Size",
            "description": "How large the finished model is",
            "items": [
                (DELIVERED, "As Delivered", "As Tripo makes it, about 1 m on the longest side"),
                (REAL_WORLD, "Real-World", "Let Tripo estimate the size in metres"),
                (METRES, "Fit to Length", "Scale the longest side to a length"),
            ],
        },
    ),
    "size": _Field(
        FloatProperty,
        {
            "name": "Length",
            "description": "Length of the longest side in metres, whatever the scene's unit scale",
            "default": 1.0,
            "min": SMALLEST_SIZE,
            "max": LARGEST_SIZE,
            "soft_max": 100.0,
            "precision": 3,
        },
    ),
    "facing": _Field(
        EnumProperty,
        {
            "name": "Front Faces",
            "description": "Where the front of the model looks; results come facing +X",
            "items": [
                ("POS_X", "+X (as Delivered)", "Leave the model as Tripo turned it"),
                ("NEG_Y", "−Y (Front View)", "Turn the front to Blender's front view"),
                ("NEG_X", "−X", "Turn the model round"),
                ("POS_Y", "+Y", "Turn the front away from Blender's front view"),
            ],
        },
    ),
    "merge": _Field(
        BoolProperty,
        {
            "name": "Merge by Distance",
            "description": "Join vertices that lie close together, such as those along the seams of the texture",
        },
    ),
    "merge_distance": _Field(
        FloatProperty,
        {
            "name": "Distance",
            "description": "How close vertices must be to be joined, in metres of the model as delivered",
            "default": MERGE_DISTANCE,
            "min": 0.0,
            "max": LARGEST_DISTANCE,
            "soft_max": 0.01,
            "step": 0.01,
            "precision": 5,
        },
    ),
    "smooth": _Field(
        BoolProperty,
        {
            "name": "Shade Smooth by Angle",
            "description": "Shade faces smooth, with sharp edges where they meet at more than an angle",
        },
    ),
    "smooth_angle": _Field(
        FloatProperty,
        {
            "name": "Angle",
            "description": "Edges between faces that meet at more than this are sharp",
            "default": SMOOTH_ANGLE,
            "min": 0.0,
            "max": 3.1415927,
            "subtype": "ANGLE",
        },
    ),
    "separate": _Field(
        BoolProperty,
        {
            "name": "Keep Separate",
            "description": "Leave the parts of a model as they are; more than 250 static ones are joined otherwise",
        },
    ),
    "parent": _Field(
        BoolProperty,
        {
            "name": "Parent Empty",
            "description": "Put an empty above the model, to move it as a whole",
        },
    ),
}
FIELDS = tuple(_FIELDS)
"""What has a default in the preferences."""


def _shown_length(name: str) -> object:
    """Return the annotation of a view of a length, which is kept in metres, in the units that the scene shows."""
    words = _FIELDS[name].words

    def get(self: "bpy_struct[Any]") -> float:
        return getattr(self, name) / bpy.context.scene.unit_settings.scale_length

    def put(self: "bpy_struct[Any]", value: float) -> None:
        setattr(self, name, value * bpy.context.scene.unit_settings.scale_length)

    return FloatProperty(
        name=str(words["name"]),
        description=str(words["description"]),
        min=0.0,
        precision=int(cast(int, words["precision"])),
        unit="LENGTH",
        get=get,
        set=put,
        options={"SKIP_SAVE"},
    )


def _shown_lengths() -> dict[str, object]:
    return {"shown_size": _shown_length("size"), "shown_merge_distance": _shown_length("merge_distance")}


def placement_arguments() -> dict[str, object]:
    """Return the annotations of an operator's arguments; those left out have the defaults of ``Placement``."""
    options: _Options = {"SKIP_SAVE"}
    return {name: field.plain(options) for name, field in _FIELDS.items()} | {
        **_shown_lengths(),
        "point": _point_property(options),
        "normal": _normal_property(options),
        "placeholder": StringProperty(
            name="Replace",
            description="Name of an object that the model takes the place of; it is hidden, not deleted",
            search=_object_names,
            search_options={"SUGGESTION"},
            options=options,
        ),
    }


def _object_names(_operator: object, context: bpy.types.Context, text: str) -> list[str]:
    return [one.name for one in context.scene.objects if text.lower() in one.name.lower()]


def _point_property(options: "_Options") -> object:
    return FloatVectorProperty(
        name="Point", description="The picked point, in the scene's own units", subtype="TRANSLATION", options=options
    )


def _normal_property(options: "_Options") -> object:
    return FloatVectorProperty(
        name="Normal",
        description="The direction the surface faces at the picked point, which the model stands upright on",
        options=options,
    )


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
        shown_size: float
        shown_merge_distance: float


TripoPlacementDefault.__annotations__ = {
    **{name: field.plain(set()) for name, field in _FIELDS.items()},
    **_shown_lengths(),
}


def _is_here(self: PropertyGroup, candidate: bpy.types.Object) -> bool:
    return cast(bpy.types.Scene, self.id_data).objects.get(candidate.name) == candidate


class TripoPlacement(PropertyGroup):
    """The placement of the next model of a scene; see the module for how untouched fields follow the preferences."""

    point: _point_property(set())
    use_normal: BoolProperty(
        name="Follow Surface", description="Stand upright on the surface at the picked point", options=set()
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
        shown_size: float
        shown_merge_distance: float


def _view(name: str, field: _Field) -> object:
    """Return the annotation of a field that shows the own value, or the preferences' where there is none."""
    own = _own(name)
    # An enum's callbacks deal in numbers: the places of the identifiers.
    names = field.identifiers

    def get(self: "bpy_struct[Any]") -> object:
        value = getattr(self, own) if self.is_property_set(own) else getattr(default_placement(), name)
        return names.index(value) if names else value

    def put(self: "bpy_struct[Any]", value: object) -> None:
        setattr(self, own, names[cast(int, value)] if names else value)

    return field.make(**field.words, get=get, set=put, options=set())


def _own(name: str) -> str:
    return f"own_{name}"


TripoPlacement.__annotations__ = {
    **TripoPlacement.__annotations__,
    **{_own(name): field.plain({"HIDDEN"}) for name, field in _FIELDS.items()},
    **{name: _view(name, field) for name, field in _FIELDS.items()},
    **_shown_lengths(),
}


def default_placement() -> TripoPlacementDefault:
    """Return the preferences' placement.

    Every field that is drawn comes by here a few times, so nothing is imported on the way.
    """
    preferences = bpy.context.preferences.addons[cast(str, base_package)].preferences
    return cast("TripoPreferences", preferences).placement


def has_own(settings: TripoPlacement) -> bool:
    """Whether a scene has a choice of its own."""
    return any(settings.is_property_set(_own(name)) for name in FIELDS)


def forget_own(settings: TripoPlacement) -> None:
    """Let a scene follow the preferences again."""
    for name in FIELDS:
        settings.property_unset(_own(name))


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
    field = _FIELDS["location"]
    names = field.identifiers

    def get(self: "bpy_struct[Any]") -> int:
        return names.index(getattr(self, source).location)

    def put(self: "bpy_struct[Any]", value: int) -> None:
        getattr(self, source).location = names[value]

    return field.make(**field.words, get=get, set=put, options=set())
