# SPDX-License-Identifier: GPL-3.0-or-later
"""Credit costs, as the API reference lists them ("Credit Costs" and "Option Surcharges")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

BASE_V3 = {"text-to-3d": 20, "image-to-3d": 40, "multiview-to-3d": 40}
BASE_P1 = {"text-to-3d": 60, "image-to-3d": 80, "multiview-to-3d": 80}
TEXTURE = {"standard": 20, "detailed": 40}
GEOMETRY_DETAILED = 40
SMART_LOW_POLY = 20
GENERATE_PARTS = 40
QUAD = 10


STYLE_IMAGE = 10
ADVANCED = (
    "face_limit",
    "flatten_bottom",
    "flatten_bottom_threshold",
    "pivot_to_center_bottom",
    "quad",
    "scale_factor",
    "texture_format",
    "texture_size",
)
"""What makes a conversion an advanced one, by Tripo's page; strictly taken: being sent at all, unless it is false."""


def tool_cost(tool: str, sent: Mapping[str, Any]) -> int:
    """Credits of a mesh tool. `sent` are the parameters that were sent, images among them. Quads come on top of an
    advanced conversion, which the pages leave open."""
    if tool == "mesh-segmentation":
        return 80
    if tool == "texture-model":
        detailed = sent.get("texture_quality") == "detailed"
        return (40 if detailed else 20) + STYLE_IMAGE * ("style_image" in sent or "style_image_url" in sent)
    advanced = any(name in sent and sent[name] is not False for name in ADVANCED)
    return (20 if advanced else 10) + QUAD * bool(sent.get("quad"))


def generation_cost(tool: str, version: str, parameters: Mapping[str, Any]) -> int:
    """Credits of one generation. `parameters` are the validated ones, with their defaults filled in."""
    cost = (BASE_P1 if version == "p1" else BASE_V3)[tool]
    if parameters["texture"]:
        cost += TEXTURE[parameters["texture_quality"]]
    if version == "p1":
        return cost
    if parameters["geometry_quality"] == "detailed":
        cost += GEOMETRY_DETAILED
    if parameters["smart_low_poly"]:
        cost += SMART_LOW_POLY
    if parameters["generate_parts"]:
        cost += GENERATE_PARTS
    if parameters["quad"]:
        cost += QUAD
    return cost
