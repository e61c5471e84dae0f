"""The prices of the service's "Credit Costs" tables and worked examples."""

from __future__ import annotations

import pytest

from client.schema import Kind, ModelVersion, Value
from client.schema.pricing import price

V30, V31, P1 = ModelVersion.V3_0, ModelVersion.V3_1, ModelVersion.P1
DETAILED: dict[str, Value] = {"texture_quality": "detailed", "geometry_quality": "detailed"}

EXAMPLES: list[tuple[str, Kind, ModelVersion, dict[str, Value], int]] = [
    ("text default", Kind.TEXT, V30, {}, 40),
    ("image default", Kind.IMAGE, V30, {}, 60),
    ("text detailed texture and geometry", Kind.TEXT, V30, DETAILED, 100),
    ("image detailed texture and geometry", Kind.IMAGE, V30, DETAILED, 120),
    ("text standard + quad", Kind.TEXT, V30, {"quad": True}, 50),
    ("text standard + smart low poly", Kind.TEXT, V30, {"smart_low_poly": True}, 60),
    ("text without texture", Kind.TEXT, V30, {"texture": False}, 20),
    ("image without texture", Kind.IMAGE, V30, {"texture": False}, 40),
    ("P1 text default", Kind.TEXT, P1, {}, 80),
    ("P1 image default", Kind.IMAGE, P1, {}, 100),
    ("v3.1 costs as v3.0", Kind.TEXT, V31, {}, 40),
    ("multiview default", Kind.MULTIVIEW, V31, {}, 60),
    ("P1 multiview default", Kind.MULTIVIEW, P1, {}, 100),
    ("P1 detailed texture", Kind.TEXT, P1, {"texture_quality": "detailed"}, 100),
    ("P1 without texture", Kind.TEXT, P1, {"texture": False}, 60),
    ("quality of a texture that is off", Kind.TEXT, V30, {"texture": False, "texture_quality": "detailed"}, 20),
    ("parts", Kind.TEXT, V30, {"generate_parts": True, "texture": False, "pbr": False}, 60),
    (
        "everything dear",
        Kind.IMAGE,
        V31,
        {**DETAILED, "quad": True, "smart_low_poly": True},
        150,
    ),
    ("free options", Kind.TEXT, V30, {"face_limit": 5000, "auto_size": True, "compress": "geometry"}, 40),
]


@pytest.mark.parametrize(
    ("kind", "version", "given", "credits"), [e[1:] for e in EXAMPLES], ids=[e[0] for e in EXAMPLES]
)
def test_price(kind: Kind, version: ModelVersion, given: dict[str, Value], credits: int) -> None:
    assert price(kind, version, given).total == credits


def test_the_breakdown_names_what_costs() -> None:
    lines = price(Kind.TEXT, V30, {"quad": True, **DETAILED}).lines
    assert [(line.label, line.credits) for line in lines] == [
        ("Text to 3D 3.0", 20),
        ("Detailed Texture", 40),
        ("Detailed Geometry", 40),
        ("Quads", 10),
    ]
