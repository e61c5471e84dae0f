"""Where each kind of job is sent, what costs credits, and what the service refuses together."""

from __future__ import annotations

from collections.abc import Mapping

from ..record import Record
from .words import IMAGE, MULTIVIEW, TEXT, V3, Cost, Kind, ModelVersion, Value


class Endpoint(Record):
    """Where a kind of job is sent, what it costs at least, and which picture slots it takes."""

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
"""The service's order of views; the front is required (C: Tripo's own API).

Left is the subject's own left side, 90° from the front, and right is at 270° (C: Tripo's nodes for ComfyUI). Of
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
        "Generate a 3D model from one picture",
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


class Conflict(Record):
    """Two settings that the service refuses together; ``name`` is the one to grey out."""

    name: str
    value: Value
    other: str
    other_value: Value
    message: str


CONFLICTS: tuple[Conflict, ...] = (
    Conflict("quad", True, "generate_parts", True, "Quads and Parts cannot be combined: switch one of them off"),
    Conflict("generate_parts", True, "texture", True, "Parts come without texture: switch Texture off"),
    Conflict("generate_parts", True, "pbr", True, "Parts come without PBR maps: switch PBR off"),
)
