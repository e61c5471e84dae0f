# SPDX-License-Identifier: GPL-3.0-or-later
"""Name the choices of a placement, with their words and limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple, cast

from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty

from ..client.jobs.placement_choices import (
    DELIVERED,
    FEWEST_TRIANGLES,
    LARGEST_DISTANCE,
    LARGEST_SIZE,
    LARGEST_TEXTURE,
    MERGE_DISTANCE,
    METRES,
    MOST_LODS,
    MOST_TRIANGLES,
    POINT,
    REAL_WORLD,
    SMALLEST_SIZE,
    SMALLEST_TEXTURE,
    SMOOTH_ANGLE,
    TEXTURE_SIZE,
    TRIANGLES,
)
from ..client.notices import N_

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import PropertyFlagItems

    Options = set[PropertyFlagItems]

_PLACES = [
    ("CURSOR", N_("3D Cursor"), N_("Where the 3D cursor is when Generate is pressed")),
    ("ORIGIN", N_("World Origin"), N_("At the centre of the world")),
]
_POINT = (POINT, N_("Picked Point"), N_("At a point that was picked in the scene"))


class Field(NamedTuple):
    """One choice: what makes its property, and its words and limits."""

    make: Callable[..., object]
    words: Mapping[str, object]

    @property
    def identifiers(self) -> list[str]:
        """Those of its items, when it is an enum."""
        return [item[0] for item in cast(list[tuple[str, str, str]], self.words.get("items", ()))]

    def plain(self, options: Options) -> object:
        """Return the annotation of a property that keeps its own value."""
        return self.make(**self.words, options=options)


FIELDS: dict[str, Field] = {
    "location": Field(
        EnumProperty,
        {
            "name": "Place At",
            "description": "Where the finished model is placed",
            "items": [*_PLACES, _POINT],
        },
    ),
    "ground": Field(
        BoolProperty,
        {
            "name": "Stand on Ground",
            "description": "Put the lowest point at the chosen place; otherwise the model's own origin is there",
            "default": True,
        },
    ),
    "fit": Field(
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
    "size": Field(
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
    "facing": Field(
        EnumProperty,
        {
            "name": "Front Faces",
            "description": "Where the front of the model looks; results come facing +X",
            "items": [
                ("POS_X", "+X (as Delivered)", "Leave the model as Tripo turned it"),
                ("NEG_Y", "−Y (Front View)", "Turn the front to Blender's front view"),
                ("NEG_X", "−X", "Turn the model around"),
                ("POS_Y", "+Y", "Turn the front away from Blender's front view"),
            ],
        },
    ),
    "merge": Field(
        BoolProperty,
        {
            "name": "Merge by Distance",
            "description": "Join vertices that lie close together, such as those along the seams of the texture",
        },
    ),
    "merge_distance": Field(
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
    "smooth": Field(
        BoolProperty,
        {
            "name": "Shade Smooth by Angle",
            "description": "Shade faces smooth, with sharp edges where they meet at more than an angle",
        },
    ),
    "smooth_angle": Field(
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
    "separate": Field(
        BoolProperty,
        {
            "name": "Keep Separate",
            "description": "Leave the parts of a model as they are; more than 250 static ones are joined otherwise",
        },
    ),
    "parent": Field(
        BoolProperty,
        {
            "name": "Parent Empty",
            "description": "Put an empty above the model, to move it as a whole",
        },
    ),
    "budget": Field(
        BoolProperty,
        {
            "name": "Budget",
            "description": "Reduce a new model to a number of triangles, with what is lost baked into its textures. The"
            " full model stays in the cache. Animated models are left as they are",
        },
    ),
    "budget_triangles": Field(
        IntProperty,
        {
            "name": "Triangles",
            "description": "How many triangles the model has at most",
            "default": TRIANGLES,
            "min": FEWEST_TRIANGLES,
            "max": MOST_TRIANGLES,
            "soft_max": 200_000,
            "step": 1000,
        },
    ),
    "budget_lods": Field(
        IntProperty,
        {
            "name": "Levels of Detail",
            "description": "How many coarser levels are added, each with half the triangles of the one before, named"
            " as game engines expect and left out of the view layer",
            "min": 0,
            "max": MOST_LODS,
        },
    ),
    "budget_texture_size": Field(
        IntProperty,
        {
            "name": "Texture Size",
            "description": "Longest side that a texture may have, in pixels",
            "default": TEXTURE_SIZE,
            "min": SMALLEST_TEXTURE,
            "max": LARGEST_TEXTURE,
            "subtype": "PIXEL",
        },
    ),
}
