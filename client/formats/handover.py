# SPDX-License-Identifier: GPL-3.0-or-later
"""What the converter writes into a ``.blend`` and the delivery reads from it.

The converter notes what lives in a scene, not in a collection, as custom properties; the delivery obeys and removes
them.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

COLLECTION = "Tripo result"
"""The name of the collection to append: those inside it, and those that it makes instances of, are in the file too."""
EXCLUDED = "tripo_excluded"
"""On a collection inside: left out of the view layers, as the glTF importer does with all scenes but the main one. It
stays there: Blender forgets it when what the collection lies in is excluded for a while."""
VARIANTS = "tripo_variants"
"""On the outer collection: the names of the material variants, in the order of the file, as a JSON list."""
KEPT = "tripo_kept"
"""On the outer collection: what the importer keeps with a fake user, such as animations that no object plays."""
BOUNDS = "tripo_bounds"
"""On the outer collection: lowest and highest corner of the model at rest, in world space, as six numbers."""
SCALE_LENGTH = "tripo_scale_length"
"""On the outer collection: metres in a unit of the scene that the model was imported for."""

LEVEL = "tripo_level"
"""On an object of a reduced model: its level of detail, 0 for the finest, where there are several. It stays there."""

NO_LOOK = "tripo_no_look"
"""On the outer collection of a textured result: why the objects that were sent have no looks beside it, a `NoLook`."""


class NoLook(StrEnum):
    """Why a textured result cannot go onto the objects that were sent."""

    OTHER_SURFACE = "other surface"
    NO_TEXTURE = "no texture coordinates"
    CUT = "texture cut across faces"
    GONE = "copy of the objects gone"


class Loss(StrEnum):
    """What of a file may be missing in a model that is delivered all the same; `JobNotice` says it under LOST_ and the
    same name."""

    IMAGE = "image missing"
    UNREADABLE = "image unreadable"
    MATERIALS = "materials missing"
    ANIMATION = "animation"
    FILE = "file"
    MODEL = "model"
    LOOK = "look"


class Unreduced(StrEnum):
    """Why a model has more triangles than its budget; `JobNotice` says it under UNREDUCED_ and the same name."""

    MOVES = "it moves"
    PARTS = "many parts"
    FAILED = "failed"


class Lost(NamedTuple):
    """One thing that is missing, as the converter tells it: ``name`` comes from the file and may be empty."""

    loss: Loss
    name: str = ""


class Joined(NamedTuple):
    """Static objects that the converter has joined: how many they were, and how many they are."""

    before: int
    after: int


class Measured(NamedTuple):
    """How large a model is: its faces, and its lowest and highest corner at rest as six numbers in metres, none for a
    model without a surface. ``full_faces`` are the triangles that a reduced one had, else 0."""

    faces: int = 0
    bounds: Sequence[float] = ()
    full_faces: int = 0


UNMEASURED = Measured()


class Converted(NamedTuple):
    """What there is to say of a model that was converted."""

    lost: Sequence[Lost] = ()
    joined: Joined | None = None
    measured: Measured = UNMEASURED
    unreduced: Unreduced | None = None
