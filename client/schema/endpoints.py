# SPDX-License-Identifier: GPL-3.0-or-later
"""Where each kind of job is sent, what costs credits, and which options do not go together or have no effect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .types import GENERATION, IMAGE, MESH_TOOLS, MULTIVIEW, NO_VERSION, TEXT, V3, Cost, Kind, ModelVersion, Value


class Endpoint(NamedTuple):
    """Where a kind of job is sent, what it costs at least, which image slots it takes and whether it needs a model.

    An endpoint without model versions has its price under None. ``title`` names a job by the model that it works on.
    """

    kind: Kind
    label: str
    help: str
    path: str
    base_credits: Mapping[ModelVersion | None, int]
    image_slots: tuple[str, ...] = ()
    minimum_images: int = 0
    title: str = ""

    @property
    def has_versions(self) -> bool:
        """Whether it takes a model version."""
        return None not in self.base_credits

    @property
    def needs_model(self) -> bool:
        """Whether it works on a model, which is sent as a file in a form; else its body is JSON (B)."""
        return self.kind in MESH_TOOLS

    def url_path(self, version: ModelVersion | None) -> str:
        """Return the path for a version; versions are always named, so a changed default changes nothing."""
        return f"{self.path}{version.lower()}/" if version is not None else self.path


def _base(v3: int, p1: int) -> dict[ModelVersion | None, int]:
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
    Kind.TEXTURE_MODEL: Endpoint(
        Kind.TEXTURE_MODEL,
        "Texture Model",
        "Paint a model anew from a text prompt or an image",
        "/v1/3d-models/tripo/texture-model/",
        {None: 20},
        ("image", "style_image"),
        title="Texture of {}",
    ),
    Kind.CONVERT_MODEL: Endpoint(
        Kind.CONVERT_MODEL,
        "Convert Model",
        "Rebuild a model with quads or fewer faces, or save it in another format",
        "/v1/3d-models/tripo/convert-model/",
        {None: 10},
        title="Conversion of {}",
    ),
    Kind.MESH_SEGMENTATION: Endpoint(
        Kind.MESH_SEGMENTATION,
        "Segmentation",
        "Split a model into its parts",
        "/v1/3d-models/tripo/mesh-segmentation/",
        {None: 80},
        title="Parts of {}",
    ),
}
"""The generators, then the mesh tools."""

_TEXTURE_MODEL, _CONVERT_MODEL = frozenset({Kind.TEXTURE_MODEL}), frozenset({Kind.CONVERT_MODEL})

ADVANCED = frozenset(
    {
        "quad",
        "face_limit",
        "flatten_bottom",
        "flatten_bottom_threshold",
        "texture_size",
        "texture_format",
        "pivot_to_center_bottom",
        "scale_factor",
    }
)
"""What makes a conversion an advanced one (U)."""

COSTS: tuple[Cost, ...] = (
    Cost("Texture", 20, {"texture": True, "texture_quality": "standard"}),
    Cost("Detailed Texture", 40, {"texture": True, "texture_quality": "detailed"}),
    Cost("Detailed Geometry", 40, {"geometry_quality": "detailed"}, V3),
    Cost("Smart Low Poly", 20, {"smart_low_poly": True}, V3),
    Cost("Parts", 40, {"generate_parts": True}, V3),
    Cost("Quads", 10, {"quad": True}, V3),
    Cost("Detailed Texture", 20, {"texture_quality": "detailed"}, NO_VERSION, _TEXTURE_MODEL),
    Cost("Style Image", 10, {"style_image": True}, NO_VERSION, _TEXTURE_MODEL),
    Cost("Advanced Conversion", 10, {}, NO_VERSION, _CONVERT_MODEL, ADVANCED),
    # The pages do not say whether the surcharge comes on top of the price of an advanced conversion.
    Cost("Quads", 10, {"quad": True}, NO_VERSION, _CONVERT_MODEL, certain=False),
)


class Conflict(NamedTuple):
    """Two settings that the service refuses together; ``name`` is the one to grey out."""

    name: str
    value: Value
    other: str
    other_value: Value
    message: str
    kinds: frozenset[Kind] = GENERATION


CONFLICTS: tuple[Conflict, ...] = (
    Conflict("quad", True, "generate_parts", True, "Quads and Parts cannot be combined: switch one of them off"),
    Conflict("generate_parts", True, "texture", True, "Parts come without texture: switch Texture off"),
    Conflict(
        "texture",
        False,
        "texture_quality",
        "standard",
        "Standard quality needs a texture: switch Texture on, or choose Detailed",
        _TEXTURE_MODEL,
    ),
    Conflict("quad", True, "format", "3MF", "3MF cannot be made with quads: choose another format", _CONVERT_MODEL),
)


class Implied(NamedTuple):
    """A parameter that is sent as ``value`` whatever was chosen, while ``other`` has ``other_value``."""

    name: str
    value: Value
    other: str
    other_value: Value
    message: str
    kinds: frozenset[Kind] = GENERATION


IMPLIED: tuple[Implied, ...] = (
    Implied("pbr", False, "texture", False, "PBR maps belong to a texture: switch Texture on"),
    Implied("force_symmetry", False, "quad", False, "Symmetry is kept by Quads only: switch Quads on", _CONVERT_MODEL),
    Implied(
        "flatten_bottom_threshold",
        0.01,
        "flatten_bottom",
        False,
        "The depth belongs to Flatten Bottom: switch it on",
        _CONVERT_MODEL,
    ),
)
"""With ``pbr=true`` a model gets a texture, and its price, even with ``texture=false`` (U). What has no effect on a
conversion is not sent: it might make it an advanced one."""


class Note(NamedTuple):
    """What is worth knowing about a combination of options that is allowed.

    It applies where every parameter in ``when`` has the given value, None for absent, and every one in ``outside`` is
    given and not within its bounds. ``name`` is the parameter that it is shown with.
    """

    name: str
    message: str
    when: Mapping[str, Value | None]
    outside: Mapping[str, tuple[int, int]] = {}
    kinds: frozenset[Kind] = GENERATION


NOTES: tuple[Note, ...] = (
    Note(
        "face_limit",
        "Without a face limit the model has 1.4 to 1.5 million triangles",  # C
        {"face_limit": None, "quad": False, "smart_low_poly": False},
    ),
    Note(
        "quad",
        "With Quads the model has at most 150,000 faces, whatever the face limit",  # U
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
    Note(
        "image",
        "An image alone may not work for a mesh that Tripo did not make: a prompt is safer",  # U
        {"image": True},
        kinds=_TEXTURE_MODEL,
    ),
    *(
        Note(
            "quad",
            "Only FBX and OBJ keep the quads: in this format they become triangles",  # B, U
            {"quad": True, "format": format_},
            kinds=_CONVERT_MODEL,
        )
        for format_ in ("GLTF", "USDZ", "STL")
    ),
    *(
        Note("format", "This format has no textures", {"format": format_}, kinds=_CONVERT_MODEL)  # B
        for format_ in ("STL", "3MF")
    ),
    Note(
        "face_limit",
        "Without a face limit, a model with Quads has at most 10,000 faces",  # U
        {"quad": True, "face_limit": None},
        kinds=_CONVERT_MODEL,
    ),
)
"""Shown beside the options; nothing is refused for them. One for a parameter that the endpoint lacks never applies."""
