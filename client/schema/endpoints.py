# SPDX-License-Identifier: GPL-3.0-or-later
"""Where each kind of job is sent, what costs credits, and which options do not go together or have no effect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .types import IMAGE, MULTIVIEW, TEXT, V3, Cost, Kind, ModelVersion, Value


class Endpoint(NamedTuple):
    """Where a kind of job is sent, what it costs at least, and which image slots it takes."""

    kind: Kind
    label: str
    help: str
    path: str
    base_credits: Mapping[ModelVersion, int]
    image_slots: tuple[str, ...] = ()
    minimum_images: int = 0

    def url_path(self, version: ModelVersion) -> str:
        """Return the path for a version; versions are always named, so a changed default changes nothing."""
        return f"{self.path}{version.lower()}/"


def _base(v3: int, p1: int) -> dict[ModelVersion, int]:
    return {ModelVersion.V3_0: v3, ModelVersion.V3_1: v3, ModelVersion.P1: p1}


MULTIVIEW_SLOTS = ("front", "left", "back", "right")
"""The service's order of views; the front is required (U).

Left is the subject's own left side, 90° from the front, and right is at 270° (U: Tripo's nodes for ComfyUI). Of
something that faces Blender's front view, towards −Y, the left side is the one at +X.
"""

ENDPOINTS: Mapping[Kind, Endpoint] = {
    TEXT: Endpoint(
        TEXT,
        "Text to 3D",
        "Generate a 3D model from a text prompt",
        "/v1/3d-models/tripo/text-to-3d/",
        _base(20, 60),
    ),
    IMAGE: Endpoint(
        IMAGE,
        "Image to 3D",
        "Generate a 3D model from one image",
        "/v1/3d-models/tripo/image-to-3d/",
        _base(40, 80),
        ("image",),
        1,
    ),
    MULTIVIEW: Endpoint(
        MULTIVIEW,
        "Multiview to 3D",
        "Generate a 3D model from two to four views of the same thing",
        "/v1/3d-models/tripo/multiview-to-3d/",
        _base(40, 80),
        MULTIVIEW_SLOTS,
        2,
    ),
}

COSTS: tuple[Cost, ...] = (
    Cost("Texture", 20, {"texture": True, "texture_quality": "standard"}),
    Cost("Detailed texture", 40, {"texture": True, "texture_quality": "detailed"}),
    Cost("Detailed geometry", 40, {"geometry_quality": "detailed"}, V3),
    Cost("Smart low poly", 20, {"smart_low_poly": True}, V3),
    Cost("Parts", 40, {"generate_parts": True}, V3),
    Cost("Quads", 10, {"quad": True}, V3),
)


class Conflict(NamedTuple):
    """Two settings that the service refuses together; ``name`` is the one to grey out."""

    name: str
    value: Value
    other: str
    other_value: Value
    message: str


CONFLICTS: tuple[Conflict, ...] = (
    Conflict("quad", True, "generate_parts", True, "Quads and Parts cannot be combined: switch one of them off"),
    Conflict("generate_parts", True, "texture", True, "Parts come without texture: switch Texture off"),
)


class Implied(NamedTuple):
    """A parameter that is sent as ``value`` whatever was chosen, while ``other`` has ``other_value``."""

    name: str
    value: Value
    other: str
    other_value: Value
    message: str


IMPLIED: tuple[Implied, ...] = (
    Implied("pbr", False, "texture", False, "PBR maps belong to a texture: switch Texture on"),
)
"""With ``pbr=true`` a model gets a texture, and its price, even with ``texture=false`` (U)."""


class Note(NamedTuple):
    """What is worth knowing about a combination of options that is allowed.

    It applies where every parameter in ``when`` has the given value, None for absent, and every one in ``outside`` is
    given and not within its bounds. ``name`` is the parameter that it is shown with.
    """

    name: str
    message: str
    when: Mapping[str, Value | None]
    outside: Mapping[str, tuple[int, int]] = {}


NOTES: tuple[Note, ...] = (
    Note(
        "face_limit",
        "Without a face limit the model has 1.4 to 1.5 million triangles",  # C
        {"face_limit": None, "quad": False, "smart_low_poly": False},
    ),
    Note(
        "quad",
        "Quads end at 150,000 faces, whatever the face limit",  # U
        {"quad": True, "smart_low_poly": False},
        {"face_limit": (0, 150_000)},
    ),
    Note(
        "smart_low_poly",
        "Smart Low Poly is made for 500 to 20,000 faces: its credits may be wasted with this face limit",  # U
        {"smart_low_poly": True, "quad": False},
        {"face_limit": (500, 20_000)},
    ),
    Note(
        "smart_low_poly",
        "With Quads, Smart Low Poly is made for 500 to 10,000 faces: its credits may be wasted",  # U
        {"smart_low_poly": True, "quad": True},
        {"face_limit": (500, 10_000)},
    ),
    Note("auto_size", "Real-World Size has no effect without a texture", {"auto_size": True, "texture": False}),  # U
)
"""Shown beside the options; nothing is refused for them. One for a parameter that the endpoint lacks never applies."""
