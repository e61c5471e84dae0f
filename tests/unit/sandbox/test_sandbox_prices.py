"""The worked examples of the API reference, and every surcharge by itself."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.prices import generation_cost
from sandbox.rules import ENDPOINTS, validate

URL = {"image_url": "https://example.com/a.png"}
BODIES: dict[str, dict[str, Any]] = {
    "text-to-3d": {"prompt": "x"},
    "image-to-3d": URL,
    "multiview-to-3d": {"images": [URL, URL]},
}
DETAILED = {"texture_quality": "detailed", "geometry_quality": "detailed"}
BARE = {"texture": False, "pbr": False}
PARTS = {**BARE, "generate_parts": True}


@pytest.mark.parametrize(("tool", "version", "options", "credits"), [
    ("text-to-3d", "3.0", {}, 40),
    ("image-to-3d", "3.0", {}, 60),
    ("multiview-to-3d", "3.0", {}, 60),
    ("text-to-3d", "3.1", DETAILED, 100),
    ("image-to-3d", "3.1", DETAILED, 120),
    ("text-to-3d", "3.0", {"quad": True}, 50),
    ("text-to-3d", "3.0", {"smart_low_poly": True}, 60),
    ("text-to-3d", "3.0", BARE, 20),
    ("image-to-3d", "3.0", BARE, 40),
    ("text-to-3d", "3.0", {**BARE, "texture_quality": "detailed"}, 20),
    ("text-to-3d", "3.0", {"texture_quality": "detailed"}, 60),
    ("text-to-3d", "3.0", PARTS, 60),
    ("multiview-to-3d", "3.1", {**PARTS, "geometry_quality": "detailed", "smart_low_poly": True}, 140),
    ("text-to-3d", "p1", {}, 80),
    ("image-to-3d", "p1", {}, 100),
    ("multiview-to-3d", "p1", {}, 100),
    ("text-to-3d", "p1", {"texture_quality": "detailed"}, 100),
    ("text-to-3d", "p1", BARE, 60),
    ("text-to-3d", "3.0", {"texture": False}, 40),  # PBR makes a texture all the same
    ("image-to-3d", "p1", {"texture": False, "texture_quality": "detailed"}, 120),
])  # fmt: skip
def test_cost(tool: str, version: str, options: dict[str, Any], credits: int) -> None:
    accepted = validate(ENDPOINTS[tool, version], BODIES[tool] | options)
    assert generation_cost(tool, version, accepted.parameters) == credits
